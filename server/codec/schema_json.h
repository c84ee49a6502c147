// Schemas as JSON (spec 5.2).
#ifndef SKEP_SERVER_CODEC_SCHEMA_JSON_H_
#define SKEP_SERVER_CODEC_SCHEMA_JSON_H_

#include <string>
#include <string_view>
#include <vector>

#include "server/codec/json_reader.h"
#include "server/codec/sliced_text.h"
#include "skep/registry/schemas.h"
#include "skep/result.h"

namespace skep::server {

/// {"schema":"...","summary":"..."}; an id in it is passed over. Errors: kInvalidParams.
Result<Schema> ReadSchema(JsonReader& reader, std::string_view body);

/// {"schemas":[{"schemaId":"...","summary":"...","schema":"..."}]}. Errors: kInvalidParams.
Result<std::vector<Schema>> ReadSchemas(JsonReader& reader, std::string_view body);

enum class SchemaContent { kLeaveOut, kShow };

/// {"schema":"..."}
void AppendSchemaBody(const Schema& schema, std::string* out);

/// {"schemaId":"...","summary":"...","schema":"..."}
void AppendSchema(const Schema& schema, SchemaContent content, std::string* out);

/// A member with an array of them, left out where there is none.
SlicedText SchemaList(JsonObject* object, std::string_view name,
                      const std::vector<SchemaPtr>* schemas, SchemaContent content,
                      std::string* out);

/// {"schemas":[...]}, or {} where there is none.
SlicedText SchemasText(std::vector<SchemaPtr> schemas, SchemaContent content, std::string* out);

/// {"serviceId":"...","schemaId":"..."}
void AppendSchemaExistsBody(std::string_view service_id, std::string_view schema_id,
                            std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_SCHEMA_JSON_H_
