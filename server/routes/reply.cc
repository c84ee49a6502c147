#include "server/routes/reply.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "server/codec/error_json.h"
#include "server/codec/gzip.h"
#include "server/codec/instance_memo.h"
#include "server/routes/errors.h"
#include "skep/kie/errors.h"
#include "skep/registry/errors.h"

namespace skep::server {
namespace {

// The meeting of two that may come in either order, on two threads: the handler, which leaves the
// reply, and the engine, which says that the change is durable. The second one sends.
struct DurableReply {
  enum Arrivals { kNobody, kHandler, kEngine };

  std::atomic<int> arrived{kNobody};
  // Written by the handler before it arrives.
  HttpReply reply;
  std::shared_ptr<DeferredReply> deferred;
  // Written by the engine before it arrives.
  std::optional<Error> error;
  Api api = Api::kRegistry;
  LogSink log;
};

void MakeError(const std::optional<Error>& error, Api api, const LogSink& log, HttpReply* reply) {
  if (!error.has_value()) return;
  reply->headers.clear();
  reply->parts.clear();
  reply->source.reset();
  reply->content_encoding = {};
  FillError(*error, api, log, reply);
}

void Send(DurableReply& state) {
  MakeError(state.error, state.api, state.log, &state.reply);
  state.deferred->Send(std::move(state.reply));
}

void EngineArrives(DurableReply& state, const Status& status) {
  if (!status.ok()) state.error = status.error();
  if (state.arrived.exchange(DurableReply::kEngine) == DurableReply::kHandler) Send(state);
}

}  // namespace

void FillEmpty(HttpReply* reply) {
  reply->status = 200;
  reply->content_type = kEmptyType;
}

void FillText(std::uint16_t status, std::string_view text, HttpReply* reply) {
  reply->status = status;
  reply->content_type = kTextType;
  reply->text = text;
}

void FillKieText(std::uint16_t status, std::string_view text, HttpReply* reply) {
  FillText(status, text, reply);
  reply->content_type = "text/plain";
}

void FillNotFound(HttpReply* reply) { FillText(404, "404 page not found\n", reply); }

std::string* FillJson(HttpReply* reply) {
  reply->status = 200;
  reply->content_type = kJsonType;
  return &reply->text;
}

std::string* FillKieJson(HttpReply* reply) {
  reply->status = 200;
  reply->content_type = kKieJsonType;
  return &reply->text;
}

void FillError(const Error& error, Api api, const LogSink& log, HttpReply* reply) {
  const Error wire = ToWireError(error, api);
  const bool is_ours = wire == RegistryErrc::kInternal || wire == KieErrc::kInternal;
  if (log && is_ours) log(LogLevel::kError, wire.ToString());
  reply->text.clear();
  AppendError(wire, api == Api::kRegistry ? FillJson(reply) : FillKieJson(reply));
  reply->status = HttpStatusOf(wire);
  // A second is enough: load is measured anew twice a second, and a disk that is behind catches up.
  if (reply->status == 429) reply->headers.emplace_back("Retry-After", "1");
}

void AnswerError(Call& call, const Error& error) {
  FillError(error, call.api, call.context.options.log, &call.reply);
  if (error.rests_on()) SendWhenDurable(call, error.rests_on());
}

void AddProtectionField(Call& call) {
  if (!call.context.engine.registry().expiry_protection_on()) [[likely]]
    return;
  call.reply.headers.emplace_back("X-Skep-Expiry-Protection", "on");
}

Coding AcceptedCoding(const Call& call) {
  return AcceptsGzip(call.fields.encodings) ? Coding::kGzip : Coding::kPlain;
}

void Pack(const ClientFields& fields, HttpReply* reply) {
  if (fields.encodings.empty() || !reply->content_encoding.empty()) return;
  if (reply->source != nullptr) return;
  const std::size_t size = reply->body_size();
  if (size < kGzipBytesMin || size > kGzipBytesMax || !AcceptsGzip(fields.encodings)) return;
  for (const BodyPart& part : reply->parts) reply->text += part.bytes;
  reply->parts.clear();
  std::string packed = Gzip(reply->text);
  if (packed.empty()) return;
  reply->text = std::move(packed);
  reply->content_encoding = kGzipCoding;
}

void LimitReply(const ServerContext& context, Api api, HttpReply* reply) {
  const std::size_t limit = context.options.reply_bytes_max;
  if (reply->body_size() <= limit) [[likely]]
    return;
  MakeError(ReplyTooLarge(api, limit), api, context.options.log, reply);
}

void AnswerInstances(Call& call, const FindResult& found) {
  HttpReply& reply = call.reply;
  reply.headers.emplace_back(kRevisionField, found.version().str());
  AddProtectionField(call);
  if (found.not_modified()) {
    reply.status = 304;
    return;
  }
  std::string* text = FillJson(&reply);
  InstancesBody body = MakeInstancesBody(found, AcceptedCoding(call));
  if (body.coding == Coding::kGzip) reply.content_encoding = kGzipCoding;
  if (body.shared == nullptr) {
    *text = std::move(body.own);
  } else {
    const std::string_view bytes = *body.shared;
    reply.parts.push_back({bytes, std::move(body.shared)});
  }
}

void AnswerChange(Call& call, const Result<Revision>& changed) {
  if (!changed.ok()) return AnswerError(call, changed.error());
  FillEmpty(&call.reply);
  SendWhenDurable(call, *changed);
}

void SendWhenDurable(Engine& engine, Revision revision, Api api, const LogSink& log,
                     HttpReply reply, std::shared_ptr<DeferredReply> deferred) {
  const auto state = std::make_shared<DurableReply>();
  state->reply = std::move(reply);
  state->deferred = std::move(deferred);
  state->api = api;
  state->log = log;
  state->arrived = DurableReply::kHandler;
  engine.WhenDurable(revision, [state](const Status& status) { EngineArrives(*state, status); });
}

void SendWhenDurable(Call& call, Revision revision) {
  const auto state = std::make_shared<DurableReply>();
  call.context.engine.WhenDurable(revision,
                                  [state](const Status& status) { EngineArrives(*state, status); });
  if (state->arrived.load() == DurableReply::kEngine) {
    MakeError(state->error, call.api, call.context.options.log, &call.reply);
    return;
  }
  state->api = call.api;
  state->log = call.context.options.log;
  state->reply = std::move(call.reply);
  state->deferred = call.exchange.Defer();
  if (state->arrived.exchange(DurableReply::kHandler) == DurableReply::kEngine) Send(*state);
}

}  // namespace skep::server
