// Clients that are slow, silent or greedy.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/hostile/hostile_fixture.h"

namespace skep::testing {
namespace {

using std::chrono_literals::operator""ms;

class Clients : public HostileFixture {
 protected:
  // Enough microservices for a list of some 100 KB.
  void FillRegistry(int services = 200) {
    for (int i = 0; i < services; ++i) {
      ASSERT_TRUE(registry()
                      .microservices()
                      .Register({.app_id = "shop",
                                 .name = "s" + std::to_string(i),
                                 .description = std::string(256, 'd')})
                      .ok());
    }
  }

  // Asks for far more than the kernel takes off the server's hands, and reads nothing.
  RawClient ConnectGreedy() {
    RawClient client = Connect(/*receive_buffer=*/4096);
    std::string requests;
    for (int i = 0; i < 300; ++i) requests += server::Get(kServices);
    client.Send(requests);
    return client;
  }
};

TEST_F(Clients, HalfARequestIsGivenUp) {
  Serve({.request_time_max = 600ms});
  std::vector<RawClient> slow;
  for (const std::string_view begin :
       {"G", "GET /version HTTP/1.1\r\nHost: x\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    slow.push_back(Connect());
    slow.back().Send(begin);
  }
  ExpectHealthy();
  for (RawClient& client : slow) {
    const auto reply = client.Receive();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, 408);
  }
}

TEST_F(Clients, SilentOnesAreClosed) {
  Serve({.request_time_max = 600ms});
  std::vector<RawClient> silent;
  silent.reserve(50);
  for (int i = 0; i < 50; ++i) silent.push_back(Connect());
  ExpectHealthy();
  for (RawClient& client : silent) EXPECT_TRUE(client.Ends());
}

// Asks on and on and reads nothing: it is not read from, and dropped in the end.
TEST_F(Clients, OnesThatNeverReadAreDroppedAndHoldNobodyUp) {
  FillRegistry();
  Serve({.write_time_max = 600ms, .outstanding_bytes_max = 64 * 1024});
  std::vector<RawClient> greedy;
  greedy.reserve(5);
  for (int i = 0; i < 5; ++i) greedy.push_back(ConnectGreedy());
  ExpectHealthy();
  EXPECT_TRUE(Becomes("skep_http_connections", "1"));
}

// A list of some 15 MB is made as far as it is read.
TEST_F(Clients, OnesThatNeverReadALargeListHoldOneSliceEach) {
  FillRegistry(30'000);
  Serve({.write_time_max = 600ms});
  std::vector<RawClient> greedy;
  greedy.reserve(5);
  for (int i = 0; i < 5; ++i) {
    greedy.push_back(Connect(/*receive_buffer=*/4096));
    greedy.back().Send(server::Get(kServices));
    ASSERT_TRUE(greedy.back().Readable(server::kPatienceMs));
  }
  // A slice or two, and references to 30,000 records.
  constexpr unsigned long kHeldMax = 1'200'000;
  EXPECT_LT(std::stoul(Metric("skep_http_waiting_bytes")), 5 * kHeldMax);
  ExpectHealthy();
  EXPECT_TRUE(Becomes("skep_http_connections", "1"));
}

// They take all that their thread may hold back: who asks for lists is told to come back, and
// heartbeats still pass.
TEST_F(Clients, OnesThatNeverReadCostListsBeforeHeartbeats) {
  FillRegistry();
  const ServiceId service = AddService("beating");
  const std::string path = std::string(kServices) + "/" + service.str() + "/instances/" +
                           AddInstance(service, "h").str() + "/heartbeat";
  Serve({.thread_outstanding_bytes_max = 1});
  RawClient greedy = ConnectGreedy();
  std::optional<RawReply> list;
  do {
    list = Ask(server::Get(kServices));
    ASSERT_TRUE(list.has_value());
  } while (list->status == 200);
  EXPECT_EQ(list->status, 429);
  EXPECT_TRUE(list->Has("Retry-After: 1"));
  const auto beat = Ask("PUT " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(beat.has_value());
  EXPECT_EQ(beat->status, 200);
  greedy.Close();
  EXPECT_TRUE(Becomes("skep_http_waiting_bytes", "0"));
  EXPECT_EQ(Ask(server::Get(kServices))->status, 200);
}

TEST_F(Clients, OnesThatHangUpAtOnceLeaveNothing) {
  FillRegistry();
  for (int i = 0; i < 50; ++i) {
    RawClient client = Connect();
    client.Send(i % 2 == 0 ? server::Get(kServices) : "GET /ver");
    client.Close();
  }
  ExpectHealthy();
}

TEST_F(Clients, MoreThanMayConnectAreRefused) {
  Serve({.connections_max = 3});
  std::vector<RawClient> some;
  for (int i = 0; i < 2; ++i) {
    some.push_back(Connect());
    ASSERT_EQ(some.back().Send(server::Get("/version")).Receive()->status, 200);
  }
  EXPECT_EQ(Statuses(server::Get("/version")), (Codes{429}));
  ExpectHealthy();
}

}  // namespace
}  // namespace skep::testing
