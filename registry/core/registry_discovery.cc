// RegistryCore: reads of instances, for nobody in particular and for a consumer.
#include <algorithm>
#include <utility>

#include "registry/core/errors.h"
#include "registry/core/registry_core.h"
#include "registry/core/validation.h"
#include "registry/core/visibility.h"

namespace skep::core {

FindResult WholeUnlessKnown(SnapshotHandle whole, std::string_view known) {
  const ListVersion version(whole.revision(), 0);
  if (!known.empty() && version.Is(known)) return FindResult::NotModified(version);
  return FindResult(std::move(whole));
}

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
  // What is found was registered, so its names are good; the environment need not be the one asked.
  const std::optional<Environment> asked = ParseEnvironment(query.environment);
  if (!asked.has_value()) [[unlikely]]
    return CheckEnvironment(query.environment).error();
  const std::uint32_t number = tenants_.NumberOf(tenant);
  const bool shared = IsSharedKey(number, query.app_id, query.name);
  if (!consumer.empty() && !shared) return FindForConsumer(tenant, consumer, query);

  const FamilyKey key{number, shared ? shared_environment_ : *asked, query.app_id, query.name};
  auto found = families_.Find(key);
  if (found.has_value()) [[likely]] {
    if (query.tags.empty()) [[likely]] {
      return WholeUnlessKnown(std::move(found->whole), query.known);
    }
    return FindByTags(key, query);
  }
  const Result<Environment> checked = CheckFind(query.environment, query.app_id, query.name);
  if (!checked.ok()) return checked.error();
  if (Status good = CheckTags(query.tags); !good.ok()) return good.error();
  return FamilyNotExists(key.environment, query.app_id, query.name);
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
  if (known && !sees_all) return FindVisible(tenant, consumer_id, key, query);
  std::optional<FamilyTable::Found> found;
  if (known) found = families_.Find(key);
  if (!found.has_value()) {
    const Result<Environment> checked = CheckFind(query.environment, query.app_id, query.name);
    if (!checked.ok()) return checked.error();
    if (Status good = CheckConsumerId(consumer_id); !good.ok()) return good.error();
    if (!known) return ConsumerNotExists(consumer_id, tenant.tenant);
    return FamilyNotExists(consumer.environment, query.app_id, query.name);
  }
  if (found->has_rules) [[unlikely]]
    return FindVisible(tenant, consumer_id, key, query);
  if (!dependencies_.IsKnown(consumer.serial, found->serial)) [[unlikely]] {
    const std::vector<ServiceRef> members = families_.Members(key);
    RecordDependency(tenant, consumer_id, found->serial, members, members);
  }
  return WholeUnlessKnown(std::move(found->whole), query.known);
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
                           MaySee(*consumer, *provider));
  return provider;
}

Result<Instance> RegistryCore::GetInstance(const TenantHandle& tenant, std::string_view service_id,
                                           InstanceIdView id, std::string_view consumer,
                                           std::span<const std::string_view> tags) const {
  if (Status good = CheckTags(tags); !good.ok()) return good.error();
  bool visible = false;
  const Result<ServiceRef> provider = VisibleProvider(tenant, service_id, consumer, &visible);
  if (!provider.ok()) return provider.error();
  visible = visible && HasTags(**provider, tags);
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
