#include "server/routes/kv_routes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/codec/gzip.h"
#include "server/codec/kv_body.h"
#include "server/codec/kv_json.h"
#include "server/codec/kv_request.h"
#include "server/codec/kv_yaml.h"
#include "server/routes/kie_parameters.h"
#include "server/routes/kv_poll.h"
#include "server/routes/reply.h"

namespace skep::server {
namespace {

// The item that a write has made, once it is durable.
void AnswerWritten(Call& call, const Result<WrittenKv>& written) {
  if (!written.ok()) return AnswerError(call, written.error());
  if (call.answer_type == MediaType::kYaml) {
    FillYaml(KvYaml(*written->kv), &call.reply);
  } else {
    AppendKv(*written->kv, KvDetail::kPlain, FillKieJson(&call.reply));
  }
  Pack(call.fields, &call.reply);
  SendWhenDurable(call, written->revision);
}

void AnswerDeletion(Call& call, const Result<Revision>& deleted) {
  if (!deleted.ok()) return AnswerError(call, deleted.error());
  call.reply.status = 204;
  SendWhenDurable(call, *deleted);
}

bool Knows(const KvListRequest& request, Revision newest) {
  return request.revision() == static_cast<std::int64_t>(newest.number());
}

// Nothing new: 304, or later what is new then.
void AwaitChange(Call& call, const ConfigCenter& config, const KvListRequest& request,
                 std::optional<Revision> known) {
  if (request.wait() <= std::chrono::nanoseconds(0)) {
    if (Status good = config.Check(request.query()); !good.ok()) {
      return AnswerError(call, good.error());
    }
    call.reply.status = 304;
    return;
  }
  if (!request.query().key.empty()) {
    return AnswerError(call, InvalidKvRequest("can not accept key params, when using wait"));
  }
  HoldPoll(call, config, request, known);
}

}  // namespace

// The decision table of spec kie 5.1.3.
void ListKvs(Call& call) {
  KvListRequest request(call.query);
  if (Status good = request.Read(); !good.ok()) return AnswerError(call, good.error());
  const ConfigCenter config = call.config();
  if (!request.revision().has_value()) {
    if (!request.wait_text().empty()) return AwaitChange(call, config, request, std::nullopt);
  } else if (const Revision newest = config.revision(); Knows(request, newest)) {
    return AwaitChange(call, config, request, newest);
  }
  const bool gzip = AcceptsGzip(call.fields.encodings);
  const Status filled = FillKvList(call.context, config, request, gzip, &call.reply,
                                   PollOf(call.request, request).get());
  if (!filled.ok()) AnswerError(call, filled.error());
}

void CreateKv(Call& call) {
  Result<KvSpec> spec = ReadBody(call, ReadKvSpec, ReadKvYaml);
  if (!spec.ok()) return AnswerError(call, spec.error());
  AnswerWritten(call, call.config().Create(*std::move(spec), Ack::kPublished));
}

void GetKv(Call& call) {
  const Result<KeyValuePtr> kv = call.config().Get(call.parameters[1]);
  if (!kv.ok()) return AnswerError(call, kv.error());
  AppendKv(**kv, KvDetail::kFormat, FillKieJson(&call.reply));
}

void UpdateKv(Call& call) {
  Result<KvUpdate> update = ReadBody(call, ReadKvUpdate, ReadKvUpdateYaml);
  if (!update.ok()) return AnswerError(call, update.error());
  AnswerWritten(call,
                call.config().Update(call.parameters[1], *std::move(update), Ack::kPublished));
}

void DeleteKv(Call& call) {
  AnswerDeletion(call, call.config().Delete(call.parameters[1], Ack::kPublished));
}

void DeleteKvs(Call& call) {
  const Result<std::vector<std::string>> ids = ReadBody(call, ReadKvIds);
  if (!ids.ok()) return AnswerError(call, ids.error());
  AnswerDeletion(call, call.config().DeleteMany(*ids, Ack::kPublished));
}

}  // namespace skep::server
