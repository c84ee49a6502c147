#include "server/codec/rule_json.h"

#include <string_view>

#include "server/codec/ascii_case.h"
#include "server/codec/json_writer.h"

namespace skep::server {
namespace {

bool ReadType(const JsonValue& value, RuleType* out) {
  std::string_view word;
  if (!value.Read(&word)) return false;
  if (word == "WHITE") {
    *out = RuleType::kWhite;
  } else if (word == "BLACK") {
    *out = RuleType::kBlack;
  } else {
    return value.Expected("one of WHITE, BLACK");
  }
  return true;
}

bool ReadRule(const JsonValue& value, Rule* out) {
  if (value.IsNull()) return value.Expected("a rule");
  return value.ForEachMember([out](std::string_view name, const JsonValue& member) {
    if (EqualsIgnoringCase(name, "ruleId")) return member.Read(&out->id);
    if (EqualsIgnoringCase(name, "ruleType")) return ReadType(member, &out->type);
    if (EqualsIgnoringCase(name, "attribute")) return member.Read(&out->attribute);
    if (EqualsIgnoringCase(name, "pattern")) return member.Read(&out->pattern);
    if (EqualsIgnoringCase(name, "description")) return member.Read(&out->description);
    return true;
  });
}

}  // namespace

bool ReadRules(const JsonValue& value, std::vector<Rule>* out) {
  out->clear();
  return value.ForEachElement(
      [out](const JsonValue& element) { return ReadRule(element, &out->emplace_back()); });
}

void AppendRule(const Rule& rule, std::string* out) {
  JsonObject object(out);
  object.Text("ruleId", rule.id);
  object.Text("ruleType", rule.type == RuleType::kWhite ? "WHITE" : "BLACK");
  object.Text("attribute", rule.attribute);
  object.Text("pattern", rule.pattern);
  object.Text("description", rule.description);
  object.NumberText("timestamp", rule.created.time_since_epoch().count());
  object.NumberText("modTimestamp", rule.modified.time_since_epoch().count());
}

}  // namespace skep::server
