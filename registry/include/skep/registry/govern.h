/// Govern: the views that a console needs, over many microservices at once.
///
/// Reached through Registry::govern(); copying is cheap. For people who look at a registry, not for
/// programs that call each other: every view walks all microservices of its tenant, in steps
/// between which writers get their turn. So an answer is no one moment of the whole tenant; what it
/// says of one microservice's instances is. Source: API manual 8.7, spec section 11.
///
///   for (const ServiceDetail& detail :
///        registry.govern().List({.app_id = "shop"}, {.instances = InstancePart::kCount}).value())
///        {
///     Show(detail.service->name, *detail.instance_count);
///   }
///
/// Thread-safety: any thread. Finds and heartbeats never wait for a view.
#ifndef SKEP_REGISTRY_GOVERN_H_
#define SKEP_REGISTRY_GOVERN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "skep/registry/microservices.h"
#include "skep/registry/rules.h"
#include "skep/registry/schemas.h"
#include "skep/registry/tags.h"
#include "skep/registry/types.h"
#include "skep/result.h"
#include "skep/tenant.h"

namespace skep {

/// Microservices, instances and relations in one answer, all together.
inline constexpr std::size_t kGovernItemsMax = 500'000;

/// A microservice and what stands around it.
struct ServiceDetail {
  MicroservicePtr service{};
  /// The versions of all with its environment, app and name, its own among them. By Get alone.
  std::vector<std::string> versions{};
  std::vector<Instance> instances{};
  std::optional<std::size_t> instance_count{};  ///< By InstancePart::kCount alone.
  /// What it depends on, as it was declared or found: names, there or not.
  std::vector<MicroserviceKey> provider_keys{};
  std::vector<MicroservicePtr> providers{};  ///< Those of provider_keys that are there.
  std::vector<MicroservicePtr> consumers{};
  TagsPtr tags{};                    ///< Null where they were not asked for.
  std::vector<SchemaPtr> schemas{};  ///< As Schemas::List has them.
  std::vector<Rule> rules{};         ///< By Get alone.
};

enum class InstancePart : std::uint8_t { kNone, kCount, kAll };

enum class DependencyPart : std::uint8_t {
  kNone,
  kKeys,    ///< provider_keys.
  kOthers,  ///< All three; it is not its own provider or consumer.
  kAll,
};

/// Which parts of a ServiceDetail are filled in; the microservice always is.
struct DetailParts {
  InstancePart instances = InstancePart::kNone;
  DependencyPart dependencies = DependencyPart::kNone;
  bool tags = false;
  bool schemas = false;
};

/// Which microservices are meant. Comparisons are exact; an empty member matches everything. The
/// views are borrowed for the call.
struct ServiceFilter {
  std::string_view environment{};
  std::string_view app_id{};
  std::string_view name{};
  Properties properties{};  ///< It has all of these.
  SharedServices shared = SharedServices::kHide;
};

/// Versions of one microservice (its environment, app and name) count once.
struct RegistryStatistics {
  std::size_t services = 0;
  std::size_t online_services = 0;  ///< With an instance.
  std::size_t instances = 0;
  std::size_t apps = 0;
};

struct Relation {
  MicroservicePtr consumer{};
  MicroservicePtr provider{};
};

struct RelationGraph {
  std::vector<MicroservicePtr> services{};
  std::vector<Relation> relations{};
};

class Govern {
 public:
  Govern(core::RegistryCore* core, const core::TenantHandle* tenant)
      : core_(core), tenant_(tenant) {}

  /// All there is about one microservice; it may be its own provider and consumer (11.1).
  /// Errors: kInvalidParams; kServiceNotExists.
  Result<ServiceDetail> Get(ServiceIdView id) const;

  /// The microservices that the filter lets through, in order of their registration (11.2). None is
  /// an empty answer. Errors: kNotEnoughQuota where there are more than kGovernItemsMax items.
  Result<std::vector<ServiceDetail>> List(const ServiceFilter& filter,
                                          const DetailParts& parts) const;

  /// Who depends on whom; nobody on itself (11.3). Errors: kNotEnoughQuota as above.
  Result<RelationGraph> Relations(SharedServices shared = SharedServices::kHide) const;

  /// The apps with a microservice in exactly this environment, sorted; an empty one is the empty
  /// environment (11.4). Errors: kInvalidParams where it is none.
  Result<std::vector<std::string>> Apps(std::string_view environment,
                                        SharedServices shared = SharedServices::kHide) const;

  /// Counts of the tenant (11.5).
  RegistryStatistics Statistics(SharedServices shared = SharedServices::kHide) const;

  /// The tenants of the whole engine, sorted: default/default, and each that was written to.
  std::vector<Tenant> Tenants() const;

 private:
  core::RegistryCore* core_;
  const core::TenantHandle* tenant_;
};

}  // namespace skep

#endif  // SKEP_REGISTRY_GOVERN_H_
