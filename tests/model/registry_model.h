// RegistryModel: what a registry has to answer, worked out the slow and obvious way.
//
// Microservices and instances lie in plain vectors, every question walks all of them, and a lease
// is the time of its last heartbeat: no hashes, indexes, wheels or cached lists. The rules are the
// ones that the public headers state. Where these leave the registry a choice (a generated id, the
// order of expiries within one millisecond) the model says what is allowed and is told what was
// chosen.
#ifndef SKEP_TESTS_MODEL_REGISTRY_MODEL_H_
#define SKEP_TESTS_MODEL_REGISTRY_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "skep/registry/errors.h"
#include "skep/registry/options.h"
#include "skep/registry/types.h"
#include "skep/tenant.h"

namespace skep::testing {

/// A revision, or the bounds of one that depends on an order nobody promises.
struct Revisions {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

struct ModelInstance {
  std::string id;
  InstanceSpec spec{};  ///< With its defaults filled in.
  std::uint64_t serial = 0;
  std::uint64_t revision = 0;
  std::int64_t created_s = 0;
  std::int64_t modified_s = 0;
  Millis lease{0};  ///< Zero: none.
  Millis last_beat{0};
};

/// Tenant, environment, app, name.
using ModelFamily = std::tuple<Tenant, std::string, std::string, std::string>;

struct ModelService {
  Tenant tenant;
  Microservice record;  ///< With its defaults filled in.
  std::uint64_t serial = 0;
  Revisions last_change{};
  std::vector<ModelInstance> instances{};

  ModelFamily name_family() const {
    return {tenant, record.environment, record.app_id, record.name};
  }
  ModelFamily alias_family() const {
    return {tenant, record.environment, record.app_id, record.alias};
  }
  bool allows_cross_app() const;
};

/// What a find or a list has to answer.
struct ModelAnswer {
  ModelFamily family;
  std::vector<std::pair<const ModelService*, const ModelInstance*>> instances;
};

template <class T>
struct Expected {
  std::optional<RegistryErrc> error{};
  T value{};
};

class RegistryModel {
 public:
  /// `first` is the first change's revision, `now` the clock's at the engine's opening.
  RegistryModel(RegistryOptions options, std::uint64_t first, Millis now, WallTime wall);

  // Microservices

  struct ServiceWritten {
    std::string id;
    Revisions at;
  };
  /// The spec is valid and has its defaults.
  Expected<ServiceWritten> RegisterService(const Tenant& tenant, const Microservice& service);
  Expected<std::uint64_t> DeleteService(const Tenant& tenant, std::string_view id, bool force);
  const ModelService* FindService(const Tenant& tenant, std::string_view id) const;
  std::vector<const ModelService*> ListServices(const Tenant& tenant, bool shared_too) const;
  Expected<std::string> Exists(const ModelFamily& family, std::string_view version) const;

  // Instances

  /// What a registration may do. Whoever asks tells what was chosen by Registered().
  struct Registration {
    std::optional<RegistryErrc> error;
    /// The ids one of which must be given. Empty: one that was never there before.
    std::vector<std::string> ids;
  };
  /// An id of "" is none. The spec is valid and has its defaults.
  Registration BeforeRegister(const Tenant& tenant, std::string_view service_id,
                              std::string_view id, const InstanceSpec& spec) const;
  const ModelInstance& Registered(const Tenant& tenant, std::string_view service_id,
                                  const std::string& id, const InstanceSpec& spec);
  /// The revision, or nothing where there is no such instance.
  std::optional<std::uint64_t> Unregister(const Tenant& tenant, std::string_view service_id,
                                          std::string_view id);
  /// The same.
  std::optional<std::uint64_t> SetStatus(const Tenant& tenant, std::string_view service_id,
                                         std::string_view id, InstanceStatus status);
  /// Null where there is none.
  const ModelInstance* FindInstance(const Tenant& tenant, std::string_view service_id,
                                    std::string_view id) const;
  /// Whether there is one.
  bool Heartbeat(const Tenant& tenant, std::string_view service_id, std::string_view id);

  /// Ends every lease that ends within.
  void Advance(Millis by);

  // Discovery. A consumer of "" is nobody; `tagged` asks for a tag, which no microservice has.

  Expected<ModelAnswer> Find(const ModelFamily& family, std::string_view consumer, bool tagged);
  Expected<ModelAnswer> List(const Tenant& tenant, std::string_view service_id,
                             std::string_view consumer, bool tagged) const;
  Expected<const ModelInstance*> Get(const Tenant& tenant, std::string_view service_id,
                                     std::string_view id, std::string_view consumer) const;
  /// The change that a family's answers were last altered by. REQUIRES: something has the name.
  Revisions LastChangeOf(const ModelFamily& family) const { return touched_.at(family); }
  /// It turned out to be this one.
  void Observe(const ModelFamily& family, std::uint64_t revision) {
    touched_[family] = {revision, revision};
  }

  // Sizes

  std::uint64_t revision() const { return revision_; }
  std::size_t tenant_count() const { return tenants_.size(); }
  std::size_t service_count() const { return services_.size(); }
  std::size_t instance_count() const;
  std::uint64_t expired_count() const { return expired_; }
  const std::vector<ModelService>& services() const { return services_; }
  std::int64_t wall_seconds() const;

 private:
  ModelService* FindMutable(const Tenant& tenant, std::string_view id);
  std::vector<const ModelService*> Members(const ModelFamily& family) const;
  bool IsShared(const Tenant& tenant, std::string_view app, std::string_view name) const;
  bool IsVisible(const ModelService& provider, const ModelService* consumer) const;
  bool HasConsumersBut(const ModelService& service) const;
  void Touch(const ModelService& service, Revisions revision);
  void ExpireTogether(const std::vector<std::pair<ModelService*, std::uint64_t>>& ended);
  void RecordDependency(ModelService* consumer, const std::vector<const ModelService*>& visible);

  const RegistryOptions options_;
  std::uint64_t revision_;
  std::uint64_t last_serial_ = 0;
  std::uint64_t expired_ = 0;
  Millis now_;
  const WallTime wall_start_;
  const Millis start_;
  std::set<Tenant> tenants_;
  std::vector<ModelService> services_;
  std::map<ModelFamily, Revisions> touched_;
  std::set<std::pair<std::uint64_t, ModelFamily>> depends_;  ///< Consumer's serial, provider.
};

/// All that is said of an instance, as one line, in the same form for both.
std::string Describe(const Instance& instance);
std::string Describe(const ModelService& service, const ModelInstance& instance);

}  // namespace skep::testing

#endif  // SKEP_TESTS_MODEL_REGISTRY_MODEL_H_
