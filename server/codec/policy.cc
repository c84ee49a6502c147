#include "server/codec/policy.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "skep/kie/errors.h"
#include "skep/registry/errors.h"

namespace skep::server {
namespace {

using Type = Document::Type;

// Wire compatibility: behind what is set by hand, which has no priority.
constexpr std::int64_t kPolicyPriority = -1;

// ------------------------------------------------------------------------------------------------
// What a spec must be. Each check has the words for what it wants.

using Check = bool (*)(const Document& value);

bool IsAnything(const Document&) { return true; }

bool IsName(const Document& value) { return value.type == Type::kText && !value.text.empty(); }

bool IsAmount(const Document& value) {
  return value.type == Type::kNumber && !value.text.starts_with('-');
}

bool IsCount(const Document& value) {
  return IsAmount(value) && value.text.find_first_of(".e") == std::string::npos;
}

bool IsMap(const Document& value) { return value.type == Type::kMap; }

bool IsFilledMap(const Document& value) { return IsMap(value) && !value.parts.empty(); }

bool IsMethod(const Document& value) {
  constexpr std::string_view kMethods[] = {"GET", "POST", "DELETE", "PUT", "PATCH"};
  return value.type == Type::kText && std::ranges::find(kMethods, value.text) != std::end(kMethods);
}

bool IsListOf(const Document& value, Check check) {
  return value.type == Type::kList && !value.parts.empty() &&
         std::ranges::all_of(value.parts, check);
}

bool AreMethods(const Document& value) { return IsListOf(value, IsMethod); }

bool IsAbsentOr(const Document* value, Check check) { return value == nullptr || check(*value); }

bool IsMatch(const Document& value) {
  const Document* const name = value.Find("name");
  return IsMap(value) && name != nullptr && IsName(*name) &&
         IsAbsentOr(value.Find("apiPath"), IsFilledMap) &&
         IsAbsentOr(value.Find("headers"), IsMap) && IsAbsentOr(value.Find("method"), AreMethods);
}

bool AreMatches(const Document& value) { return IsListOf(value, IsMatch); }

struct Rule {
  std::string_view kind;
  std::string_view member;
  bool required;
  Check check;
  std::string_view wanted;
};

// Every kind has a member that it requires.
constexpr Rule kRules[] = {
    {kMatchGroupKind, "matches", true, AreMatches,
     "a list of matches, each with a name and perhaps apiPath, headers and method"},
    {kMatchGroupKind, "alias", true, IsName, "a text"},
    {"retry", "maxAttempts", true, IsAnything, ""},
    {"retry", "retryOnSame", false, IsCount, "an integer of at least 0"},
    {"rate-limiting", "rate", true, IsAnything, ""},
    {"loadbalance", "rule", true, IsName, "a text"},
    {"circuit-breaker", "minimumNumberOfCalls", true, IsCount, "an integer of at least 0"},
    {"instance-isolation", "minimumNumberOfCalls", true, IsAnything, ""},
    {"fault-injection", "percentage", true, IsAmount, "a number of at least 0"},
    {"bulkhead", "maxConcurrentCalls", true, IsAnything, ""},
};

// What an error shows of a kind that is not known.
constexpr std::size_t kShownMax = 32;

Error UnknownKind(std::string_view kind) {
  return {RegistryErrc::kInvalidParams,
          "not support kind[" + std::string(kind.substr(0, kShownMax)) + "] yet"};
}

Error IllegalSpec(const Rule& rule, std::string_view why) {
  std::string detail = "illegal policy[";
  detail.append(rule.kind).append("] spec, msg: ").append(rule.kind).append(".");
  detail.append(rule.member).append(" in body ").append(why);
  return {RegistryErrc::kInvalidParams, std::move(detail)};
}

Status CheckRule(const Rule& rule, const Document& spec) {
  const Document* const value = spec.Find(rule.member);
  if (value == nullptr) {
    if (rule.required) return IllegalSpec(rule, "is required");
    return {};
  }
  if (rule.check(*value)) return {};
  return IllegalSpec(rule, "must be " + std::string(rule.wanted));
}

Error NotAPolicy(std::string why) { return {KieErrc::kNotExists, std::move(why)}; }

}  // namespace

std::string PolicyKindInKey(std::string_view kind) {
  std::string spelled;
  bool raise = false;
  for (const char c : kind) {
    if (c == '-') {
      raise = true;
      continue;
    }
    spelled += raise && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    raise = false;
  }
  return spelled;
}

std::string PolicyKeyPrefix(std::string_view kind) {
  return std::string(kPolicyKeyPrefix).append(PolicyKindInKey(kind)).append(".");
}

PolicyKey ReadPolicyKey(std::string_view key) {
  if (!key.starts_with(kPolicyKeyPrefix)) return {};
  key.remove_prefix(kPolicyKeyPrefix.size());
  const std::size_t dot = key.find('.');
  if (dot == std::string_view::npos) return {};
  return {.kind = key.substr(0, dot), .name = key.substr(dot + 1)};
}

Status CheckPolicySpec(std::string_view kind, const Document& spec) {
  bool is_known = false;
  for (const Rule& rule : kRules) {
    if (rule.kind != kind) continue;
    is_known = true;
    if (Status good = CheckRule(rule, spec); !good.ok()) return good;
  }
  if (!is_known) return UnknownKind(kind);
  return {};
}

KvSpec PolicyItem(std::string_view kind, const PolicySpec& policy) {
  return {.key = PolicyKeyPrefix(kind) + policy.name,
          .value = ToYaml(policy.spec),
          .labels = policy.selector,
          .status = KvStatus::kEnabled,
          .value_type = ValueType::kText,
          .priority = kPolicyPriority};
}

KvUpdate PolicyUpdate(const PolicySpec& policy) {
  return {.value = ToYaml(policy.spec), .status = policy.status};
}

std::string NewGroupName(std::uint64_t random) {
  constexpr std::string_view kCharacters = "0123456789abcdefghijklmnopqrstuvwxyz";
  constexpr int kLength = 4;
  std::string name = "scene-";
  for (int i = 0; i < kLength; ++i) {
    name += kCharacters[random % kCharacters.size()];
    random /= kCharacters.size();
  }
  return name;
}

Status CheckPolicyItem(std::string_view kind, const KeyValue& kv) {
  if (ReadPolicyKey(kv.key()).kind == PolicyKindInKey(kind)) return {};
  return NotAPolicy("no policy of this kind has this id");
}

Result<Policy> ReadPolicyItem(std::string_view kind, const KeyValuePtr& kv) {
  if (Status is_one = CheckPolicyItem(kind, *kv); !is_one.ok()) return is_one.error();
  Result<Document> spec = ReadYamlDocument(kv->value);
  if (!spec.ok()) return NotAPolicy(spec.error().detail());
  if (spec->type != Type::kMap && spec->type != Type::kNull) {
    return NotAPolicy("the value of the policy's item is not a map of YAML");
  }
  return Policy{.kind = std::string(kind), .kv = kv, .spec = *std::move(spec)};
}

}  // namespace skep::server
