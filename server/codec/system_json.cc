#include "server/codec/system_json.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <utility>

#include "server/codec/ascii_case.h"
#include "server/codec/json_writer.h"
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

using Wide = std::uint64_t;

struct Unit {
  std::string_view name;
  Wide nanoseconds;
};

// Longer names before those that they begin with.
constexpr std::array<Unit, 6> kUnits{{{"ns", 1},
                                      {"us", 1'000},
                                      {"ms", 1'000'000},
                                      {"s", 1'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"h", 3'600'000'000'000}}};

constexpr Wide kNanosecondsMax = std::numeric_limits<std::int64_t>::max();

const Unit* TakeUnit(std::string_view* text) {
  for (const Unit& unit : kUnits) {
    if (!text->starts_with(unit.name)) continue;
    text->remove_prefix(unit.name.size());
    return &unit;
  }
  return nullptr;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes digits off the front. False where their number is too large.
bool TakeDigits(std::string_view* text, Wide* value, std::size_t* count) {
  for (; !text->empty() && IsDigit(text->front()); text->remove_prefix(1), ++*count) {
    const Wide digit = static_cast<Wide>(text->front() - '0');
    if (*value > (kNanosecondsMax - digit) / 10) return false;
    *value = *value * 10 + digit;
  }
  return true;
}

// The digits behind a point, in billionths; what is finer than that is dropped.
Wide TakeFraction(std::string_view* text, std::size_t* count) {
  Wide billionths = 0;
  Wide weight = 100'000'000;
  for (; !text->empty() && IsDigit(text->front()); text->remove_prefix(1), ++*count) {
    billionths += weight * static_cast<Wide>(text->front() - '0');
    weight /= 10;
  }
  return billionths;
}

// One number with its unit off the front.
std::optional<Wide> TakePart(std::string_view* text) {
  Wide whole = 0;
  Wide billionths = 0;
  std::size_t digits = 0;
  if (!TakeDigits(text, &whole, &digits)) return std::nullopt;
  if (text->starts_with('.')) {
    text->remove_prefix(1);
    billionths = TakeFraction(text, &digits);
  }
  if (digits == 0) return std::nullopt;
  const Unit* unit = TakeUnit(text);
  if (unit == nullptr || whole > kNanosecondsMax / unit->nanoseconds) return std::nullopt;
  // In two steps, for a billionth of an hour times 10^9 is more than 64 bits hold.
  const Wide fraction = unit->nanoseconds >= 1'000'000'000
                            ? billionths * (unit->nanoseconds / 1'000'000'000)
                            : billionths * unit->nanoseconds / 1'000'000'000;
  return whole * unit->nanoseconds + fraction;
}

void AddBuildInfo(JsonObject* object) {
  object->Text("version", SKEP_VERSION_STRING);
  object->Text("buildTag", "skep-" SKEP_VERSION_STRING);
  // Wire compatibility: the member is always there; clients print it and nothing else.
  object->Text("goVersion", "none");
  object->Text("os", "linux");
  object->Text("arch", kArchitecture);
}

}  // namespace

std::optional<std::chrono::nanoseconds> ParseDuration(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return std::chrono::nanoseconds(0);
  if (text.empty()) return std::nullopt;
  Wide total = 0;
  while (!text.empty()) {
    const std::optional<Wide> part = TakePart(&text);
    if (!part.has_value() || *part > kNanosecondsMax - total) return std::nullopt;
    total += *part;
  }
  return std::chrono::nanoseconds(static_cast<std::int64_t>(total));
}

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
  using namespace std::chrono;
  const sys_days day = floor<days>(now);
  const year_month_day date(day);
  const hh_mm_ss time(now - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  JsonObject body(out);
  body.Text("now", text);
}

}  // namespace skep::server
