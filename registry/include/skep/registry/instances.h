/// Instances: register, renew, read and unregister the instances of one tenant's microservices.
///
/// Reached through Registry::instances(); copying is cheap. Source of all rules: API manual 8.5 and
/// 10.1.2, spec sections 6.1 to 6.10 named at each function.
///
/// Leases: an instance lives interval * (times + 1) seconds beyond its last heartbeat (120 s by
/// default), by the engine's clock. When a lease ends, the instance is gone from every answer.
///
/// Thread-safety: any thread. Heartbeats take no exclusive lock and allocate nothing.
#ifndef SKEP_REGISTRY_INSTANCES_H_
#define SKEP_REGISTRY_INSTANCES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "skep/ack.h"
#include "skep/clock.h"
#include "skep/registry/discovery.h"
#include "skep/registry/types.h"
#include "skep/result.h"

namespace skep {

/// One lease, looked up once: what a heartbeat needs, and nothing else. Stays usable for as long as
/// the instance's id names an instance of that microservice, also after it came back; where the id
/// is not 128 bits, until that instance ends.
class LeaseRef {
 public:
  LeaseRef() = default;
  LeaseRef(std::uint64_t hi, std::uint64_t lo, std::uint64_t owner)
      : hi_(hi), lo_(lo), owner_(owner) {}

  std::uint64_t hi() const { return hi_; }
  std::uint64_t lo() const { return lo_; }
  std::uint64_t owner() const { return owner_; }

 private:
  std::uint64_t hi_ = 0;
  std::uint64_t lo_ = 0;
  std::uint64_t owner_ = 0;
};

struct HeartbeatTarget {
  ServiceIdView service_id{std::string_view()};
  InstanceIdView instance_id{std::string_view()};
};

struct BatchStatusChange {
  std::size_t changed = 0;  ///< Instances that had another status before.
  Revision revision{};      ///< Of the last of these; none where there was none.
};

class Instances {
 public:
  Instances(core::RegistryCore* core, const core::TenantHandle* tenant)
      : core_(core), tenant_(tenant) {}

  /// Registers an instance (6.1 to 6.3). Defaults: status UP, health check push/30/3; a push
  /// interval below 5 s and times below 3 are raised, pull gets 30/3; the version is the
  /// microservice's. With the id of a live instance, or without an id but with host and endpoints
  /// of one (RegistryOptions), that one's content is replaced and its lease renewed; equal content
  /// is a heartbeat and no change. The time of creation stays. A status that was set by SetStatus
  /// is overwritten, too.
  /// Errors: kInvalidParams; kNotEnoughQuota; kServiceNotExists.
  Result<Written<InstanceId>> Register(ServiceIdView service_id, InstanceSpec spec,
                                       Ack ack = Ack::kDurable);

  /// Ends an instance (6.6). Errors: kInstanceNotExists.
  Result<Revision> Unregister(ServiceIdView service_id, InstanceIdView id, Ack ack = Ack::kDurable);

  /// Sets the status that others see (6.8). The lease stays as it is; revisions move. Registering
  /// the instance again overwrites it. Errors: kInvalidParams (kUnset); kInstanceNotExists.
  Result<Revision> SetStatus(ServiceIdView service_id, InstanceIdView id, InstanceStatus status,
                             Ack ack = Ack::kDurable);

  /// Puts `properties` in the place of all that the instance has (6.7). Registering the instance
  /// again overwrites them. Errors: kInstanceNotExists.
  Result<Revision> SetProperties(ServiceIdView service_id, InstanceIdView id,
                                 const Properties& properties, Ack ack = Ack::kDurable);

  /// Sets the status of every instance of the tenant whose properties contain all of `matching`
  /// (6.11); empty: of every one. Instances without a lease, which stand for this process itself,
  /// are left alone. The time of modification stays. It goes in steps, between which other writes
  /// get their turn: an instance that is registered meanwhile may be left out.
  /// Errors: kInvalidParams (kUnset).
  Result<BatchStatusChange> SetStatusWhere(const Properties& matching, InstanceStatus status,
                                           Ack ack = Ack::kDurable);

  /// Renews the lease (6.4). No change: revisions stay. Errors: kInstanceNotExists, also for an
  /// unknown microservice. The second form spares reading the clock: `now` is the engine's
  /// Clock::Now(), up to a second old.
  Status Heartbeat(ServiceIdView service_id, InstanceIdView id);
  Status Heartbeat(ServiceIdView service_id, InstanceIdView id, MonotonicTime now);

  /// The lease of a live instance. Errors: kInstanceNotExists.
  Result<LeaseRef> Lease(ServiceIdView service_id, InstanceIdView id) const;

  /// Renews a lease that was looked up before. False: it has ended; register again.
  [[nodiscard]] bool Renew(const LeaseRef& lease, MonotonicTime now);

  /// Renews many leases (6.5): for each target whether its instance is there.
  std::vector<bool> HeartbeatSet(std::span<const HeartbeatTarget> targets);

  /// One instance (6.10). With a consumer (may be empty) the provider must be visible to it, with
  /// `tags` it must have every one of these keys. Errors: kInvalidParams (a tag);
  /// kServiceNotExists for an unknown consumer or microservice; kInstanceNotExists, also where the
  /// consumer may not see it or a tag is missing.
  Result<Instance> Get(ServiceIdView service_id, InstanceIdView id,
                       ServiceIdView consumer = ServiceIdView(std::string_view()),
                       std::span<const std::string_view> tags = {}) const;

  /// The instances of one microservice, whatever their status (6.9).
  /// Errors: kServiceNotExists for an unknown consumer or microservice, and where the consumer may
  /// not see it or it lacks one of the tags.
  Result<FindResult> List(ServiceIdView service_id, const ListQuery& query = {}) const;

 private:
  core::RegistryCore* core_;
  const core::TenantHandle* tenant_;
};

}  // namespace skep

#endif  // SKEP_REGISTRY_INSTANCES_H_
