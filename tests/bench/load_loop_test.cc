#include "bench/load/load_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "bench/load/http_client.h"
#include "tests/bench/fake_server.h"

namespace skep::bench {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using ::testing::ExitedWithCode;
using ::testing::HasSubstr;

constexpr char kEmpty[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr char kHello[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
constexpr char kHelloInChunks[] =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";

Workload Gets(ExpectedAnswer expected) {
  Workload workload;
  workload.whole = {"GET /one HTTP/1.1\r\n\r\n", "GET /two HTTP/1.1\r\n\r\n"};
  workload.expected = {std::move(expected)};
  return workload;
}

LoopOptions OneConnection(const FakeServer& server, StreamOptions stream) {
  stream.connections = 1;
  return {.address = server.address(), .streams = {std::move(stream)}};
}

// Rounds until so many answers have come, each following the one before: however slow the machine.
StreamResult LoadFor(std::size_t answers, const FakeServer& server, const Workload& workload,
                     std::size_t pipeline = 1) {
  LoadLoop loop(OneConnection(server, {.workload = &workload, .pipeline = pipeline}));
  StreamResult all;
  while (all.latency_ns.count() < answers) {
    all.latency_ns.Add(loop.Run(0ms, 20ms).streams.front().latency_ns);
  }
  return all;
}

// A round of 20 ms with a request each millisecond.
StreamResult LoadAtARate(const FakeServer& server, const Workload& workload) {
  LoadLoop loop(OneConnection(
      server, {.workload = &workload, .per_second = 1'000, .spacing = Spacing::kEven}));
  return std::move(loop.Run(0ms, 20ms).streams.front());
}

// What a process says last that gets `answer` where `expected` is right.
void LoadWith(const std::string& answer, const ExpectedAnswer& expected) {
  FakeServer server([&answer](std::size_t) { return answer; });
  LoadFor(1, server, Gets(expected));
}

TEST(LoadLoop, RequestsFollowEachOtherByTurns) {
  FakeServer server([](std::size_t) { return kEmpty; });
  const StreamResult result = LoadFor(3, server, Gets({}));
  EXPECT_EQ(result.latency_ns.count(), server.requests().size());
  EXPECT_THAT(server.requests()[0], HasSubstr("/one"));
  EXPECT_THAT(server.requests()[1], HasSubstr("/two"));
  EXPECT_THAT(server.requests()[2], HasSubstr("/one"));
}

// The server answers three at once or none.
TEST(LoadLoop, SeveralRequestsAreOnTheWayIfAskedFor) {
  FakeServer server([](std::size_t number) {
    std::string answers;
    for (int i = 0; number % 3 == 2 && i < 3; ++i) answers += kEmpty;
    return answers;
  });
  EXPECT_GE(LoadFor(3, server, Gets({}), 3).latency_ns.count(), 3u);
}

// What begins in the time is counted, however late the answer.
TEST(LoadLoop, ARateIsKeptHoweverSlowTheAnswersAre) {
  FakeServer server([](std::size_t) { return kEmpty; });
  EXPECT_EQ(LoadAtARate(server, Gets({})).latency_ns.count(), 19u);
}

// The first answer comes 20 ms after its request. Those that were to begin meanwhile have waited
// from their time on: half of them for at least 10 ms, though each was sent late and answered at
// once.
TEST(LoadLoop, AStallIsSeenByAllThatWereToBeginInIt) {
  FakeServer server([](std::size_t number) {
    const auto begin = steady_clock::now();
    while (number == 0 && steady_clock::now() - begin < 20ms) std::this_thread::yield();
    return kEmpty;
  });
  const StreamResult result = LoadAtARate(server, Gets({}));
  EXPECT_EQ(result.latency_ns.count(), 19u);
  EXPECT_GE(result.latency_ns.ValueAt(0.5), 10'000'000u * 127 / 128);
}

TEST(LoadLoop, APollCarriesTheRevisionOfTheAnswerBefore) {
  FakeServer server([](std::size_t number) {
    return number == 0 ? "HTTP/1.1 200 OK\r\nX-Rev: a b\r\nContent-Length: 5\r\n\r\nhello"
                       : "HTTP/1.1 304 Not Modified\r\n\r\n";
  });
  Workload polls;
  polls.AddPoll("GET /?rev= HTTP/1.1\r\n\r\n", "X-Rev", "1");
  polls.expected = {{.body_size = 5, .or_not_modified = true}};
  LoadFor(3, server, polls);
  EXPECT_THAT(server.requests()[0], HasSubstr("?rev=1 HTTP"));
  EXPECT_THAT(server.requests()[1], HasSubstr("?rev=a%20b HTTP"));
  EXPECT_THAT(server.requests()[2], HasSubstr("?rev=a%20b HTTP"));
}

TEST(LoadLoop, SerialNumbersAreNotRepeated) {
  FakeServer server([](std::size_t) { return kEmpty; });
  Workload workload = Gets({});
  workload.whole = {"GET /0123456789abcdef HTTP/1.1\r\n\r\n"};
  workload.SetSerials("0123456789abcdef");
  LoadFor(2, server, workload);
  EXPECT_NE(server.requests()[0], server.requests()[1]);
}

TEST(LoadLoop, RightAnswersAreTaken) {
  LoadWith(kHello, {.body_size = 5, .body = "hello"});
  LoadWith(kHello, {.body_size = 4, .slack = 1});
  LoadWith(kHelloInChunks, {.body_size = 5, .body = "hello"});
}

TEST(LoadLoopDeathTest, AnotherStatusEndsTheProcess) {
  EXPECT_EXIT(LoadWith(kEmpty, {.status = 304}), ExitedWithCode(1), "wrong answer: status 200");
}

TEST(LoadLoopDeathTest, AnotherSizeEndsTheProcess) {
  EXPECT_EXIT(LoadWith(kHello, {.body_size = 7, .slack = 1}), ExitedWithCode(1),
              "wrong answer: 5 bytes, not 7");
  EXPECT_EXIT(LoadWith(kHelloInChunks, {.body_size = 4}), ExitedWithCode(1),
              "wrong answer: 5 bytes, not 4");
}

TEST(LoadLoopDeathTest, AnotherBodyEndsTheProcess) {
  EXPECT_EXIT(LoadWith(kHello, {.body_size = 5, .body = "hallo"}), ExitedWithCode(1),
              "wrong answer: another body");
}

TEST(HttpClientDeathTest, ASilentServerEndsTheProcess) {
  const auto call = [] {
    FakeServer server([](std::size_t) { return std::string(); });
    HttpClient(server.address(), 1ms).Call("GET / HTTP/1.1\r\n\r\n");
  };
  EXPECT_EXIT(call(), ExitedWithCode(1), "does not answer");
}

TEST(LoadLoopDeathTest, AClosedConnectionEndsTheProcess) {
  EXPECT_EXIT(LoadWith("HTTP/1.1 200 OK\r\n\r\n", {}), ExitedWithCode(1), "without a length");
}

}  // namespace
}  // namespace skep::bench
