// RouteFixture: the routes over an engine of the test's own, asked without a socket.
//
//   TEST_F(HeartbeatTest, UnknownInstance) {
//     EXPECT_EQ(Put("/v4/default/registry/.../heartbeat").status, 400);
//   }
#ifndef SKEP_TESTS_SERVER_ROUTES_ROUTE_FIXTURE_H_
#define SKEP_TESTS_SERVER_ROUTES_ROUTE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "server/routes/front.h"
#include "server/routes/http_metrics.h"
#include "server/routes/route_table.h"
#include "server/routes/self_registration.h"
#include "server/transport/http_message.h"
#include "server/transport/http_server.h"
#include "skep/skep.h"

namespace skep::testing {

/// A reply as a client would see it.
struct Answer {
  std::uint16_t status = 0;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Spelled as sent.

  /// The header spelled exactly so; "(none)" where there is none.
  std::string Header(std::string_view name) const {
    for (const auto& [header, value] : headers) {
      if (header == name) return value;
    }
    return "(none)";
  }

  /// The digits of an error's code, taken from the raw bytes as a client does; "" where none.
  std::string ErrorCode() const {
    constexpr std::string_view kBefore = "\"errorCode\":\"";
    const std::size_t at = body.find(kBefore);
    return at == std::string::npos ? "" : body.substr(at + kBefore.size(), 6);
  }

  /// The text behind `"name":"`, up to the next quote.
  std::string Text(std::string_view name) const {
    std::string before = "\"";
    before.append(name).append("\":\"");
    const std::size_t at = body.find(before);
    if (at == std::string::npos) return "";
    const std::size_t begin = at + before.size();
    return body.substr(begin, body.find('"', begin) - begin);
  }
};

/// The whole body; a source is asked to its end.
inline std::string BodyOf(const server::HttpReply& reply) {
  std::string body = reply.text;
  for (const server::BodyPart& part : reply.parts) body.append(part.bytes);
  auto progress = server::BodySource::Progress::kMore;
  while (reply.source != nullptr && progress == server::BodySource::Progress::kMore) {
    std::string slice;
    progress = reply.source->Next(100'000, &slice);
    body += slice;
  }
  return body;
}

inline Answer ToAnswer(const server::HttpReply& reply) {
  Answer answer;
  answer.status = reply.status;
  answer.content_type = reply.content_type;
  answer.body = BodyOf(reply);
  if (!reply.content_encoding.empty()) {
    answer.headers.emplace_back("Content-Encoding", reply.content_encoding);
  }
  for (std::string_view lines = reply.static_fields; !lines.empty();) {
    const std::size_t colon = lines.find(": ");
    const std::size_t end = lines.find("\r\n");
    answer.headers.emplace_back(lines.substr(0, colon), lines.substr(colon + 2, end - colon - 2));
    lines.remove_prefix(end + 2);
  }
  for (const auto& [name, value] : reply.headers) answer.headers.emplace_back(name, value);
  return answer;
}

/// An exchange that keeps what was sent, at once or later.
class FakeExchange : public server::HttpExchange {
 public:
  server::HttpReply& reply() override { return reply_; }

  std::shared_ptr<server::DeferredReply> Defer() override {
    deferred_ = std::make_shared<Deferred>();
    return deferred_;
  }

  std::shared_ptr<server::DeferredReply> Park(server::UnparkFn unpark) override {
    unpark_ = std::move(unpark);
    return Defer();
  }

  /// Calls what a parked reply left.
  void Unpark(server::Unpark why) { std::exchange(unpark_, nullptr)(why); }

  bool BecomeStream(server::StreamKind kind,
                    std::unique_ptr<server::StreamHandler> handler) override {
    stream_kind = kind;
    stream = std::move(handler);
    return true;
  }

  bool is_deferred() const { return deferred_ != nullptr; }

  /// What the connection has become, if it has.
  std::unique_ptr<server::StreamHandler> stream;
  server::StreamKind stream_kind = server::StreamKind::kWebSocket;

  /// The reply that has been sent, if it has.
  std::optional<Answer> sent() const {
    return is_deferred() ? deferred_->Sent() : std::optional(ToAnswer(reply_));
  }

  /// The reply, which may come from another thread.
  Answer Await() const {
    std::optional<Answer> answer;
    while (!(answer = sent()).has_value()) std::this_thread::yield();
    return *answer;
  }

  /// The same as transport gets it.
  server::HttpReply AwaitReply() {
    if (!is_deferred()) return std::move(reply_);
    std::optional<server::HttpReply> reply;
    while (!(reply = deferred_->Take()).has_value()) std::this_thread::yield();
    return *std::move(reply);
  }

 private:
  struct Deferred : server::DeferredReply {
    void Send(server::HttpReply reply) override {
      const std::lock_guard lock(mu);
      sent = std::move(reply);
    }
    std::optional<Answer> Sent() {
      const std::lock_guard lock(mu);
      return sent.has_value() ? std::optional(ToAnswer(*sent)) : std::nullopt;
    }
    std::optional<server::HttpReply> Take() {
      const std::lock_guard lock(mu);
      return std::exchange(sent, std::nullopt);
    }
    std::mutex mu;
    std::optional<server::HttpReply> sent;
  };

  server::HttpReply reply_;
  std::shared_ptr<Deferred> deferred_;
  server::UnparkFn unpark_;
};

class RouteFixture : public ::testing::Test {
 protected:
  using Fields = std::vector<server::HttpField>;

  RouteFixture() { Serve({}); }

  /// What waits is told of the engine's end while there is still a context to answer it with.
  ~RouteFixture() override {
    front_.reset();
    self_.reset();
    const Status closed = engine_->Close();
    EXPECT_TRUE(closed.ok() || closed.error() == EngineErrc::kClosed) << "a test may have done so";
  }

  /// A test that serves an engine of its own ends with this, before that engine does.
  void StopServing() {
    front_.reset();
    context_.reset();
    self_.reset();
  }

  /// Starts anew with other options; the engine stays.
  void Serve(ServerOptions options) {
    StopServing();
    options_ = std::move(options);
    context_.reset(new server::ServerContext{
        .engine = served_engine(),
        .options = options_,
        .readers = readers_,
        .metrics = metrics_,
        .router = router_,
        .transport_stats = [] { return server::TransportStats{.open = 3}; }});
    front_.emplace(*context_);
  }

  /// Opens another engine in the first one's place, on the same clock.
  void Reopen(KieOptions kie) {
    StopServing();
    engine_ = Engine::Open({.clock = clock_, .id_seed = 1, .kie = kie}).value();
    Serve({});
  }

  /// What the routes work with; the fixture's engine unless a test wraps it.
  virtual Engine& served_engine() { return *engine_; }

  void RegisterSelf() {
    const std::vector<std::string> addresses = {"127.0.0.1:30100"};
    self_ = server::SelfRegistration::Register(*engine_, addresses).value();
    context_->self = self_.get();
  }

  /// Handles one request as transport would.
  void Handle(server::Verb verb, std::string_view target, std::string_view body,
              const Fields& fields, server::HttpExchange& exchange) {
    server::HttpRequest request;
    request.verb = verb;
    request.target = target;
    request.fields = fields;
    request.body_too_large = body.size() > front_->BodyLimit(verb, target);
    if (!request.body_too_large) request.body = body;
    request.peer = "127.0.0.1:9";
    request.now = engine_->clock().Now();
    front_->Handle(request, exchange);
    front_->Finished(request, exchange.reply(), std::chrono::microseconds(20));
  }

  Answer Ask(server::Verb verb, std::string_view target, std::string_view body = {},
             const Fields& fields = {}) {
    FakeExchange exchange;
    Handle(verb, target, body, fields, exchange);
    return exchange.sent().value();
  }
  Answer Get(std::string_view target, const Fields& fields = {}) {
    return Ask(server::Verb::kGet, target, {}, fields);
  }
  Answer Put(std::string_view target, std::string_view body = {}) {
    return Ask(server::Verb::kPut, target, body);
  }
  Answer Post(std::string_view target, std::string_view body, const Fields& fields = {}) {
    return Ask(server::Verb::kPost, target, body, fields);
  }
  Answer Delete(std::string_view target) { return Ask(server::Verb::kDelete, target); }

  /// Registers over the wire, in app "shop"; returns the id.
  std::string AddService(std::string_view name) {
    std::string body = R"({"service":{"appId":"shop","serviceName":")";
    body.append(name).append(R"("}})");
    return Post(kServices, body).Text("serviceId");
  }
  std::string AddInstance(std::string_view service_id, std::string_view host) {
    std::string body = R"({"instance":{"hostName":")";
    body.append(host).append(R"(","endpoints":["rest://)").append(host).append(R"(:1"]}})");
    return Post(InstancesOf(service_id), body).Text("instanceId");
  }

  static std::string InstancesOf(std::string_view service_id) {
    return std::string(kServices).append("/").append(service_id).append("/instances");
  }
  static std::string InstanceOf(std::string_view service_id, std::string_view instance_id) {
    return InstancesOf(service_id).append("/").append(instance_id);
  }

  static constexpr std::string_view kServices = "/v4/default/registry/microservices";
  static constexpr std::string_view kFind = "/v4/default/registry/instances";

  ManualClock& clock() { return *clock_; }
  Engine& engine() { return *engine_; }
  server::Front& front() { return *front_; }
  server::ServerContext& context() { return *context_; }

 private:
  const std::shared_ptr<ManualClock> clock_ = ManualClock::Create();
  std::unique_ptr<Engine> engine_ = Engine::Open({.clock = clock_, .id_seed = 1}).value();
  ServerOptions options_;
  const server::Router router_{server::RouteTable()};
  server::HttpMetrics metrics_{server::RouteTable().size() + 1};
  server::JsonReaderPool readers_;
  std::unique_ptr<server::ServerContext> context_;
  std::optional<server::Front> front_;
  std::unique_ptr<server::SelfRegistration> self_;
};

}  // namespace skep::testing

#endif  // SKEP_TESTS_SERVER_ROUTES_ROUTE_FIXTURE_H_
