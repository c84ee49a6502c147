#include "server/codec/policy_json.h"

#include "server/codec/ascii_case.h"
#include "server/codec/json_list.h"
#include "server/codec/json_writer.h"
#include "server/codec/kv_json.h"

namespace skep::server {
namespace {

bool ReadSpec(const JsonValue& value, Document* out) {
  if (!value.IsObject() && !value.IsNull()) return value.Expected("an object");
  return ReadDocument(value, out);
}

}  // namespace

Result<PolicySpec> ReadPolicySpec(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return root.error();
  PolicySpec policy;
  std::string_view status;
  const bool good = root->ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (EqualsIgnoringCase(name, "name")) return member.Read(&policy.name);
    if (EqualsIgnoringCase(name, "status")) return member.Read(&status);
    if (EqualsIgnoringCase(name, "selector")) return ReadLabels(member, &policy.selector);
    if (EqualsIgnoringCase(name, "spec")) return ReadSpec(member, &policy.spec);
    return true;
  });
  if (!good) return reader.TypeError();
  policy.status = ParseKvStatus(status);
  return policy;
}

void AppendPolicyIdBody(std::string_view id, std::string* out) { JsonObject(out).Text("id", id); }

void AppendPolicy(const Policy& policy, std::string* out) {
  const KeyValue& kv = *policy.kv;
  JsonObject object(out);
  object.Text("name", ReadPolicyKey(kv.key()).name);
  object.Text("id", kv.id());
  object.Text("status", ToString(kv.status));
  // Wire compatibility: a letter is missing.
  object.Number("creatTime", kv.create_time.time_since_epoch().count());
  object.Number("updateTime", kv.update_time.time_since_epoch().count());
  Map(&object, "selector", kv.labels(), out);
  object.Text("kind", policy.kind);
  if (policy.spec.parts.empty()) return;
  object.Key("spec");
  AppendJson(policy.spec, out);
}

void AppendPoliciesBody(std::span<const Policy> policies, std::string* out) {
  JsonArray array(out);
  for (const Policy& policy : policies) {
    array.Item();
    AppendPolicy(policy, out);
  }
}

void AppendPolicyGroupsBody(std::span<const PolicyGroup> groups, std::string* out) {
  JsonArray array(out);
  for (const PolicyGroup& group : groups) {
    array.Item();
    JsonObject object(out);
    List(&object, "policies", group.policies, out,
         [out](const Policy* policy) { AppendPolicy(*policy, out); });
    object.Key("matchGroup");
    AppendPolicy(*group.group, out);
  }
}

}  // namespace skep::server
