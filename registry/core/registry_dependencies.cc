// RegistryCore: dependencies that are declared, and the queries over all of them. Those that finds
// record are in registry_discovery.cc.
#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "registry/core/errors.h"
#include "registry/core/registry_core.h"
#include "registry/core/registry_records.h"
#include "registry/core/validation.h"

namespace skep::core {
namespace {

// Consumers looked up under one hold of their tenant's lock.
constexpr std::size_t kConsumersPerStep = 1'024;

std::string KeyText(const MicroserviceKey& key) {
  return key.environment + "/" + key.app_id + "/" + key.name + "/" + key.version;
}

// Tenants are worlds of their own: nobody reaches, and so nobody depends on, another one's.
Status CheckTenant(const MicroserviceKey& key, const Tenant& own) {
  if (key.tenant.empty() || key.tenant == own.domain + "/" + own.project) return {};
  return InvalidField("tenant", key.tenant, "the tenant of the request, or empty");
}

// Provider keys as the graph has them. REQUIRES: it passed CheckDependency.
FamilyKey ProviderKey(const MicroserviceKey& provider, const ServiceEntry& consumer) {
  return {consumer.tenant, *ParseEnvironment(provider.environment),
          provider.app_id.empty() ? std::string_view(consumer.app_id) : provider.app_id,
          provider.name};
}

Status CheckNoDuplicates(const Dependency& dependency) {
  std::vector<std::string> keys;
  keys.reserve(dependency.providers.size());
  for (const MicroserviceKey& provider : dependency.providers) {
    const std::string& app = provider.app_id.empty() ? dependency.consumer.app_id : provider.app_id;
    keys.push_back(provider.environment + "/" + app + "/" + provider.name);
  }
  std::ranges::sort(keys);
  const auto twice = std::ranges::adjacent_find(keys);
  if (twice != keys.end()) return DuplicateProvider(*twice);
  return {};
}

Status CheckAll(std::span<const Dependency> dependencies, const Tenant& own,
                DependencyChange change) {
  if (dependencies.empty() || dependencies.size() > kDependenciesMax) {
    return InvalidField("dependencies", std::to_string(dependencies.size()) + " consumers",
                        "1 to " + std::to_string(kDependenciesMax));
  }
  std::size_t providers = 0;
  for (const Dependency& dependency : dependencies) {
    const std::size_t providers_min = change == DependencyChange::kAdd ? 1 : 0;
    if (Status good = CheckDependency(dependency, providers_min); !good.ok()) return good;
    if (Status good = CheckTenant(dependency.consumer, own); !good.ok()) return good;
    for (const MicroserviceKey& provider : dependency.providers) {
      if (Status good = CheckTenant(provider, own); !good.ok()) return good;
    }
    if (Status good = CheckNoDuplicates(dependency); !good.ok()) return good;
    providers += dependency.providers.size();
  }
  if (providers <= kDependencyProvidersMax) return {};
  return InvalidField("dependencies", std::to_string(providers) + " providers",
                      "at most " + std::to_string(kDependencyProvidersMax) + " in one call");
}

}  // namespace

// By its name, or where nothing has that, by its alias; in exactly this version (spec 8.2). The
// name may be an alias, too.
Result<ServiceRef> RegistryCore::ConsumerOf(const TenantHandle& tenant,
                                            const Dependency& dependency) const {
  const MicroserviceKey& key = dependency.consumer;
  for (const std::string_view name : {std::string_view(key.name), std::string_view(key.alias)}) {
    if (name.empty()) continue;
    const std::vector<ServiceRef> members = families_.Members(
        {tenants_.NumberOf(tenant), *ParseEnvironment(key.environment), key.app_id, name});
    for (const ServiceRef& member : members) {
      if (member->version == key.version) return member;
    }
  }
  return ConsumerKeyNotExists(KeyText(key));
}

bool RegistryCore::AddRelation(const ServiceEntry& consumer, const FamilyKey& provider,
                               RelationChange* relations) {
  if (!dependencies_.Add(consumer.serial, provider)) return false;
  if (stores()) {
    relations->batch.Put(RelationRecordKey(TenantOf(consumer), consumer.id, provider),
                         RelationRecord(relations->revision, relations->added++));
  }
  return true;
}

// True where that changed anything.
bool RegistryCore::ApplyDependency(const ServiceRef& consumer, const Dependency& dependency,
                                   DependencyChange change, RelationChange* relations) {
  if (change == DependencyChange::kOverride) {
    std::vector<std::string> before = dependencies_.ProvidersOf(consumer->serial);
    std::vector<std::string> wanted;
    wanted.reserve(dependency.providers.size());
    for (const MicroserviceKey& provider : dependency.providers) {
      wanted.push_back(DependencyGraph::TextOf(ProviderKey(provider, *consumer)));
    }
    std::ranges::sort(before);
    std::ranges::sort(wanted);
    if (before == wanted) return false;
    if (stores()) {
      for (const std::string& text : before) {
        relations->batch.Delete(
            RelationRecordKey(TenantOf(*consumer), consumer->id, DependencyGraph::KeyOf(text)));
      }
    }
    // This forgets what finds have recorded, so that the next one records anew.
    dependencies_.RemoveConsumer(consumer->serial);
    for (const MicroserviceKey& provider : dependency.providers) {
      AddRelation(*consumer, ProviderKey(provider, *consumer), relations);
    }
    return true;
  }
  bool changed = false;
  for (const MicroserviceKey& provider : dependency.providers) {
    changed = AddRelation(*consumer, ProviderKey(provider, *consumer), relations) || changed;
  }
  return changed;
}

Result<Revision> RegistryCore::ChangeDependencies(const TenantHandle& tenant,
                                                  std::span<const Dependency> dependencies,
                                                  DependencyChange change) {
  if (Status good = CheckAll(dependencies, tenant.tenant, change); !good.ok()) return good.error();
  WriteLock lock(&writer_mu_, watch_.get());
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  std::vector<ServiceRef> consumers;
  for (const Dependency& dependency : dependencies) {
    Result<ServiceRef> consumer = ConsumerOf(tenant, dependency);
    if (!consumer.ok()) return consumer.error();
    std::size_t count = dependency.providers.size();
    if (change == DependencyChange::kAdd) {
      count += dependencies_.ProvidersOf((*consumer)->serial).size();
    }
    if (count > options_.providers_max) {
      return QuotaReached("DEPENDENCY", options_.providers_max, tenant.tenant);
    }
    consumers.push_back(*std::move(consumer));
  }
  RelationChange relations{.revision = revisions_->last() + 1};
  std::vector<ServiceRef> changed;
  Revision last;
  for (std::size_t i = 0; i < consumers.size(); ++i) {
    if (ApplyDependency(consumers[i], dependencies[i], change, &relations)) {
      changed.push_back(consumers[i]);
    }
    last = std::max(last, consumers[i]->last_change);
  }
  if (changed.empty()) return last;
  const Revision revision = revisions_->Next();
  for (const ServiceRef& consumer : changed) {
    consumer->last_change = revision;
    RefreshViews(*consumer, revision);
  }
  if (!stores()) return revision;
  for (const ServiceRef& consumer : changed) StoreState(*consumer, &relations.batch);
  journal_->Append(revision, std::move(relations.batch));
  return revision;
}

std::vector<ServiceRef> RegistryCore::ProvidersOf(const ServiceEntry& consumer,
                                                  SelfDependency self) const {
  std::vector<ServiceRef> providers;
  for (const std::string& text : dependencies_.ProvidersOf(consumer.serial)) {
    for (ServiceRef& member : families_.Members(DependencyGraph::KeyOf(text))) {
      if (self == SelfDependency::kHide && member.get() == &consumer) continue;
      providers.push_back(std::move(member));
    }
  }
  return providers;
}

std::vector<MicroservicePtr> RegistryCore::ConsumersOf(const TenantHandle& handle,
                                                       const ServiceEntry& provider,
                                                       SelfDependency self) const {
  std::vector<std::uint64_t> serials = dependencies_.ConsumersOf(FamilyOf(provider));
  const std::optional<FamilyKey> alias = AliasFamilyOf(provider);
  if (alias.has_value() && families_.ReachedBy(*alias) == MemberBy::kAlias) {
    std::ranges::copy(dependencies_.ConsumersOf(*alias), std::back_inserter(serials));
    std::ranges::sort(serials);
    serials.erase(std::ranges::unique(serials).begin(), serials.end());
  }
  std::vector<MicroservicePtr> consumers;
  const TenantEntry* tenant = tenants_.Get(handle);
  // In steps: a registration waits for no more than one.
  for (std::span<const std::uint64_t> rest = serials; !rest.empty();) {
    const auto step = rest.first(std::min(rest.size(), kConsumersPerStep));
    rest = rest.subspan(step.size());
    base::MutexLock lock(&tenant->mu);
    for (const std::uint64_t serial : step) {
      if (self == SelfDependency::kHide && serial == provider.serial) continue;
      const auto at = tenant->services.find(serial);
      if (at != tenant->services.end()) consumers.push_back(at->second->record());
    }
  }
  return consumers;
}

Result<std::vector<MicroservicePtr>> RegistryCore::Providers(const TenantHandle& tenant,
                                                             std::string_view consumer_id,
                                                             SelfDependency self) const {
  if (Status good = CheckServiceId(consumer_id); !good.ok()) return good.error();
  const ServiceRef consumer = services_.Find(tenants_.NumberOf(tenant), consumer_id);
  if (!consumer) return ConsumerNotExists(consumer_id, tenant.tenant);
  std::vector<MicroservicePtr> providers;
  for (const ServiceRef& provider : ProvidersOf(*consumer, self)) {
    providers.push_back(provider->record());
  }
  return providers;
}

Result<std::vector<MicroservicePtr>> RegistryCore::Consumers(const TenantHandle& handle,
                                                             std::string_view provider_id,
                                                             SelfDependency self) const {
  if (Status good = CheckServiceId(provider_id); !good.ok()) return good.error();
  const ServiceRef provider = services_.Find(tenants_.NumberOf(handle), provider_id);
  if (!provider) return ProviderNotExists(provider_id, handle.tenant);
  return ConsumersOf(handle, *provider, self);
}

}  // namespace skep::core
