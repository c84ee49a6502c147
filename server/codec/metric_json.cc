#include "server/codec/metric_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <string>

#include "server/codec/ascii_case.h"

namespace skep::server {
namespace {

bool Is(std::string_view name, std::string_view known) { return EqualsIgnoringCase(name, known); }

constexpr std::string_view kFigures[] = {"time",
                                         "qps",
                                         "latency",
                                         "rate",
                                         "total",
                                         "failure",
                                         "failureRate",
                                         "shortCircuited",
                                         "semaphoreRejected",
                                         "threadPoolRejected",
                                         "countTimeout",
                                         "l995",
                                         "l99",
                                         "l90",
                                         "l75",
                                         "l50",
                                         "l25",
                                         "l5"};

bool ReadNumber(const JsonValue& value, double* out) {
  std::string_view text;
  if (!value.Read(&text)) return value.Read(out);
  *out = 0;
  if (text.empty()) return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  const bool good = error == std::errc() && end == text.data() + text.size() && std::isfinite(*out);
  return good || value.Expected("a number");
}

bool ReadInteger(const JsonValue& value, std::int64_t* out) {
  double number = 0;
  if (!ReadNumber(value, &number)) return false;
  constexpr double kMax = 9e18;  // Below 2^63.
  if (number < -kMax || number > kMax) return value.Expected("an integer of 64 bits");
  *out = static_cast<std::int64_t>(number);
  return true;
}

bool ReadFunction(const JsonValue& value, FunctionMetric* out) {
  return value.ForEachMember([out](std::string_view name, const JsonValue& member) {
    if (Is(name, "functionName") || Is(name, "name")) return member.Read(&out->name);
    if (Is(name, "functionType")) return member.Read(&out->type);
    if (Is(name, "desc")) return member.Read(&out->description);
    const auto* known = std::ranges::find_if(
        kFigures, [name](std::string_view figure) { return Is(name, figure); });
    if (known == std::end(kFigures) || member.IsNull()) return true;
    return ReadNumber(member, &out->figures[std::string(*known)]);
  });
}

bool ReadMemory(const JsonValue& value, MetricReport* out) {
  out->memory.clear();
  return value.ForEachMember([out](std::string_view name, const JsonValue& member) {
    return ReadInteger(member, &out->memory[std::string(name)]);
  });
}

bool ReadFunctions(const JsonValue& value, MetricReport* out) {
  out->functions.clear();
  return value.ForEachElement([out](const JsonValue& element) {
    return ReadFunction(element, &out->functions.emplace_back());
  });
}

}  // namespace

Result<MetricReport> ReadMetricReport(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return root.error();
  MetricReport report;
  const bool good = root->ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (Is(name, "name")) return member.Read(&report.name);
    if (Is(name, "appId")) return member.Read(&report.app_id);
    if (Is(name, "serviceId")) return member.Read(&report.service_id);
    if (Is(name, "version")) return member.Read(&report.version);
    if (Is(name, "instanceId")) return member.Read(&report.instance_id);
    if (Is(name, "instance")) return member.Read(&report.instance);
    if (Is(name, "thread")) return ReadInteger(member, &report.threads);
    if (Is(name, "cpu")) return ReadNumber(member, &report.cpu);
    if (Is(name, "memory")) return ReadMemory(member, &report);
    if (Is(name, "interfaces")) return ReadFunctions(member, &report);
    return true;
  });
  if (!good) return reader.TypeError();
  return report;
}

}  // namespace skep::server
