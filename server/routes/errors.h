// One factory for each fact that the routes themselves answer with. What the registry finds wrong
// has its words there, what a decoder finds wrong in the codec.
#ifndef SKEP_SERVER_ROUTES_ERRORS_H_
#define SKEP_SERVER_ROUTES_ERRORS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "server/codec/error_json.h"
#include "skep/error.h"

namespace skep::server {

Error BodyTooLarge(Api api = Api::kRegistry);
Error BadForce();
/// Of a batch whose action this server does not know.
Error BadAction(std::string_view type);
Error BadExistenceType();
Error BadCountOnly();
/// Of what is for operators in default/default alone.
Error AdminOnly();
/// A dump would have more than `limit` parts.
Error DumpTooLong(std::size_t limit);
/// A list would have more policies than `policies_max`, or longer ones than `bytes_max` in all.
Error PoliciesTooLong(std::size_t policies_max, std::size_t bytes_max);
/// A reply would have more than `limit` bytes.
Error ReplyTooLarge(Api api, std::size_t limit);
Error NotRegisteredItself();
/// Of the instance as which the server is registered.
Error OwnInstance(std::string_view id);
/// Of health, where `storage` is what ails it.
Error Unhealthy(const Error& storage);
Error BadWithSchema();
/// Of a registration with rules, tags or instances: `texts`, separated by blanks, says what failed.
Error PartsFailed(const std::string& texts);
Error Overloaded();
Error Stopping();

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_ERRORS_H_
