// RegistryCore: reads of instances, for nobody in particular and for a consumer.
#include <algorithm>
#include <utility>

#include "registry/core/errors.h"
#include "registry/core/registry_core.h"
#include "registry/core/validation.h"

namespace skep::core {
namespace {

Result<FindResult> WholeUnlessKnown(SnapshotHandle whole, std::string_view known) {
  const ListVersion version(whole.revision(), 0);
  if (!known.empty() && version.Is(known)) return FindResult::NotModified(version);
  return FindResult(std::move(whole));
}

// Services bear no tags yet, so a filter by tags selects none of them.
bool HasTags(const ServiceEntry&, std::span<const std::string_view> tags) { return tags.empty(); }

}  // namespace

// The instances of some of a family's services. Equal selections of equal lists have equal
// versions.
FindResult RegistryCore::Select(const SnapshotHandle& whole, std::span<const ServiceRef> visible,
                                std::string_view known) const {
  constexpr std::uint64_t kNothing = 1;
  std::uint64_t selection = kNothing;
  for (const ServiceRef& service : visible) selection += hasher_.Mix(0, service->serial);
  if (selection == 0) selection = kNothing;
  const ListVersion version(whole.revision(), selection);
  if (!known.empty() && version.Is(known)) return FindResult::NotModified(version);
  std::vector<Instance> some;
  for (const Instance& instance : whole.instances()) {
    const ServiceEntry* owner = instance.record()->service.get();
    const bool is_visible = std::ranges::any_of(
        visible, [owner](const ServiceRef& service) { return service.get() == owner; });
    if (is_visible) some.push_back(instance);
  }
  return {std::move(some), version};
}

Result<FindResult> RegistryCore::Find(const TenantHandle& tenant, std::string_view consumer,
                                      const FindQuery& query) {
  const std::uint32_t number = tenants_.NumberOf(tenant);
  const bool shared = IsSharedKey(number, query.app_id, query.name);
  if (!consumer.empty() && !shared) return FindForConsumer(tenant, consumer, query);

  const std::optional<Environment> environment =
      shared ? shared_environment_ : ParseEnvironment(query.environment);
  if (environment.has_value()) [[likely]] {
    // What is found was registered, so its names are good.
    auto found = families_.Find({number, *environment, query.app_id, query.name});
    if (found.has_value()) [[likely]] {
      if (query.tags.empty()) [[likely]] {
        return WholeUnlessKnown(std::move(found->whole), query.known);
      }
      if (Status good = CheckTags(query.tags); !good.ok()) return good.error();
      return Select(found->whole, {}, query.known);
    }
  }
  const Result<Environment> checked = CheckFind(query.environment, query.app_id, query.name);
  if (!checked.ok()) return checked.error();
  if (Status good = CheckTags(query.tags); !good.ok()) return good.error();
  return FamilyNotExists(environment.value_or(*checked), query.app_id, query.name);
}

Result<FindResult> RegistryCore::FindForConsumer(const TenantHandle& tenant,
                                                 std::string_view consumer_id,
                                                 const FindQuery& query) {
  const std::uint32_t number = tenants_.NumberOf(tenant);
  Consumer consumer;
  const bool known = services_.Read(number, consumer_id, [&](const ServiceEntry& entry) {
    consumer = {entry.serial, entry.environment, entry.app_id == query.app_id};
  });
  const FamilyKey key{number, consumer.environment, query.app_id, query.name};
  const bool sees_all = consumer.same_app && query.tags.empty();
  std::vector<ServiceRef> members;
  std::optional<FamilyTable::Found> found;
  if (known) found = sees_all ? families_.Find(key) : families_.FindWithMembers(key, &members);
  if (!found.has_value()) {
    const Result<Environment> checked = CheckFind(query.environment, query.app_id, query.name);
    if (!checked.ok()) return checked.error();
    if (!known) return ConsumerNotExists(consumer_id, tenant.tenant);
    return FamilyNotExists(consumer.environment, query.app_id, query.name);
  }
  if (sees_all) [[likely]] {
    if (!dependencies_.IsKnown(consumer.serial, found->serial)) [[unlikely]] {
      RecordDependency(tenant, consumer_id, found->serial, key);
    }
    return WholeUnlessKnown(std::move(found->whole), query.known);
  }

  if (Status good = CheckTags(query.tags); !good.ok()) return good.error();
  std::vector<ServiceRef> visible;
  std::ranges::copy_if(members, std::back_inserter(visible), [&](const ServiceRef& service) {
    return (consumer.same_app || service->allow_cross_app.load(std::memory_order_relaxed)) &&
           HasTags(*service, query.tags);
  });
  if (!visible.empty() && !dependencies_.IsKnown(consumer.serial, found->serial)) {
    RecordDependency(tenant, consumer_id, found->serial, key);
  }
  if (visible.size() == members.size()) {
    return WholeUnlessKnown(std::move(found->whole), query.known);
  }
  return Select(found->whole, visible, query.known);
}

// The provider is recorded by its own name, also where it was found by its alias (spec 8.4); not
// one that the consumer may not see.
void RegistryCore::RecordDependency(const TenantHandle& tenant, std::string_view consumer_id,
                                    std::uint64_t family, const FamilyKey& key) {
  base::MutexLock lock(&writer_mu_);
  const ServiceRef consumer = services_.Find(tenants_.NumberOf(tenant), consumer_id);
  if (!consumer) return;  // Deleted meanwhile.
  bool is_new = false;
  for (const ServiceRef& member : families_.Members(key)) {
    const bool visible = member->app_id == consumer->app_id ||
                         member->allow_cross_app.load(std::memory_order_relaxed);
    if (!visible) continue;
    is_new = dependencies_.Add(consumer->serial, FamilyOf(*member)) || is_new;
  }
  dependencies_.MarkKnown(consumer->serial, family);
  if (is_new) consumer->last_change = revisions_->Next();
}

// The microservice whose instances are asked for, and whether the consumer may see them (spec 7.2).
Result<ServiceRef> RegistryCore::VisibleProvider(const TenantHandle& tenant,
                                                 std::string_view service_id,
                                                 std::string_view consumer_id,
                                                 bool* visible) const {
  if (Status good = CheckServiceId(service_id); !good.ok()) return good.error();
  const std::uint32_t number = tenants_.NumberOf(tenant);
  ServiceRef consumer;
  if (!consumer_id.empty()) {
    consumer = services_.Find(number, consumer_id);
    if (!consumer) return ConsumerNotExists(consumer_id, tenant.tenant);
  }
  ServiceRef provider = services_.Find(number, service_id);
  if (!provider) return ProviderNotExists(service_id, tenant.tenant);
  *visible = !consumer || ((provider->shared || consumer->environment == provider->environment) &&
                           (consumer->app_id == provider->app_id ||
                            provider->allow_cross_app.load(std::memory_order_relaxed)));
  return provider;
}

Result<Instance> RegistryCore::GetInstance(const TenantHandle& tenant, std::string_view service_id,
                                           InstanceIdView id, std::string_view consumer) const {
  bool visible = false;
  const Result<ServiceRef> provider = VisibleProvider(tenant, service_id, consumer, &visible);
  if (!provider.ok()) return provider.error();
  const std::optional<LeaseKey> key = KeyOf((*provider)->owner, id);
  const InstanceRecord* record = key && visible ? instances_.Acquire(*key) : nullptr;
  if (record == nullptr) return InstanceNotExists(service_id, id);
  return Instance(record);
}

Result<FindResult> RegistryCore::ListInstances(const TenantHandle& tenant,
                                               std::string_view service_id,
                                               const ListQuery& query) const {
  if (Status good = CheckTags(query.tags); !good.ok()) return good.error();
  bool visible = false;
  const Result<ServiceRef> provider =
      VisibleProvider(tenant, service_id, query.consumer.str(), &visible);
  if (!provider.ok()) return provider.error();
  if (!visible || !HasTags(**provider, query.tags)) return ProviderHidden(service_id);
  const FamilyKey key = FamilyOf(**provider);
  std::vector<ServiceRef> members;
  auto found = families_.FindWithMembers(key, &members);
  const bool is_member = std::ranges::any_of(
      members, [&](const ServiceRef& member) { return member.get() == provider->get(); });
  // Deleted meanwhile.
  if (!found.has_value() || !is_member) return ProviderNotExists(service_id, tenant.tenant);
  if (members.size() == 1) {
    return WholeUnlessKnown(std::move(found->whole), query.known);
  }
  return Select(found->whole, {&*provider, 1}, query.known);
}

}  // namespace skep::core
