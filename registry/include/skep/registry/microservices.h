/// Microservices: register, read and delete the microservices of one tenant.
///
/// Reached through Registry::microservices(); copying is cheap. Source of all rules: API manual
/// 8.3 and 10.1.1, spec sections 3.1 to 3.10 named at each function.
///
/// Thread-safety: any thread. Reads never wait for writes of other shards.
#ifndef SKEP_REGISTRY_MICROSERVICES_H_
#define SKEP_REGISTRY_MICROSERVICES_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "skep/ack.h"
#include "skep/registry/types.h"
#include "skep/result.h"

namespace skep {

namespace core {
class RegistryCore;
struct TenantHandle;
}  // namespace core

using MicroservicePtr = std::shared_ptr<const Microservice>;

enum class SharedServices { kHide, kShow };

enum class DeleteMode {
  kSafe,   ///< Refuses while it has instances or others depend on it.
  kForce,  ///< Takes its instances along.
};

struct ExistenceQuery {
  std::string_view environment{};
  std::string_view app_id{};
  std::string_view name{};  ///< The name, or the alias where nothing has that name.
  std::string_view version{};
};

/// What became of one of a batch.
struct ServiceDeletion {
  std::string id;
  Result<Revision> deleted;
};

class Microservices {
 public:
  Microservices(core::RegistryCore* core, const core::TenantHandle* tenant)
      : core_(core), tenant_(tenant) {}

  /// Registers `service` (3.1 to 3.3). Defaults: app "default", version "0.0.1", level BACK, status
  /// UP; the id is the SHA-1 of the key. One with this key that is there already stays untouched
  /// and its id is returned; so does the one that owns the alias in this version.
  /// Errors: kInvalidParams where a field breaks its rule; kNotEnoughQuota, also for one that
  /// exists; kServiceAlreadyExists where the given id and the key belong to different ones.
  Result<Written<ServiceId>> Register(Microservice service, Ack ack = Ack::kDurable);

  /// The microservice with this id (3.6). Errors: kInvalidParams (an id of no byte, over 64
  /// characters, or with white space); kServiceNotExists.
  Result<MicroservicePtr> Get(ServiceIdView id) const;

  /// All of them, in no order that means anything, but the same for the same state (3.5). In
  /// default/default the shared ones only on demand.
  std::vector<MicroservicePtr> List(SharedServices shared = SharedServices::kHide) const;

  /// The id under an exact key (3.10). Errors: kInvalidParams; kServiceNotExists where nothing has
  /// the name; kServiceVersionNotExists where others of that name exist.
  Result<ServiceId> Exists(const ExistenceQuery& query) const;

  /// Puts `properties` in the place of all that it has and sets its time of modification (3.9). The
  /// lists that it is found in get another version only where allowCrossApp changes.
  /// Errors: kInvalidParams (the id); kServiceNotExists.
  Result<Revision> SetProperties(ServiceIdView id, Properties properties, Ack ack = Ack::kDurable);

  /// Deletes one with all that belongs to it (3.7). Errors: kInvalidParams; kServiceNotExists;
  /// unless forced kServiceHasConsumers (itself does not count) and kServiceHasInstances.
  Result<Revision> Delete(ServiceIdView id, DeleteMode mode = DeleteMode::kSafe,
                          Ack ack = Ack::kDurable);

  /// Deletes several, one after the other, and tells of each what came of it (3.8), in the order
  /// given, an id that comes twice once. Errors, and then none is deleted: kInvalidParams (no id,
  /// or an invalid one).
  Result<std::vector<ServiceDeletion>> DeleteMany(std::span<const std::string_view> ids,
                                                  DeleteMode mode = DeleteMode::kSafe,
                                                  Ack ack = Ack::kDurable);

 private:
  core::RegistryCore* core_;
  const core::TenantHandle* tenant_;
};

}  // namespace skep

#endif  // SKEP_REGISTRY_MICROSERVICES_H_
