#include "server/codec/error_json.h"

#include <optional>

#include "server/codec/json_writer.h"
#include "skep/kie/errors.h"
#include "skep/registry/errors.h"

namespace skep::server {
namespace {

// What routes find wrong themselves has the registry's numbers.
KieErrc KieErrcOf(const Error& error) {
  if (error == RegistryErrc::kInvalidParams) return KieErrc::kInvalidParams;
  if (error == RegistryErrc::kTooManyRequests) return KieErrc::kTooManyRequests;
  if (error == RegistryErrc::kUnavailable) return KieErrc::kUnavailable;
  return KieErrc::kInternal;
}

// What an engine says of its storage is the client's concern, too.
std::optional<RegistryErrc> StorageErrcOf(const Error& error) {
  if (error == EngineErrc::kStorageFailed) return RegistryErrc::kUnavailable;
  if (error == EngineErrc::kStorageBusy) return RegistryErrc::kTooManyRequests;
  return std::nullopt;
}

}  // namespace

Error ToWireError(const Error& error, Api api) {
  if (const auto code = StorageErrcOf(error)) {
    return ToWireError({*code, error.detail(), error.rests_on()}, api);
  }
  if (api == Api::kRegistry) {
    if (error.code().category() == RegistryCategory()) return error;
    return {RegistryErrc::kInternal, error.ToString(), error.rests_on()};
  }
  if (error.code().category() == KieCategory()) return error;
  const KieErrc code = KieErrcOf(error);
  if (code == KieErrc::kInternal) return {code, error.ToString(), error.rests_on()};
  return {code, error.detail(), error.rests_on()};
}

std::uint16_t HttpStatusOf(const Error& wire_error) {
  return static_cast<std::uint16_t>(wire_error.code().value() / 1000);
}

void AppendError(const Error& wire_error, std::string* out) {
  JsonObject object(out);
  object.NumberText("errorCode", wire_error.code().value());
  object.Text("errorMessage", wire_error.code().message());
  object.Text("detail", wire_error.detail());
  if (wire_error.code().category() != KieCategory()) return;
  object.NumberText("error_code", wire_error.code().value());
  object.Text("error_message", wire_error.code().message());
}

std::string ErrorText(const Error& wire_error) {
  std::string text = wire_error.code().message();
  if (!wire_error.detail().empty()) text += "(" + wire_error.detail() + ")";
  return text;
}

}  // namespace skep::server
