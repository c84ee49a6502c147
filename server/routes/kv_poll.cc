#include "server/routes/kv_poll.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "server/routes/reply.h"

namespace skep::server {
namespace {

constexpr std::string_view kSessionField = "X-Session-Id";

// The first address that a proxy names, else the peer's own (spec kie 8.3).
std::string_view ClientAddress(const HttpRequest& request) {
  std::string_view forwarded = request.Field("X-Forwarded-For");
  forwarded = forwarded.substr(0, forwarded.find(','));
  while (forwarded.ends_with(' ')) forwarded.remove_suffix(1);
  if (!forwarded.empty()) return forwarded;
  if (const std::string_view real = request.Field("X-Real-Ip"); !real.empty()) return real;
  std::string_view peer = request.peer.substr(0, request.peer.rfind(':'));
  if (peer.starts_with('[') && peer.ends_with(']')) peer = peer.substr(1, peer.size() - 2);
  return peer;
}

// A poll that waits. What it needs of the request it keeps as text, and reads again when it is
// woken: ten thousand may be waiting.
//
// Its own members but wait_ are set before the wait begins, and after that used by whoever ends it,
// once; wait_ is used by the connection's thread alone.
class HeldPoll : public std::enable_shared_from_this<HeldPoll> {
 public:
  HeldPoll(Call& call, const ConfigCenter& config, const KvListRequest& request)
      : context_(call.context),
        config_(config),
        query_(call.query),
        static_fields_(call.reply.static_fields),
        mark_(call.reply.mark),
        accepted_(AcceptedCoding(call)),
        poll_(PollOf(call.request, request)) {}

  void Begin(HttpExchange& exchange, const KvListRequest& request, std::optional<Revision> known) {
    const auto self = shared_from_this();
    deferred_ = exchange.Park([self](Unpark why) { self->OnUnpark(why); });
    const auto timeout = std::min(std::chrono::ceil<Millis>(request.wait()), kLongestAsked);
    Result<KvWait> wait =
        config_.Wait(request.query(), known, timeout, [self](WaitEnd how) { self->OnEnd(how); });
    if (wait.ok()) {
      wait_ = *std::move(wait);
    } else {
      Send(wait.error());
    }
  }

 private:
  // Longer than any wait that is allowed, and far from what a clock can count.
  static constexpr Millis kLongestAsked = std::chrono::hours(24 * 365);

  void OnEnd(WaitEnd how) {
    switch (how) {
      case WaitEnd::kChanged:
        return SendList();
      case WaitEnd::kTimedOut:
        return SendUnchanged();
      case WaitEnd::kClosed:
        return Send(Error(KieErrc::kUnavailable, "the engine closes"));
    }
  }

  void OnUnpark(Unpark why) {
    if (!wait_.Cancel()) return;  // It has ended, and its answer is on its way.
    if (why == Unpark::kStopping) SendUnchanged();
  }

  HttpReply NewReply() const {
    HttpReply reply;
    reply.static_fields = static_fields_;
    reply.mark = mark_;
    return reply;
  }

  void SendUnchanged() {
    HttpReply reply = NewReply();
    reply.status = 304;
    deferred_->Send(std::move(reply));
  }

  void Send(const Error& error) {
    HttpReply reply = NewReply();
    FillError(error, Api::kConfig, context_.options.log, &reply);
    deferred_->Send(std::move(reply));
  }

  void SendList() {
    KvListRequest request(query_);
    // It was good when it began to wait.
    if (Status good = request.Read(); !good.ok()) return Send(good.error());
    HttpReply reply = NewReply();
    Result<KvListAnswer> answer = MakeKvList(context_, config_, request, accepted_, poll_.get());
    if (!answer.ok()) return Send(answer.error());
    FillKvList(*std::move(answer), &reply);
    LimitReply(context_, Api::kConfig, &reply);
    deferred_->Send(std::move(reply));
  }

  ServerContext& context_;
  const ConfigCenter config_;
  const std::string query_;
  const std::string_view static_fields_;
  const std::uint16_t mark_;
  const Coding accepted_;
  const std::unique_ptr<PollRecord> poll_;
  std::shared_ptr<DeferredReply> deferred_;
  KvWait wait_;
};

}  // namespace

bool IsTracked(const HttpRequest& request) { return !request.Field(kSessionField).empty(); }

std::unique_ptr<PollRecord> PollOf(const HttpRequest& request, const KvListRequest& list) {
  const std::string_view session = request.Field(kSessionField);
  if (session.empty()) return nullptr;
  auto poll = std::make_unique<PollRecord>();
  poll->session_id = session;
  poll->session_group = request.Field("X-Session-Group");
  poll->ip = ClientAddress(request);
  poll->user_agent = request.Field("User-Agent");
  poll->url_path = "GET ";
  poll->url_path += request.target.substr(0, request.target.find('?'));
  poll->polling_labels = list.label_text();
  poll->polling_revision = list.revision_text();
  poll->polling_wait = list.wait_text();
  return poll;
}

Result<KvListAnswer> MakeKvList(ServerContext& context, const ConfigCenter& config,
                                const KvListRequest& request, Coding accepted, PollRecord* poll) {
  const Result<KvList> list = config.List(request.query());
  if (!list.ok()) return list.error();
  KvListAnswer answer{list->revision(), context.kv_lists.Get(*list, accepted)};
  if (poll == nullptr) return answer;
  poll->revision = list->revision();
  poll->items = list->items();
  config.TrackPoll(std::move(*poll));
  return answer;
}

void FillKvList(KvListAnswer answer, HttpReply* reply) {
  FillKieJson(reply);
  reply->headers.emplace_back(kKieRevisionField, std::to_string(answer.revision.number()));
  if (answer.body.coding == Coding::kGzip) reply->content_encoding = kGzipCoding;
  const std::string_view bytes = *answer.body.text;
  reply->parts.push_back({bytes, std::move(answer.body.text)});
}

void HoldPoll(Call& call, const ConfigCenter& config, const KvListRequest& request,
              std::optional<Revision> known) {
  std::make_shared<HeldPoll>(call, config, request)->Begin(call.exchange, request, known);
}

}  // namespace skep::server
