/// Dependencies: which microservice calls which.
///
/// Reached through Registry::dependencies(); copying is cheap. A consumer is one microservice; what
/// it depends on is a name, which means all its versions. Relations come from here and from finds
/// with a consumer (Discovery::Find); the queries answer with both. They go with their consumer. A
/// provider need not exist: the relation waits for it. Source of the rules: API manual 8.6, spec
/// section 8.
///
///   registry.dependencies().Add({{{.consumer = {.app_id = "shop", .name = "web",
///                                               .version = "1.0.0"},
///                                  .providers = {{.name = "cart"}}}}});
///
/// Thread-safety: any thread. Queries never wait for a writer's work.
#ifndef SKEP_REGISTRY_DEPENDENCIES_H_
#define SKEP_REGISTRY_DEPENDENCIES_H_

#include <cstddef>
#include <span>
#include <vector>

#include "skep/ack.h"
#include "skep/registry/microservices.h"
#include "skep/registry/types.h"
#include "skep/result.h"

namespace skep {

/// Limits of one call of Add or Override.
inline constexpr std::size_t kDependenciesMax = 100;
inline constexpr std::size_t kDependencyProvidersMax = 5'000;  ///< Of all its consumers together.

/// One consumer and what it calls. A key's tenant is the caller's own: empty, or spelled out.
struct Dependency {
  /// Its version is exact.
  MicroserviceKey consumer{};
  /// An empty app is the consumer's; an empty environment is the empty one. A version is checked
  /// ("1.0.0", "1.0.0+", "1.0.0-2.0.0", "latest" or none) and means nothing: all versions are
  /// meant.
  std::vector<MicroserviceKey> providers{};
};

enum class SelfDependency { kShow, kHide };

class Dependencies {
 public:
  Dependencies(core::RegistryCore* core, const core::TenantHandle* tenant)
      : core_(core), tenant_(tenant) {}

  /// Adds providers to what each consumer has: all of them, or on an error none (8.1, 8.2). Returns
  /// the revision at which they hold; repeating what is there changes nothing.
  /// Errors: kInvalidParams (a field breaks its rule; a key of another tenant; no dependency, one
  /// without a provider, or more than the limits; one provider twice under a consumer);
  /// kServiceNotExists where a consumer is not there in this version, by its name or else alias;
  /// kNotEnoughQuota where a consumer would have more than RegistryOptions::providers_max.
  Result<Revision> Add(std::span<const Dependency> dependencies, Ack ack = Ack::kDurable);

  /// The same, but each consumer's providers are replaced, those from finds, too; none clears them.
  /// The consumer's next find records anew.
  Result<Revision> Override(std::span<const Dependency> dependencies, Ack ack = Ack::kDurable);

  /// The microservices that a consumer depends on, every version of them that is there now (8.5).
  /// Errors: kInvalidParams; kServiceNotExists for an unknown consumer.
  Result<std::vector<MicroservicePtr>> Providers(ServiceIdView consumer,
                                                 SelfDependency self = SelfDependency::kShow) const;

  /// The microservices that depend on a provider, in any of its versions (8.5).
  /// Errors: kInvalidParams; kServiceNotExists for an unknown provider.
  Result<std::vector<MicroservicePtr>> Consumers(ServiceIdView provider,
                                                 SelfDependency self = SelfDependency::kShow) const;

 private:
  core::RegistryCore* core_;
  const core::TenantHandle* tenant_;
};

}  // namespace skep

#endif  // SKEP_REGISTRY_DEPENDENCIES_H_
