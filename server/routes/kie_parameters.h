// What several handlers of the configuration center read and write in the same way.
#ifndef SKEP_SERVER_ROUTES_KIE_PARAMETERS_H_
#define SKEP_SERVER_ROUTES_KIE_PARAMETERS_H_

#include <string>
#include <string_view>
#include <utility>

#include "server/codec/json_reader.h"
#include "server/codec/media_type.h"
#include "server/routes/call.h"
#include "server/routes/errors.h"
#include "server/routes/parameters.h"
#include "server/transport/http_message.h"
#include "skep/result.h"

namespace skep::server {

/// The same as parameters.h's, for a body that may be YAML.
template <class T>
Result<T> ReadBody(Call& call, Result<T> (*read)(JsonReader& reader, std::string_view body),
                   Result<T> (*read_yaml)(std::string_view body)) {
  if (MediaTypeOf(call.request.Field("Content-Type")) != MediaType::kYaml) {
    return ReadBody(call, read);
  }
  if (call.request.body_too_large) return BodyTooLarge(call.api);
  return read_yaml(call.request.body);
}

/// 200 with YAML.
inline void FillYaml(std::string text, HttpReply* reply) {
  reply->status = 200;
  reply->content_type = "text/yaml";
  reply->text = std::move(text);
}

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_KIE_PARAMETERS_H_
