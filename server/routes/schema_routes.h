// Handlers of the paths about schemas (spec 5).
#ifndef SKEP_SERVER_ROUTES_SCHEMA_ROUTES_H_
#define SKEP_SERVER_ROUTES_SCHEMA_ROUTES_H_

#include <string_view>

#include "server/routes/call.h"

namespace skep::server {

void GetSchema(Call& call);
void ListSchemas(Call& call);
void PutSchema(Call& call);
void ReplaceSchemas(Call& call);
void DeleteSchema(Call& call);

/// The part of existence (3.10) that is about schemas.
void AnswerSchemaExistence(Call& call, std::string_view service_id, std::string_view schema_id);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_SCHEMA_ROUTES_H_
