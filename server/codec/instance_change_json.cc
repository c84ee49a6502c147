#include "server/codec/instance_change_json.h"

#include "server/codec/ascii_case.h"
#include "server/codec/registry_json.h"
#include "server/codec/registry_json_reader.h"

namespace skep::server {
namespace {

bool ReadPropertiesMember(const JsonValue& object, Properties* out) {
  out->clear();
  return object.ForEachMember([out](std::string_view name, const JsonValue& member) {
    return EqualsIgnoringCase(name, "properties") ? member.Read(out) : true;
  });
}

bool ReadStatus(const JsonValue& value, InstanceStatus* out) {
  std::string_view word;
  if (!value.Read(&word)) return false;
  const auto status = ParseInstanceStatus(word);
  if (!status.has_value()) {
    return value.Expected("one of UP, DOWN, STARTING, TESTING, OUTOFSERVICE");
  }
  *out = *status;
  return true;
}

}  // namespace

Result<Properties> ReadProperties(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return UnmarshalError(root.error());
  Properties properties;
  if (!ReadPropertiesMember(*root, &properties)) return UnmarshalError(reader.TypeError());
  return properties;
}

Result<StatusChange> ReadStatusChange(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return UnmarshalError(root.error());
  StatusChange change;
  const bool good = root->ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (EqualsIgnoringCase(name, "matches")) return ReadPropertiesMember(member, &change.matching);
    if (EqualsIgnoringCase(name, "status")) return ReadStatus(member, &change.status);
    return true;
  });
  if (!good) return UnmarshalError(reader.TypeError());
  return change;
}

}  // namespace skep::server
