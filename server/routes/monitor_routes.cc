#include "server/routes/monitor_routes.h"

#include <utility>

#include "server/codec/metric_json.h"
#include "server/routes/parameters.h"
#include "server/routes/reply.h"

namespace skep::server {

void ReportMetrics(Call& call) {
  Result<MetricReport> report = ReadBody(call, ReadMetricReport);
  if (!report.ok()) return AnswerError(call, report.error());
  const Status taken = call.registry().monitor().Report(*std::move(report));
  if (!taken.ok()) return AnswerError(call, taken.error());
  FillEmpty(&call.reply);
}

}  // namespace skep::server
