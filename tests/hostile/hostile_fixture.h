// HostileFixture: a whole server, an ill-meant client and, beside it, a well-behaved one.
//
//   TEST_F(HostileTest, TwoLengths) {
//     EXPECT_EQ(Statuses("GET / HTTP/1.1\r\n..."), (Codes{400}));
//   }
//
// When a test ends, the healthy client must still be served on the connection that it has had from
// the start, and nothing of the others may be left: no connection, no answer waiting.
#ifndef SKEP_TESTS_HOSTILE_HOSTILE_FIXTURE_H_
#define SKEP_TESTS_HOSTILE_HOSTILE_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "skep/server/server.h"
#include "tests/server/transport/http_fixture.h"
#include "tests/support/engine_fixture.h"

namespace skep::testing {

using server::RawClient;
using server::RawReply;

class HostileFixture : public EngineFixture {
 protected:
  using Codes = std::vector<int>;

  static constexpr std::string_view kServices = "/v4/default/registry/microservices";

  HostileFixture() { Serve({}); }

  /// Serves with these limits; one thread, so that whoever holds it up holds up the healthy client.
  void Serve(ServerOptions options) {
    healthy_.reset();
    server_.reset();
    options.threads = 1;
    options.register_self = false;
    server_ = Server::Start(engine(), std::move(options)).value();
    healthy_.emplace(Connect());
    ExpectHealthy();
  }

  void TearDown() override {
    ExpectHealthy();
    EXPECT_TRUE(Becomes("skep_http_connections", "1"));
    EXPECT_TRUE(Becomes("skep_http_waiting_bytes", "0"));
  }

  RawClient Connect(int receive_buffer = 0) {
    return RawClient(server_->addresses().front(), receive_buffer);
  }

  const std::string& address() const { return server_->addresses().front(); }

  /// Asks on the healthy client's connection.
  std::optional<RawReply> Ask(std::string_view request) {
    return healthy_->Send(request).Receive();
  }
  void ExpectHealthy() {
    const auto reply = Ask(server::Get("/version"));
    ASSERT_TRUE(reply.has_value()) << "the healthy client is not answered";
    EXPECT_EQ(reply->status, 200);
  }

  /// Sends `bytes` on a connection of their own, then the end; returns the statuses of all answers.
  /// The connection must end without a reset.
  Codes Statuses(std::string_view bytes) {
    RawClient client = Connect();
    client.Send(bytes);
    client.ShutDownSending();
    Codes codes;
    while (const auto reply = client.Receive()) codes.push_back(reply->status);
    EXPECT_TRUE(client.EndsCleanly());
    EXPECT_EQ(client.received(), "");
    return codes;
  }

  /// The answer to a body sent to a route.
  RawReply Send(std::string_view verb, std::string_view target, std::string_view body) {
    std::string request(verb);
    request.append(" ").append(target).append(" HTTP/1.1\r\nHost: x\r\nContent-Length: ");
    request.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
    RawClient client = Connect();
    return client.Send(request).Receive().value_or(RawReply{});
  }

  /// The value that /metrics shows.
  std::string Metric(std::string_view name) {
    const auto page = Ask(server::Get("/metrics"));
    if (!page.has_value()) return "no answer";
    const std::string line = "\n" + std::string(name) + " ";
    const std::size_t at = page->body.find(line);
    if (at == std::string::npos) return "none";
    const std::size_t begin = at + line.size();
    return page->body.substr(begin, page->body.find('\n', begin) - begin);
  }

  /// Waits until /metrics shows `value`.
  ::testing::AssertionResult Becomes(std::string_view name, std::string_view value) {
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(server::kPatienceMs);
    std::string seen;
    while (std::chrono::steady_clock::now() < end) {
      seen = Metric(name);
      if (seen == value) return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure() << name << " stays " << seen;
  }

 private:
  std::unique_ptr<Server> server_;
  std::optional<RawClient> healthy_;
};

}  // namespace skep::testing

#endif  // SKEP_TESTS_HOSTILE_HOSTILE_FIXTURE_H_
