// RegistryCore: which microservices a consumer may see (spec 7.2, 7.3; API manual 10.2.4), and
// finds where not everybody sees everything.
#include <algorithm>
#include <utility>

#include "registry/core/errors.h"
#include "registry/core/registry_core.h"
#include "registry/core/rule_set.h"
#include "registry/core/validation.h"
#include "registry/core/visibility.h"

namespace skep::core {

bool MaySee(const ServiceEntry& consumer, const ServiceEntry& provider) {
  if (consumer.app_id != provider.app_id &&
      !provider.allow_cross_app.load(std::memory_order_relaxed)) {
    return false;
  }
  if (!provider.has_rules()) return true;
  const std::shared_ptr<const RuleSet> rules = provider.rules();
  return rules == nullptr || rules->Admits(consumer);
}

bool HasTags(const ServiceEntry& service, std::span<const std::string_view> keys) {
  if (keys.empty()) return true;
  const TagsPtr tags = service.tags();
  return tags != nullptr && std::ranges::all_of(keys, [&tags](std::string_view key) {
           return tags->contains(std::string(key));
         });
}

Result<FindResult> RegistryCore::FindByTags(const FamilyKey& key, const FindQuery& query) const {
  if (Status good = CheckTags(query.tags); !good.ok()) return good.error();
  std::vector<ServiceRef> members;
  auto found = families_.FindWithMembers(key, &members);
  if (!found.has_value()) return FamilyNotExists(key.environment, key.app_id, key.name);
  const std::size_t all = members.size();
  std::erase_if(members,
                [&query](const ServiceRef& member) { return !HasTags(*member, query.tags); });
  if (members.size() == all) return WholeUnlessKnown(std::move(found->whole), query.known);
  return Select(found->whole, members, query.known);
}

Result<FindResult> RegistryCore::FindVisible(const TenantHandle& tenant,
                                             std::string_view consumer_id, const FamilyKey& key,
                                             const FindQuery& query) {
  if (Status good = CheckTags(query.tags); !good.ok()) return good.error();
  const ServiceRef consumer = services_.Find(key.tenant, consumer_id);
  if (!consumer) return ConsumerNotExists(consumer_id, tenant.tenant);
  std::vector<ServiceRef> members;
  auto found = families_.FindWithMembers(key, &members);
  if (!found.has_value()) {
    const Result<Environment> checked = CheckFind(query.environment, query.app_id, query.name);
    if (!checked.ok()) return checked.error();
    return FamilyNotExists(key.environment, key.app_id, key.name);
  }
  std::vector<ServiceRef> visible;
  std::ranges::copy_if(members, std::back_inserter(visible), [&](const ServiceRef& member) {
    return MaySee(*consumer, *member) && HasTags(*member, query.tags);
  });
  if (!visible.empty() && !dependencies_.IsKnown(consumer->serial, found->serial)) {
    RecordDependency(tenant, consumer_id, found->serial, members, visible);
  }
  if (visible.size() == members.size()) {
    return WholeUnlessKnown(std::move(found->whole), query.known);
  }
  return Select(found->whole, visible, query.known);
}

// The provider is recorded by its own name, also where it was found by its alias (spec 8.4); not
// one that the consumer may not see. The pair counts as known only once nothing is left to record:
// what is hidden today may bear another name, and may be seen tomorrow.
void RegistryCore::RecordDependency(const TenantHandle& tenant, std::string_view consumer_id,
                                    std::uint64_t family, std::span<const ServiceRef> members,
                                    std::span<const ServiceRef> visible) {
  const bool all_names = std::ranges::all_of(members, [visible](const ServiceRef& member) {
    return std::ranges::any_of(
        visible, [&member](const ServiceRef& seen) { return seen->name == member->name; });
  });
  base::MutexLock lock(&writer_mu_);
  const ServiceRef consumer = services_.Find(tenants_.NumberOf(tenant), consumer_id);
  if (!consumer) return;  // Deleted meanwhile.
  // Then it stays unrecorded, and the next find tries again.
  if (!Writable().ok()) return;
  RelationChange relations{.revision = revisions_->last() + 1};
  bool is_new = false;
  for (const ServiceRef& provider : visible) {
    is_new = AddRelation(*consumer, FamilyOf(*provider), &relations) || is_new;
  }
  if (all_names) dependencies_.MarkKnown(consumer->serial, family);
  if (!is_new) return;
  consumer->last_change = revisions_->Next();
  if (!stores()) return;
  StoreState(*consumer, &relations.batch);
  journal_->Append(relations.revision, std::move(relations.batch));
}

}  // namespace skep::core
