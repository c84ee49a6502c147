// RegistryCore: the views of a console. They share nothing with finds but the records, and copy
// what they need of a tenant in steps, so that no writer waits for a view.
#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "registry/core/errors.h"
#include "registry/core/registry_core.h"
#include "registry/core/validation.h"

namespace skep::core {
namespace {

// Microservices under one hold of a tenant's lock.
constexpr std::size_t kServicesPerStep = 1'024;

std::size_t CountInstances(const ServiceEntry& service) {
  base::MutexLock lock(&service.mu);
  return service.instances.size() - service.free_places.size();
}

bool Matches(const Microservice& service, const ServiceFilter& filter) {
  auto fits = [](std::string_view wanted, std::string_view value) {
    return wanted.empty() || wanted == value;
  };
  return fits(filter.environment, service.environment) && fits(filter.app_id, service.app_id) &&
         fits(filter.name, service.name) &&
         std::ranges::all_of(filter.properties, [&service](const auto& wanted) {
           const auto at = service.properties.find(wanted.first);
           return at != service.properties.end() && at->second == wanted.second;
         });
}

std::size_t ItemsOf(const ServiceDetail& detail) {
  return 1 + detail.instances.size() + detail.provider_keys.size() + detail.providers.size() +
         detail.consumers.size() + detail.schemas.size();
}

MicroserviceKey ToMicroserviceKey(const FamilyKey& key, const Tenant& tenant) {
  return {.tenant = tenant.domain + "/" + tenant.project,
          .environment = std::string(ToString(key.environment)),
          .app_id = std::string(key.app_id),
          .name = std::string(key.name)};
}

}  // namespace

std::vector<ServiceRef> RegistryCore::ServicesOf(const TenantEntry& tenant) {
  std::vector<ServiceRef> all;
  std::uint64_t next = 0;
  for (bool more = true; more;) {
    base::MutexLock lock(&tenant.mu);
    auto at = tenant.services.lower_bound(next);
    for (std::size_t i = 0; i < kServicesPerStep && at != tenant.services.end(); ++i, ++at) {
      all.push_back(at->second);
    }
    more = at != tenant.services.end();
    if (more) next = at->first;
  }
  return all;
}

std::vector<ServiceRef> RegistryCore::ServicesOf(const TenantHandle& handle,
                                                 SharedServices shared) const {
  const TenantEntry* tenant = tenants_.Get(handle);
  if (tenant == nullptr) return {};
  std::vector<ServiceRef> all = ServicesOf(*tenant);
  if (shared == SharedServices::kHide) {
    std::erase_if(all, [](const ServiceRef& service) { return service->shared; });
  }
  return all;
}

void RegistryCore::FillDependencies(const TenantHandle& tenant, const ServiceEntry& service,
                                    DependencyPart part, ServiceDetail* detail) const {
  if (part == DependencyPart::kNone) return;
  for (const std::string& text : dependencies_.ProvidersOf(service.serial)) {
    detail->provider_keys.push_back(ToMicroserviceKey(DependencyGraph::KeyOf(text), tenant.tenant));
  }
  if (part == DependencyPart::kKeys) return;
  const SelfDependency self =
      part == DependencyPart::kAll ? SelfDependency::kShow : SelfDependency::kHide;
  for (const ServiceRef& provider : ProvidersOf(service, self)) {
    detail->providers.push_back(provider->record());
  }
  detail->consumers = ConsumersOf(tenant, service, self);
}

Result<ServiceDetail> RegistryCore::DescribeService(const TenantHandle& tenant,
                                                    std::string_view id) const {
  const Result<ServiceRef> found = ServiceOf(tenant, id);
  if (!found.ok()) return found.error();
  const ServiceRef& service = *found;
  ServiceDetail detail{.service = service->record()};
  AppendInstances(*service, &detail.instances);
  bool is_member = false;
  for (const ServiceRef& member : families_.Members(FamilyOf(*service))) {
    detail.versions.push_back(member->version);
    is_member = is_member || member.get() == service.get();
  }
  if (!is_member) return ServiceNotExists(id, tenant.tenant);  // Deleted meanwhile.
  FillDependencies(tenant, *service, DependencyPart::kAll, &detail);
  detail.tags = TagsOf(*service);
  detail.schemas = SchemasOf(*service);
  detail.rules = RulesOf(*service);
  return detail;
}

Result<std::vector<ServiceDetail>> RegistryCore::DescribeServices(const TenantHandle& tenant,
                                                                  const ServiceFilter& filter,
                                                                  const DetailParts& parts) const {
  std::vector<ServiceDetail> details;
  std::size_t items = 0;
  for (const ServiceRef& service : ServicesOf(tenant, filter.shared)) {
    ServiceDetail detail{.service = service->record()};
    if (!Matches(*detail.service, filter)) continue;
    if (parts.instances == InstancePart::kAll) AppendInstances(*service, &detail.instances);
    if (parts.instances == InstancePart::kCount) detail.instance_count = CountInstances(*service);
    FillDependencies(tenant, *service, parts.dependencies, &detail);
    if (parts.tags) detail.tags = TagsOf(*service);
    if (parts.schemas) detail.schemas = SchemasOf(*service);
    items += ItemsOf(detail);
    if (items > kGovernItemsMax) return AnswerTooLong(kGovernItemsMax, tenant.tenant);
    details.push_back(std::move(detail));
  }
  return details;
}

Result<RelationGraph> RegistryCore::Relations(const TenantHandle& tenant,
                                              SharedServices shared) const {
  RelationGraph graph;
  for (const ServiceRef& service : ServicesOf(tenant, shared)) {
    const MicroservicePtr consumer = service->record();
    graph.services.push_back(consumer);
    for (const ServiceRef& provider : ProvidersOf(*service, SelfDependency::kHide)) {
      if (provider->shared && shared == SharedServices::kHide) continue;
      graph.relations.push_back({consumer, provider->record()});
    }
    if (graph.services.size() + graph.relations.size() > kGovernItemsMax) {
      return AnswerTooLong(kGovernItemsMax, tenant.tenant);
    }
  }
  return graph;
}

Result<std::vector<std::string>> RegistryCore::Apps(const TenantHandle& tenant,
                                                    std::string_view environment,
                                                    SharedServices shared) const {
  const Result<Environment> wanted = CheckEnvironment(environment);
  if (!wanted.ok()) return wanted.error();
  std::vector<std::string> apps;
  for (const ServiceRef& service : ServicesOf(tenant, shared)) {
    if (service->environment == *wanted) apps.push_back(service->app_id);
  }
  std::ranges::sort(apps);
  apps.erase(std::ranges::unique(apps).begin(), apps.end());
  return apps;
}

RegistryStatistics RegistryCore::Statistics(const TenantHandle& tenant,
                                            SharedServices shared) const {
  using Key = std::tuple<Environment, std::string_view, std::string_view>;
  const std::vector<ServiceRef> services = ServicesOf(tenant, shared);
  absl::flat_hash_map<Key, bool> online;  // The keys borrow from `services`.
  absl::flat_hash_set<std::string_view> apps;
  RegistryStatistics statistics;
  for (const ServiceRef& service : services) {
    const std::size_t instances = CountInstances(*service);
    statistics.instances += instances;
    bool& is_online = online[Key(service->environment, service->app_id, service->name)];
    is_online = is_online || instances > 0;
    apps.insert(service->app_id);
  }
  statistics.services = online.size();
  statistics.online_services = static_cast<std::size_t>(
      std::ranges::count_if(online, [](const auto& entry) { return entry.second; }));
  statistics.apps = apps.size();
  return statistics;
}

}  // namespace skep::core
