// Watchers that do not read, do not answer, or send what is no WebSocket.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tests/hostile/hostile_fixture.h"
#include "tests/server/transport/web_socket_client.h"

namespace skep::testing {
namespace {

using server::WebSocketClient;

class WatchersTest : public HostileFixture {
 protected:
  WatchersTest() : cart_(AddService("cart")) {
    // It watches itself: one that has found its own name.
    registry().discovery().Find(cart_, {.app_id = "shop", .name = "cart"}).value();
  }

  std::string target() const { return std::string(kServices) + "/" + cart_.str() + "/watcher"; }
  WebSocketClient Watch(int receive_buffer = 0) {
    return WebSocketClient(address(), target(), receive_buffer);
  }
  void SetNumber(const InstanceId& id, int number) {
    registry()
        .instances()
        .SetProperties(cart_, id,
                       {{"filler", std::string(2'000, 'x')}, {"number", std::to_string(number)}})
        .value();
  }
  static bool Has(const std::string& frame, int number) {
    return frame.find("\"number\":\"" + std::to_string(number) + "\"") != std::string::npos;
  }

  const ServiceId cart_;
};

// 80 MB of events for one that reads nothing: what waits for it is bounded, the other one hears
// all, and in the end it has the newest state, too.
TEST_F(WatchersTest, SlowReaderHoldsLittleAndEndsWithTheNewestState) {
  constexpr int kChanges = 40'000;
  const InstanceId id = AddInstance(cart_, "a");
  WebSocketClient slow = Watch(4096);
  WebSocketClient quick = Watch();
  ASSERT_EQ(slow.status(), 101);
  for (int i = 1; i <= kChanges; ++i) {
    SetNumber(id, i);
    if (i % 1'000 != 0) continue;
    // Each is read before the next thousand, so that the quick one misses nothing.
    for (int seen = i - 999; seen <= i; ++seen) ASSERT_TRUE(Has(quick.Receive(), seen)) << seen;
    ASSERT_LE(std::atoi(Metric("skep_http_waiting_bytes").c_str()), 64 * 1024);
  }
  std::string last = slow.Receive();
  int received = 1;
  for (; !Has(last, kChanges); ++received) {
    last = slow.Receive();
    ASSERT_EQ(last.substr(0, 5), "text ");
  }
  EXPECT_LT(received, kChanges);
}

TEST_F(WatchersTest, WatchersThatVanishLeaveNothing) {
  for (int round = 0; round < 20; ++round) {
    std::vector<WebSocketClient> clients;
    for (int i = 0; i < 10; ++i) clients.push_back(Watch());
    AddInstance(cart_, "h" + std::to_string(round));
    for (WebSocketClient& client : clients) {
      // Half of them by a reset, with an event unread.
      if (round % 2 == 0) client.Receive();
    }
  }
  EXPECT_TRUE(Becomes("skep_http_connections", "1"));
  // Each ends a turn of the loop after its connection has.
  for (int turns = 0; turns < 1'000 && engine().metrics().watches > 0; ++turns) ExpectHealthy();
  EXPECT_EQ(engine().metrics().watches, 0u);
}

TEST_F(WatchersTest, NoiseBehindAHandshakeIsClosed) {
  for (const std::string_view noise :
       {std::string_view("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), std::string_view("\0\0\0\0", 4),
        std::string_view("\xff\xff\xff\xff\xff\xff"),
        std::string_view("\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10)}) {
    WebSocketClient client = Watch();
    client.SendBytes(noise);
    const std::string answer = client.Receive();
    EXPECT_TRUE(answer == "close 1002" || answer == "close 1009") << answer;
    EXPECT_EQ(client.Receive(), "end");
  }
}

// A client that pings without reading makes the server hold no more than a few pongs.
TEST_F(WatchersTest, PingsThatNobodyReadsTheAnswersOf) {
  WebSocketClient client = Watch(4096);
  const std::string ping = server::MaskedFrame(0x89, std::string(125, 'x'));
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += ping;
  for (int i = 0; i < 50; ++i) client.SendBytes(many);
  EXPECT_LE(std::atoi(Metric("skep_http_waiting_bytes").c_str()), 64 * 1024);
}

TEST_F(WatchersTest, HalfAFrameIsWaitedForNoLongerThanSilence) {
  Serve({.stream_ping_interval = std::chrono::milliseconds(1),
         .stream_silence_max = std::chrono::milliseconds(1)});
  WebSocketClient client = Watch();
  client.SendBytes("\x89");
  EXPECT_TRUE(client.raw().Ends());
}

TEST_F(WatchersTest, EventStreamThatIsNotRead) {
  const InstanceId id = AddInstance(cart_, "a");
  RawClient client = Connect(4096);
  client.Send(server::Get("/v4/default/registry/events"));
  ASSERT_TRUE(client.Receive(true).has_value());
  constexpr int kChanges = 20'000;
  for (int i = 1; i <= kChanges; ++i) SetNumber(id, i);
  EXPECT_LE(std::atoi(Metric("skep_http_waiting_bytes").c_str()), 64 * 1024);
  std::string event;
  while (!Has(event, kChanges)) {
    const auto next = client.Until("\n\n");
    ASSERT_TRUE(next.has_value());
    event = *next;
  }
}

// 40 MB of events for one that reads nothing.
TEST_F(WatchersTest, KvEventStreamThatIsNotRead) {
  ConfigCenter& config = engine().config();
  const std::string id = config.Create({.key = "k"}).value().id;
  RawClient client = Connect(4096);
  client.Send(server::Get("/v1/default/kie/events"));
  ASSERT_TRUE(client.Receive(true).has_value());
  const std::string filler(10'000, 'x');
  constexpr int kChanges = 4'000;
  for (int i = 1; i <= kChanges; ++i) {
    config.Update(id, {.value = filler + std::to_string(i)}).value();
  }
  EXPECT_LE(std::atoi(Metric("skep_http_waiting_bytes").c_str()), 64 * 1024);
  const std::string last = "x" + std::to_string(kChanges) + "\"";
  std::string event;
  while (event.find(last) == std::string::npos) {
    const auto next = client.Until("\n\n");
    ASSERT_TRUE(next.has_value());
    event = *next;
  }
}

}  // namespace
}  // namespace skep::testing
