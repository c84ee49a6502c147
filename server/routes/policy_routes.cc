#include "server/routes/policy_routes.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "server/codec/policy.h"
#include "server/codec/policy_json.h"
#include "server/codec/query_string.h"
#include "server/routes/errors.h"
#include "server/routes/parameters.h"
#include "server/routes/reply.h"
#include "skep/kie/errors.h"

namespace skep::server {
namespace {

// What one list reads at most: policies, and bytes of their specs. It is read on the connection's
// thread, at some 5 to 20 MB a second.
constexpr std::size_t kPoliciesMax = 10'000;
constexpr std::size_t kPolicyBytesMax = std::size_t{4} << 20;

// Attempts to give a match group a name that none has, of 1.7 million.
constexpr int kNameTriesMax = 16;

constexpr std::string_view kDisplay = "display";
constexpr std::string_view kEveryPolicy = "beginWith(servicecomb.)";

std::string_view KindOf(const Call& call) { return call.parameters[1]; }
std::string_view IdOf(const Call& call) { return call.parameters[2]; }

// What the configuration center says has its numbers, all else the registry's.
void AnswerPolicyError(Call& call, const Error& error) {
  if (error.code().category() == KieCategory()) call.api = Api::kConfig;
  AnswerError(call, error);
}

void AnswerPolicyChange(Call& call, const Result<Revision>& changed) {
  if (!changed.ok()) return AnswerPolicyError(call, changed.error());
  AnswerChange(call, changed);
}

// ------------------------------------------------------------------------------------------------
// Lists

using Items = std::vector<KeyValuePtr>;

Result<Items> FindItems(const Call& call) {
  const QueryValues<2> values(call.query, {"app", "environment"});
  KvQuery query{.key = kEveryPolicy};
  // Wire compatibility: no environment is the empty one; "all" does not look at it.
  if (values[1] != "all") query.labels.emplace_back("environment", values[1]);
  if (!values[0].empty()) query.labels.emplace_back("app", values[0]);
  const Result<KvList> list = call.config().List(query);
  if (!list.ok()) return list.error();
  return list->items();
}

// What a policy is shown as, by the kind in its key; empty: not at all.
using ShownAs = std::function<std::string_view(std::string_view kind_in_key)>;

// The policies that are shown. Items that are none, though their keys say so, are passed over.
Result<std::vector<Policy>> ReadPolicies(const Items& items, const ShownAs& shown_as) {
  std::vector<Policy> policies;
  std::size_t bytes = 0;
  for (const KeyValuePtr& kv : items) {
    const std::string_view kind = shown_as(ReadPolicyKey(kv->key()).kind);
    if (kind.empty()) continue;
    bytes += kv->value.size();
    if (policies.size() == kPoliciesMax || bytes > kPolicyBytesMax) {
      return PoliciesTooLong(kPoliciesMax, kPolicyBytesMax);
    }
    Result<Policy> policy = ReadPolicyItem(kind, kv);
    if (policy.ok()) policies.push_back(*std::move(policy));
  }
  return policies;
}

Result<std::vector<Policy>> PoliciesOfKind(const Call& call) {
  const Result<Items> items = FindItems(call);
  if (!items.ok()) return items.error();
  const std::string_view kind = KindOf(call);
  const std::string in_key = PolicyKindInKey(kind);
  return ReadPolicies(*items, [&](std::string_view kind_in_key) {
    return kind_in_key == in_key ? kind : std::string_view();
  });
}

// Wire compatibility: here kinds but the match group's are shown as keys spell them.
Result<std::vector<Policy>> PoliciesToDisplay(const Call& call) {
  const Result<Items> items = FindItems(call);
  if (!items.ok()) return items.error();
  const std::string group_in_key = PolicyKindInKey(kMatchGroupKind);
  return ReadPolicies(*items, [&](std::string_view kind_in_key) {
    if (kind_in_key == group_in_key) return kMatchGroupKind;
    const auto* const known = std::ranges::find(kGroupedKindsInKeys, kind_in_key);
    return known != std::end(kGroupedKindsInKeys) ? *known : std::string_view();
  });
}

std::string_view NameOf(const Policy& policy) { return ReadPolicyKey(policy.kv->key()).name; }

// The policies that are for match groups, by the group's name.
class PoliciesByName {
 public:
  explicit PoliciesByName(const std::vector<Policy>& policies) {
    for (const Policy& policy : policies) by_name_[NameOf(policy)].push_back(&policy);
  }

  /// At most one of each kind: of several the one with the group's own labels, else the first.
  std::vector<const Policy*> Of(const Policy& group) const {
    std::vector<const Policy*> found;
    for (const std::string_view kind : kGroupedKindsInKeys) {
      if (const Policy* policy = Find(group, kind)) found.push_back(policy);
    }
    return found;
  }

 private:
  const Policy* Find(const Policy& group, std::string_view kind) const {
    const Policy* first = nullptr;
    for (const Policy* policy : by_name_.at(NameOf(group))) {
      if (policy->kind != kind) continue;
      if (policy->kv->labels() == group.kv->labels()) return policy;
      if (first == nullptr) first = policy;
    }
    return first;
  }

  std::unordered_map<std::string_view, std::vector<const Policy*>> by_name_;
};

void DisplayPolicies(Call& call) {
  const Result<std::vector<Policy>> policies = PoliciesToDisplay(call);
  if (!policies.ok()) return AnswerPolicyError(call, policies.error());
  const PoliciesByName by_name(*policies);
  std::vector<PolicyGroup> groups;
  for (const Policy& policy : *policies) {
    if (policy.kind == kMatchGroupKind) groups.push_back({&policy, by_name.Of(policy)});
  }
  AppendPolicyGroupsBody(groups, FillJson(&call.reply));
}

// ------------------------------------------------------------------------------------------------
// One policy

Result<PolicySpec> ReadCheckedSpec(Call& call) {
  Result<PolicySpec> policy = ReadBody(call, ReadPolicySpec);
  if (!policy.ok()) return policy.error();
  if (Status good = CheckPolicySpec(KindOf(call), policy->spec); !good.ok()) return good.error();
  return policy;
}

// The item of the policy that the path names.
Result<KeyValuePtr> FindItem(const Call& call) {
  Result<KeyValuePtr> kv = call.config().Get(IdOf(call));
  if (!kv.ok()) return kv.error();
  if (Status is_one = CheckPolicyItem(KindOf(call), **kv); !is_one.ok()) return is_one.error();
  return kv;
}

Result<WrittenKv> CreateItem(const Call& call, PolicySpec policy) {
  ConfigCenter config = call.config();
  const bool needs_name = policy.name.empty() && KindOf(call) == kMatchGroupKind;
  for (int tries = 1;; ++tries) {
    if (needs_name) policy.name = NewGroupName(base::RandomSeed());
    Result<WrittenKv> made = config.Create(PolicyItem(KindOf(call), policy), Ack::kPublished);
    const bool is_taken = !made.ok() && made.error() == KieErrc::kAlreadyExists;
    if (!is_taken || !needs_name || tries == kNameTriesMax) return made;
  }
}

// The group's own item and those of the policies that are for it, as far as they have its labels.
Result<Revision> DeleteGroup(ConfigCenter config, const KeyValue& group) {
  KvQuery query{.key = kEveryPolicy};
  for (const auto& [name, value] : group.labels()) query.labels.emplace_back(name, value);
  const Result<KvList> list = config.List(query);
  if (!list.ok()) return list.error();
  std::vector<std::string> ids;
  for (const KeyValuePtr& kv : list->items()) {
    if (ReadPolicyKey(kv->key()).name == ReadPolicyKey(group.key()).name) ids.push_back(kv->id());
  }
  return config.DeleteMany(ids, Ack::kPublished);
}

}  // namespace

void ListPolicies(Call& call) {
  if (KindOf(call) == kDisplay) return DisplayPolicies(call);
  const Result<std::vector<Policy>> policies = PoliciesOfKind(call);
  if (!policies.ok()) return AnswerPolicyError(call, policies.error());
  AppendPoliciesBody(*policies, FillJson(&call.reply));
}

void CreatePolicy(Call& call) {
  Result<PolicySpec> policy = ReadCheckedSpec(call);
  if (!policy.ok()) return AnswerPolicyError(call, policy.error());
  const Result<WrittenKv> made = CreateItem(call, *std::move(policy));
  if (!made.ok()) return AnswerPolicyError(call, made.error());
  AppendPolicyIdBody(made->id, FillJson(&call.reply));
  SendWhenDurable(call, made->revision);
}

void GetPolicy(Call& call) {
  const Result<KeyValuePtr> kv = call.config().Get(IdOf(call));
  if (!kv.ok()) return AnswerPolicyError(call, kv.error());
  const Result<Policy> policy = ReadPolicyItem(KindOf(call), *kv);
  if (!policy.ok()) return AnswerPolicyError(call, policy.error());
  AppendPolicy(*policy, FillJson(&call.reply));
}

void UpdatePolicy(Call& call) {
  const Result<PolicySpec> policy = ReadCheckedSpec(call);
  if (!policy.ok()) return AnswerPolicyError(call, policy.error());
  const Result<KeyValuePtr> kv = FindItem(call);
  if (!kv.ok()) return AnswerPolicyError(call, kv.error());
  const Result<WrittenKv> changed =
      call.config().Update(IdOf(call), PolicyUpdate(*policy), Ack::kPublished);
  if (!changed.ok()) return AnswerPolicyError(call, changed.error());
  AnswerChange(call, changed->revision);
}

void DeletePolicy(Call& call) {
  const Result<KeyValuePtr> kv = FindItem(call);
  if (!kv.ok()) return AnswerPolicyError(call, kv.error());
  ConfigCenter config = call.config();
  AnswerPolicyChange(call, KindOf(call) == kMatchGroupKind
                               ? DeleteGroup(config, **kv)
                               : config.Delete(IdOf(call), Ack::kPublished));
}

}  // namespace skep::server
