// Bodies of the paths about the server itself: version (spec 10.1) and the manual clock.
#ifndef SKEP_SERVER_CODEC_SYSTEM_JSON_H_
#define SKEP_SERVER_CODEC_SYSTEM_JSON_H_

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "server/codec/json_reader.h"
#include "skep/clock.h"
#include "skep/result.h"

namespace skep::server {

/// {"version":"...","buildTag":"...","goVersion":"...","os":"...","arch":"...","apiVersion":"..."}
void AppendVersionBody(std::string_view api_version, std::string* out);

/// The same without apiVersion, as a dump has it.
void AppendBuildInfo(std::string* out);

/// {"alarms":[{"status":"ACTIVATED","id":"InternalError","fields":{"detail":"..."}}]}, or {} where
/// there is no alarm.
void AppendAlarmsBody(const std::optional<std::string>& internal_error, std::string* out);

/// {"clusters":{"default":["http://127.0.0.1:30100"]}}: one cluster, which is this process.
void AppendClustersBody(std::span<const std::string> addresses, std::string* out);

/// {"advance":"90s"}: a duration that is not negative. Errors: kInvalidParams.
Result<std::chrono::nanoseconds> ReadAdvance(JsonReader& reader, std::string_view body);

/// {"now":"2024-01-01T00:01:30.000Z"}
void AppendNowBody(WallTime now, std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_SYSTEM_JSON_H_
