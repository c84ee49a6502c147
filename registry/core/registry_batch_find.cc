// RegistryCore: many finds in one call (spec 7.6).
#include <string>
#include <utility>

#include "registry/core/errors.h"
#include "registry/core/registry_core.h"
#include "registry/core/validation.h"

namespace skep::core {
namespace {

Status Check(const BatchQuery& query) {
  const std::size_t elements = query.services.size() + query.instances.size();
  if (elements == 0) return MissingBody("services or instances");
  if (elements > kBatchFindElementsMax) {
    return InvalidField("batch", std::to_string(elements) + " elements",
                        "at most " + std::to_string(kBatchFindElementsMax));
  }
  for (const FindQuery& service : query.services) {
    const Result<Environment> good = CheckFind(service.environment, service.app_id, service.name);
    if (!good.ok()) return good.error();
    if (Status tags = CheckTags(service.tags); !tags.ok()) return tags;
  }
  for (const InstanceQuery& instance : query.instances) {
    if (Status id = CheckServiceId(instance.service_id.str()); !id.ok()) return id;
    const InstanceIdView id = instance.instance_id;
    if (id.hi() == 0 && id.lo() == 0 && id.text().empty()) {
      return InvalidField("instanceId", "", "must not be empty");
    }
  }
  return {};
}

Result<FindResult> OneInstance(Result<Instance> instance, std::string_view known) {
  if (!instance.ok()) return instance.error();
  const ListVersion version = VersionOf(*instance);
  if (!known.empty() && version.Is(known)) return FindResult::NotModified(version);
  std::vector<Instance> one;
  one.push_back(*std::move(instance));
  return FindResult(std::move(one), version);
}

}  // namespace

// Whether the name leads anywhere by being an alias only. An unknown consumer is Find's to tell.
bool RegistryCore::IsAliasAlone(std::uint32_t tenant, std::string_view consumer,
                                const FindQuery& query) const {
  std::optional<Environment> environment;
  if (IsSharedKey(tenant, query.app_id, query.name)) {
    environment = shared_environment_;
  } else if (consumer.empty()) {
    environment = ParseEnvironment(query.environment);
  } else {
    services_.Read(tenant, consumer,
                   [&](const ServiceEntry& entry) { environment = entry.environment; });
  }
  return environment.has_value() &&
         families_.ReachedBy({tenant, *environment, query.app_id, query.name}) == MemberBy::kAlias;
}

Result<BatchFound> RegistryCore::BatchFind(const TenantHandle& tenant, std::string_view consumer,
                                           const BatchQuery& query) {
  if (Status good = Check(query); !good.ok()) return good.error();
  BatchFound found;
  found.services.reserve(query.services.size());
  for (const FindQuery& service : query.services) {
    if (IsAliasAlone(tenants_.NumberOf(tenant), consumer, service)) {
      found.services.emplace_back(
          FamilyNotExists(ParseEnvironment(service.environment).value_or(Environment::kEmpty),
                          service.app_id, service.name));
    } else {
      found.services.push_back(Find(tenant, consumer, service));
    }
  }
  found.instances.reserve(query.instances.size());
  for (const InstanceQuery& instance : query.instances) {
    found.instances.push_back(
        OneInstance(GetInstance(tenant, instance.service_id.str(), instance.instance_id, consumer),
                    instance.known));
  }
  return found;
}

}  // namespace skep::core
