// The body of a metric report (API manual 9.3, 10.1.6).
#ifndef SKEP_SERVER_CODEC_METRIC_JSON_H_
#define SKEP_SERVER_CODEC_METRIC_JSON_H_

#include <string_view>

#include "server/codec/json_reader.h"
#include "skep/registry/monitor.h"
#include "skep/result.h"

namespace skep::server {

/// Figures may be numbers or, as the manual's own example has some, strings of digits. Errors:
/// kInvalidParams.
Result<MetricReport> ReadMetricReport(JsonReader& reader, std::string_view body);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_METRIC_JSON_H_
