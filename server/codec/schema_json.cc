#include "server/codec/schema_json.h"

#include "server/codec/ascii_case.h"
#include "server/codec/json_list.h"
#include "server/codec/json_writer.h"

namespace skep::server {
namespace {

bool ReadMembers(const JsonValue& value, Schema* out) {
  return value.ForEachMember([out](std::string_view name, const JsonValue& member) {
    if (EqualsIgnoringCase(name, "schemaId")) return member.Read(&out->id);
    if (EqualsIgnoringCase(name, "summary")) return member.Read(&out->summary);
    if (EqualsIgnoringCase(name, "schema")) return member.Read(&out->content);
    return true;
  });
}

}  // namespace

Result<Schema> ReadSchema(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return root.error();
  Schema schema;
  if (!ReadMembers(*root, &schema)) return reader.TypeError();
  schema.id.clear();  // The path names it.
  return schema;
}

Result<std::vector<Schema>> ReadSchemas(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return root.error();
  std::vector<Schema> schemas;
  const bool good = root->ForEachMember([&schemas](std::string_view name, const JsonValue& member) {
    if (!EqualsIgnoringCase(name, "schemas")) return true;
    schemas.clear();
    return member.ForEachElement([&schemas](const JsonValue& element) {
      return ReadMembers(element, &schemas.emplace_back());
    });
  });
  if (!good) return reader.TypeError();
  return schemas;
}

void AppendSchemaBody(const Schema& schema, std::string* out) {
  JsonObject body(out);
  body.Text("schema", schema.content);
}

void AppendSchema(const Schema& schema, SchemaContent content, std::string* out) {
  JsonObject object(out);
  object.Text("schemaId", schema.id);
  object.Text("summary", schema.summary);
  if (content == SchemaContent::kShow) object.Text("schema", schema.content);
}

SlicedText SchemasText(std::vector<SchemaPtr> schemas, SchemaContent content, std::string* out) {
  JsonObject body(out);
  SlicedText list = SchemaList(&body, "schemas", &schemas, content, out);
  while (list.Next()) co_await kPause;
}

SlicedText SchemaList(JsonObject* object, std::string_view name,
                      const std::vector<SchemaPtr>* schemas, SchemaContent content,
                      std::string* out) {
  return SlicedList(object, name, schemas, out, [content, out](const SchemaPtr& schema) {
    AppendSchema(*schema, content, out);
  });
}

void AppendSchemaExistsBody(std::string_view service_id, std::string_view schema_id,
                            std::string* out) {
  JsonObject body(out);
  body.Text("serviceId", service_id);
  body.Text("schemaId", schema_id);
}

}  // namespace skep::server
