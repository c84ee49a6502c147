// RegistryCore: tags and rules of microservices. Both alter what finds answer, so a change of them
// touches the microservice's families.
#include <algorithm>
#include <utility>

#include "registry/core/errors.h"
#include "registry/core/registry_core.h"
#include "registry/core/rule_set.h"
#include "registry/core/validation.h"

namespace skep::core {

Result<ServiceRef> RegistryCore::ServiceOf(const TenantHandle& tenant, std::string_view id) const {
  ServiceRef service = services_.Find(tenants_.NumberOf(tenant), id);
  if (service) return service;
  if (Status good = CheckServiceId(id); !good.ok()) return good.error();
  return ServiceNotExists(id, tenant.tenant);
}

Result<TagsPtr> RegistryCore::GetTags(const TenantHandle& tenant, std::string_view id) const {
  const Result<ServiceRef> service = ServiceOf(tenant, id);
  if (!service.ok()) return service.error();
  return TagsOf(**service);
}

TagsPtr RegistryCore::TagsOf(const ServiceEntry& service) {
  TagsPtr tags = service.tags();
  return tags != nullptr ? tags : std::make_shared<const Properties>();
}

std::vector<Rule> RegistryCore::RulesOf(const ServiceEntry& service) {
  const std::shared_ptr<const RuleSet> rules = service.rules();
  return rules != nullptr ? rules->rules() : std::vector<Rule>();
}

// Equal tags are no change: clients that register with tags at every start change no list.
Revision RegistryCore::PublishTags(const ServiceRef& service, Properties tags) {
  if (tags == *TagsOf(*service)) return service->last_change;
  service->set_tags(tags.empty() ? nullptr : std::make_shared<const Properties>(std::move(tags)));
  service->last_change = revisions_->Next();
  TouchFamilies(*service, service->last_change);
  RefreshViews(*service, service->last_change);
  if (stores()) {
    WriteBatch batch;
    StoreService(*service, &batch);
    journal_->Append(service->last_change, std::move(batch));
  }
  return service->last_change;
}

Result<Revision> RegistryCore::ReplaceTags(const TenantHandle& tenant, std::string_view id,
                                           Properties tags) {
  if (Status good = CheckTagMap(tags, options_); !good.ok()) return good.error();
  WriteLock lock(&writer_mu_, watch_.get());
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  const Result<ServiceRef> service = ServiceOf(tenant, id);
  if (!service.ok()) return service.error();
  return PublishTags(*service, std::move(tags));
}

Result<Revision> RegistryCore::SetTag(const TenantHandle& tenant, std::string_view id,
                                      std::string_view key, std::string_view value) {
  const std::string_view both[] = {key, value};
  if (Status good = CheckTags(both); !good.ok()) return good.error();
  WriteLock lock(&writer_mu_, watch_.get());
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  const Result<ServiceRef> service = ServiceOf(tenant, id);
  if (!service.ok()) return service.error();
  Properties tags = *TagsOf(**service);
  const auto at = tags.find(std::string(key));
  if (at == tags.end()) return TagNotExists(id, key, (*service)->last_change);
  at->second = value;
  return PublishTags(*service, std::move(tags));
}

Result<Revision> RegistryCore::DeleteTags(const TenantHandle& tenant, std::string_view id,
                                          std::span<const std::string_view> keys) {
  if (keys.empty()) return InvalidField("tag", "", "name at least one");
  if (Status good = CheckTags(keys); !good.ok()) return good.error();
  WriteLock lock(&writer_mu_, watch_.get());
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  const Result<ServiceRef> service = ServiceOf(tenant, id);
  if (!service.ok()) return service.error();
  const TagsPtr old = TagsOf(**service);
  Properties tags = *old;
  for (std::string_view key : keys) {
    if (!old->contains(std::string(key))) {
      return TagNotExists(id, key, (*service)->last_change);
    }
    tags.erase(std::string(key));
  }
  return PublishTags(*service, std::move(tags));
}

Result<std::vector<Rule>> RegistryCore::GetRules(const TenantHandle& tenant,
                                                 std::string_view id) const {
  const Result<ServiceRef> service = ServiceOf(tenant, id);
  if (!service.ok()) return service.error();
  return RulesOf(**service);
}

Result<Revision> RegistryCore::ReplaceRules(const TenantHandle& tenant, std::string_view id,
                                            std::vector<Rule> rules) {
  if (Status good = CheckRules(rules, options_); !good.ok()) return good.error();
  const bool none = rules.empty();
  Result<std::shared_ptr<RuleSet>> compiled = RuleSet::Compile(std::move(rules));
  if (!compiled.ok()) return compiled.error();

  WriteLock lock(&writer_mu_, watch_.get());
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  const Result<ServiceRef> found = ServiceOf(tenant, id);
  if (!found.ok()) return found.error();
  const ServiceRef& service = *found;
  const std::shared_ptr<const RuleSet> old = service->rules();
  if (old != nullptr ? old->HasContentOf(**compiled) : none) return service->last_change;
  const std::chrono::sys_seconds now{std::chrono::seconds(WallSeconds())};
  for (Rule& rule : (*compiled)->mutable_rules()) {
    if (rule.id.empty()) {
      const base::Uuid rule_id = ids_.Next();
      rule.id = InstanceId(rule_id.hi, rule_id.lo).str();
    }
    rule.created = now;
    rule.modified = now;
  }
  service->set_rules(none ? nullptr : *std::move(compiled));
  service->last_change = revisions_->Next();
  service->last_touch = service->last_change;
  families_.TouchRules(FamilyOf(*service), service->last_change);
  if (const auto alias = AliasFamilyOf(*service)) {
    families_.TouchRules(*alias, service->last_change);
  }
  RefreshViews(*service, service->last_change);
  if (stores()) {
    WriteBatch batch;
    StoreService(*service, &batch);
    journal_->Append(service->last_change, std::move(batch));
  }
  return service->last_change;
}

}  // namespace skep::core
