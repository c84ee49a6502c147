// StreamFixture: routes whose answers become streams, which the test reads part by part.
#ifndef SKEP_TESTS_SERVER_ROUTES_STREAM_FIXTURE_H_
#define SKEP_TESTS_SERVER_ROUTES_STREAM_FIXTURE_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/server/routes/route_fixture.h"

namespace skep::testing {

struct CountingWaker : server::StreamWaker {
  void Wake() override { ++wakes; }
  int wakes = 0;
};

class StreamFixture : public RouteFixture {
 protected:
  /// All that a stream has to say now; "close" or "drop" where that is its end.
  static std::vector<std::string> Said(server::StreamHandler& stream) {
    using Kind = server::StreamPart::Kind;
    std::vector<std::string> said;
    while (true) {
      const server::StreamPart part = stream.Next();
      if (part.kind == Kind::kDrop) said.push_back("drop");
      if (part.kind == Kind::kClose) said.push_back("close");
      if (part.kind != Kind::kText) return said;
      said.push_back(*part.text);
    }
  }

  /// Asks, and opens the stream that comes of it; null where none does. Sets answer_ and kind_.
  std::unique_ptr<server::StreamHandler> Follow(std::string_view target,
                                                const Fields& fields = {}) {
    FakeExchange exchange;
    Handle(server::Verb::kGet, target, {}, fields, exchange);
    answer_ = exchange.sent().value();
    if (exchange.stream != nullptr) exchange.stream->Open(waker_);
    kind_ = exchange.stream_kind;
    return std::move(exchange.stream);
  }

  /// The engine's newest revision, as an event's id.
  std::string Id() { return std::to_string(engine().revision().number()); }

  const std::shared_ptr<CountingWaker> waker_ = std::make_shared<CountingWaker>();
  Answer answer_;
  server::StreamKind kind_ = server::StreamKind::kWebSocket;
};

}  // namespace skep::testing

#endif  // SKEP_TESTS_SERVER_ROUTES_STREAM_FIXTURE_H_
