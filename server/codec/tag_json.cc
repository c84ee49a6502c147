#include "server/codec/tag_json.h"

#include "server/codec/ascii_case.h"
#include "server/codec/json_list.h"
#include "server/codec/json_writer.h"

namespace skep::server {

Result<Properties> ReadTags(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return root.error();
  Properties tags;
  const bool good = root->ForEachMember([&tags](std::string_view name, const JsonValue& member) {
    Properties passed_over;
    return member.Read(EqualsIgnoringCase(name, "tags") ? &tags : &passed_over);
  });
  if (!good) return reader.TypeError();
  return tags;
}

void AppendTagsBody(const Properties& tags, std::string* out) {
  JsonObject body(out);
  Map(&body, "tags", tags, out);
}

}  // namespace skep::server
