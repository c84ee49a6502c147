#include "server/codec/service_change_json.h"

#include "server/codec/ascii_case.h"
#include "server/codec/error_json.h"
#include "server/codec/json_writer.h"

namespace skep::server {

Result<Properties> ReadServiceProperties(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return root.error();
  Properties properties;
  const bool good = root->ForEachMember([&](std::string_view name, const JsonValue& member) {
    return !EqualsIgnoringCase(name, "properties") || member.Read(&properties);
  });
  if (!good) return reader.TypeError();
  return properties;
}

Result<BatchDeletion> ReadBatchDeletion(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return root.error();
  BatchDeletion deletion;
  const bool good = root->ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (EqualsIgnoringCase(name, "serviceIds")) return member.Read(&deletion.ids);
    if (EqualsIgnoringCase(name, "force")) return member.Read(&deletion.force);
    return true;
  });
  if (!good) return reader.TypeError();
  return deletion;
}

void AppendDeletionsBody(std::span<const ServiceDeletion> deletions, std::string* out) {
  JsonObject body(out);
  body.Key("services");
  JsonArray array(out);
  for (const ServiceDeletion& deletion : deletions) {
    array.Item();
    JsonObject object(out);
    if (!deletion.deleted.ok()) {
      object.Text("errMessage", ErrorText(ToWireError(deletion.deleted.error())));
    }
    object.Text("serviceId", deletion.id);
  }
}

}  // namespace skep::server
