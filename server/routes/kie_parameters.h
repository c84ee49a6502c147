// What several handlers of the configuration center read and write in the same way.
#ifndef SKEP_SERVER_ROUTES_KIE_PARAMETERS_H_
#define SKEP_SERVER_ROUTES_KIE_PARAMETERS_H_

#include <string>
#include <string_view>
#include <utility>

#include "server/codec/json_reader.h"
#include "server/codec/media_type.h"
#include "server/routes/call.h"
#include "server/transport/http_message.h"
#include "skep/kie/errors.h"
#include "skep/result.h"

namespace skep::server {

inline Error KieBodyTooLarge() {
  return {KieErrc::kInvalidParams, "decode request body failed: http: request body too large"};
}

/// A wait looks at labels alone (spec kie 5.1.8).
inline Error KeyWithWait() {
  return {KieErrc::kInvalidParams, "can not accept key params, when using wait"};
}

/// A JSON body as `read` understands it; nothing of it may lie in the reader, which is given back.
template <class T>
Result<T> ReadKieBody(Call& call, Result<T> (*read)(JsonReader& reader, std::string_view body)) {
  if (call.request.body_too_large) return KieBodyTooLarge();
  const auto reader = call.context.readers.Borrow();
  return read(*reader, call.request.body);
}

/// The same for a body that may be YAML.
template <class T>
Result<T> ReadKieBody(Call& call, Result<T> (*read)(JsonReader& reader, std::string_view body),
                      Result<T> (*read_yaml)(std::string_view body)) {
  if (MediaTypeOf(call.request.Field("Content-Type")) != MediaType::kYaml) {
    return ReadKieBody(call, read);
  }
  if (call.request.body_too_large) return KieBodyTooLarge();
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
