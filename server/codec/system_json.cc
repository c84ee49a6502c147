#include "server/codec/system_json.h"

#include <utility>

#include "server/codec/ascii_case.h"
#include "server/codec/json_writer.h"
#include "server/codec/time_text.h"
#include "skep/registry/errors.h"
#include "skep/version.h"

namespace skep::server {
namespace {

#if defined(__x86_64__)
constexpr std::string_view kArchitecture = "amd64";
#elif defined(__aarch64__)
constexpr std::string_view kArchitecture = "arm64";
#else
constexpr std::string_view kArchitecture = "unknown";
#endif

void AddBuildInfo(JsonObject* object) {
  object->Text("version", SKEP_VERSION_STRING);
  object->Text("buildTag", "skep-" SKEP_VERSION_STRING);
  // Wire compatibility: the member is always there; clients print it and nothing else.
  object->Text("goVersion", "none");
  object->Text("os", "linux");
  object->Text("arch", kArchitecture);
}

}  // namespace

void AppendVersionBody(std::string_view api_version, std::string* out) {
  JsonObject body(out);
  AddBuildInfo(&body);
  body.Text("apiVersion", api_version);
}

void AppendBuildInfo(std::string* out) {
  JsonObject info(out);
  AddBuildInfo(&info);
}

void AppendAlarmsBody(const std::optional<std::string>& internal_error, std::string* out) {
  JsonObject body(out);
  if (!internal_error.has_value()) return;
  body.Key("alarms");
  JsonArray alarms(out);
  alarms.Item();
  JsonObject alarm(out);
  alarm.Text("status", "ACTIVATED");
  alarm.Text("id", "InternalError");
  alarm.Key("fields");
  JsonObject fields(out);
  fields.Text("detail", *internal_error);
}

void AppendClustersBody(std::span<const std::string> addresses, std::string* out) {
  JsonObject body(out);
  body.Key("clusters");
  JsonObject clusters(out);
  clusters.Key("default");
  JsonArray array(out);
  for (const std::string& address : addresses) {
    array.Item();
    AppendJsonString(address, out);
  }
}

Result<std::chrono::nanoseconds> ReadAdvance(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return root.error();
  std::string_view text;
  const bool good = root->ForEachMember([&text](std::string_view name, const JsonValue& member) {
    return EqualsIgnoringCase(name, "advance") ? member.Read(&text) : true;
  });
  if (!good) return reader.TypeError();
  if (const auto duration = ParseDuration(text)) return *duration;
  return Error(RegistryErrc::kInvalidParams,
               "invalid advance \"" + std::string(text.substr(0, 32)) +
                   "\": say a duration that is not negative, such as \"90s\" or \"1h30m\"");
}

void AppendNowBody(WallTime now, std::string* out) {
  JsonObject body(out);
  body.Text("now", Timestamp(now));
}

}  // namespace skep::server
