#include "server/routes/kv_routes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/codec/kv_answer_memo.h"
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

KvAsked AskedBy(const Call& call) {
  return {.project = call.parameters[0], .query = call.query, .accepted = AcceptedCoding(call)};
}

// The answer that was given to the same query at this revision. Polls that are tracked need the
// items of a list, so it is made for them.
bool AnswerKept(Call& call, const KvAsked& asked, Revision newest) {
  std::optional<KvListBody> body = call.context.kv_answers.Find(asked, newest);
  if (!body.has_value()) return false;
  if (body->text == nullptr) {
    call.reply.status = 304;
    return true;
  }
  if (IsTracked(call.request)) return false;
  FillKvList({newest, *std::move(body)}, &call.reply);
  return true;
}

// Nothing new, and no wait for what is. That a query is good does not change; that it asks for
// nothing new holds at the revision that it knows.
void AnswerUnchanged(Call& call, const ConfigCenter& config, const KvListRequest& request,
                     std::optional<Revision> known) {
  if (Status good = config.Check(request.query()); !good.ok()) {
    return AnswerError(call, good.error());
  }
  if (known.has_value()) call.context.kv_answers.Keep(AskedBy(call), *known, {});
  call.reply.status = 304;
}

// Nothing new: 304, or later what is new then.
void AwaitChange(Call& call, const ConfigCenter& config, const KvListRequest& request,
                 std::optional<Revision> known) {
  if (request.wait() <= std::chrono::nanoseconds(0)) {
    return AnswerUnchanged(call, config, request, known);
  }
  if (!request.query().key.empty()) {
    return AnswerError(call, InvalidKvRequest("can not accept key params, when using wait"));
  }
  HoldPoll(call, config, request, known);
}

// What is new. The answer is the same for whoever asks the same at its revision, unless that is the
// very revision that the client knows, a change having come since it was compared.
void AnswerList(Call& call, const ConfigCenter& config, const KvListRequest& request,
                const KvAsked& asked) {
  Result<KvListAnswer> answer = MakeKvList(call.context, config, request, asked.accepted,
                                           PollOf(call.request, request).get());
  if (!answer.ok()) return AnswerError(call, answer.error());
  if (!Knows(request, answer->revision)) {
    call.context.kv_answers.Keep(asked, answer->revision, answer->body);
  }
  FillKvList(*std::move(answer), &call.reply);
}

}  // namespace

// The decision table of spec kie 5.1.3. What it decides, but for waits, follows from the query and
// the newest revision alone; so it is kept by these two.
void ListKvs(Call& call) {
  const KvAsked asked = AskedBy(call);
  const ConfigCenter config = call.config();
  const Revision newest = config.revision();
  if (AnswerKept(call, asked, newest)) return;
  KvListRequest request(call.query);
  if (Status good = request.Read(); !good.ok()) return AnswerError(call, good.error());
  if (!request.revision().has_value()) {
    if (!request.wait_text().empty()) return AwaitChange(call, config, request, std::nullopt);
  } else if (Knows(request, newest)) {
    return AwaitChange(call, config, request, newest);
  }
  AnswerList(call, config, request, asked);
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
