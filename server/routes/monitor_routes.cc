#include "server/routes/monitor_routes.h"

#include <utility>

#include "server/codec/metric_json.h"
#include "server/routes/errors.h"
#include "server/routes/reply.h"

namespace skep::server {

void ReportMetrics(Call& call) {
  if (call.request.body_too_large) return AnswerError(call, BodyTooLarge());
  Result<MetricReport> report = [&call] {
    const auto reader = call.context.readers.Borrow();
    return ReadMetricReport(*reader, call.request.body);
  }();
  if (!report.ok()) return AnswerError(call, report.error());
  const Status taken = call.registry().monitor().Report(*std::move(report));
  if (!taken.ok()) return AnswerError(call, taken.error());
  FillEmpty(&call.reply);
}

}  // namespace skep::server
