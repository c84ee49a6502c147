// What several handlers read of a request in the same way.
#ifndef SKEP_SERVER_ROUTES_PARAMETERS_H_
#define SKEP_SERVER_ROUTES_PARAMETERS_H_

#include <string_view>

#include "server/codec/json_reader.h"
#include "server/codec/query_string.h"
#include "server/routes/call.h"
#include "server/routes/errors.h"
#include "skep/registry/microservices.h"
#include "skep/result.h"

namespace skep::server {

/// The body as `read` understands it; nothing of it may lie in the reader, which is given back.
template <class T>
Result<T> ReadBody(Call& call, Result<T> (*read)(JsonReader& reader, std::string_view body)) {
  if (call.request.body_too_large) return BodyTooLarge(call.api);
  const auto reader = call.context.readers.Borrow();
  return read(*reader, call.request.body);
}

/// A value of `withShared`.
inline SharedServices ReadShared(std::string_view with_shared) {
  return IsTruthy(with_shared) ? SharedServices::kShow : SharedServices::kHide;
}

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_PARAMETERS_H_
