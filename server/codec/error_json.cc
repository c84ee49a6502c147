#include "server/codec/error_json.h"

#include "server/codec/json_writer.h"
#include "skep/registry/errors.h"

namespace skep::server {

Error ToWireError(const Error& error) {
  if (error.code().category() == RegistryCategory()) return error;
  return {RegistryErrc::kInternal, error.ToString(), error.rests_on()};
}

std::uint16_t HttpStatusOf(const Error& wire_error) {
  return static_cast<std::uint16_t>(wire_error.code().value() / 1000);
}

void AppendError(const Error& wire_error, std::string* out) {
  JsonObject object(out);
  object.NumberText("errorCode", wire_error.code().value());
  object.Text("errorMessage", wire_error.code().message());
  object.Text("detail", wire_error.detail());
}

std::string ErrorText(const Error& wire_error) {
  std::string text = wire_error.code().message();
  if (!wire_error.detail().empty()) text += "(" + wire_error.detail() + ")";
  return text;
}

}  // namespace skep::server
