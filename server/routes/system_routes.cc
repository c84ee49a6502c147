#include "server/routes/system_routes.h"

#include <chrono>
#include <string>

#include "server/codec/system_json.h"
#include "server/routes/errors.h"
#include "server/routes/metrics_page.h"
#include "server/routes/parameters.h"
#include "server/routes/reply.h"
#include "server/routes/self_registration.h"
#include "skep/clock.h"

namespace skep::server {
namespace {

ManualClock* ServedClock(const ServerContext& context) {
  if (!context.options.serve_manual_clock) return nullptr;
  return dynamic_cast<ManualClock*>(&context.engine.clock());
}

}  // namespace

void GetVersion(Call& call) { AppendVersionBody("4.0.0", FillJson(&call.reply)); }

void GetShortVersion(Call& call) { AppendVersionBody("3.0.0", FillJson(&call.reply)); }

void GetHealth(Call& call) {
  const SelfRegistration* self = call.context.self.load(std::memory_order_acquire);
  if (self == nullptr) return AnswerError(call, NotRegisteredItself());
  // Wire compatibility: 400002, and no 5xx, where the reference has lost its backend.
  if (const Status storage = call.context.engine.storage_health(); !storage.ok()) {
    return AnswerError(call, Unhealthy(storage.error()));
  }
  // Whatever tenant is asked for: the server is registered in one.
  const Result<FindResult> found =
      call.context.engine.registry().instances().List(self->service_id());
  if (!found.ok()) return AnswerError(call, found.error());
  AnswerInstances(call, *found);
  call.reply.headers.clear();  // Health has no revision.
  AddProtectionField(call);
}

void GetReadiness(Call& call) {
  if (const Status storage = call.context.engine.storage_health(); !storage.ok()) {
    return AnswerError(call, storage.error());
  }
  FillEmpty(&call.reply);
}

void GetMetrics(Call& call) {
  FillText(200, MetricsPage(call.context), &call.reply);
  call.reply.content_type = kMetricsType;
}

void AdvanceClock(Call& call) {
  ManualClock* clock = ServedClock(call.context);
  if (clock == nullptr) return FillNotFound(&call.reply);
  const Result<std::chrono::nanoseconds> by = ReadBody(call, ReadAdvance);
  if (!by.ok()) return AnswerError(call, by.error());
  clock->Advance(*by);
  AppendNowBody(clock->WallNow(), FillJson(&call.reply));
}

}  // namespace skep::server
