#include "server/routes/schema_routes.h"

#include <string>
#include <utility>
#include <vector>

#include "server/codec/query_string.h"
#include "server/codec/schema_json.h"
#include "server/routes/errors.h"
#include "server/routes/parameters.h"
#include "server/routes/record_bytes.h"
#include "server/routes/reply.h"
#include "server/routes/sliced_reply.h"

namespace skep::server {
namespace {

/// Always there where a schema is, though maybe empty; spelled so that clients which compare case
/// find it.
constexpr std::string_view kSummaryField = "X-Schema-Summary";

}  // namespace

void GetSchema(Call& call) {
  const Result<SchemaPtr> schema =
      call.registry().schemas().Get(call.service_id(), call.parameters[2]);
  if (!schema.ok()) return AnswerError(call, schema.error());
  call.reply.headers.emplace_back(kSummaryField, (*schema)->summary);
  AppendSchemaBody(**schema, FillJson(&call.reply));
}

void AnswerSchemaExistence(Call& call, std::string_view service_id, std::string_view schema_id) {
  const Result<SchemaPtr> schema =
      call.registry().schemas().Get(ServiceIdView(service_id), schema_id);
  if (!schema.ok()) return AnswerError(call, schema.error());
  call.reply.headers.emplace_back(kSummaryField, (*schema)->summary);
  AppendSchemaExistsBody(service_id, schema_id, FillJson(&call.reply));
}

void ListSchemas(Call& call) {
  const QueryValues<1> query(call.query, {"withSchema"});
  const std::string_view with = query[0];
  if (!with.empty() && with != "0" && with != "1") return AnswerError(call, BadWithSchema());
  Result<std::vector<SchemaPtr>> schemas = call.registry().schemas().List(call.service_id());
  if (!schemas.ok()) return AnswerError(call, schemas.error());
  const auto content = with == "1" ? SchemaContent::kShow : SchemaContent::kLeaveOut;
  const std::size_t bytes = RecordBytes(*schemas);
  AnswerSliced(
      call,
      {[&](std::string* out) { return SchemasText(*std::move(schemas), content, out); }, bytes});
}

void PutSchema(Call& call) {
  Result<Schema> schema = ReadBody(call, ReadSchema);
  if (!schema.ok()) return AnswerError(call, schema.error());
  schema->id = call.parameters[2];
  AnswerChange(
      call, call.registry().schemas().Put(call.service_id(), *std::move(schema), Ack::kPublished));
}

void ReplaceSchemas(Call& call) {
  Result<std::vector<Schema>> schemas = ReadBody(call, ReadSchemas);
  if (!schemas.ok()) return AnswerError(call, schemas.error());
  AnswerChange(call, call.registry().schemas().ReplaceAll(call.service_id(), *std::move(schemas),
                                                          Ack::kPublished));
}

void DeleteSchema(Call& call) {
  AnswerChange(call, call.registry().schemas().Delete(call.service_id(), call.parameters[2],
                                                      Ack::kPublished));
}

}  // namespace skep::server
