// Bodies that are made while they are sent: their framing, the turns between slices, and clients
// that are slow, gone or of another time.
#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "server/transport/limits.h"
#include "tests/server/transport/http_fixture.h"

namespace skep::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Progress = BodySource::Progress;

// What a body has at a position: any slice that is lost, doubled or misplaced shows.
std::string Pattern(std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) text += static_cast<char>('a' + i * 7 / 13 % 26);
  return text;
}

// So many bytes of the pattern, in slices as large as transport wants them.
class PatternSource final : public BodySource {
 public:
  PatternSource(std::size_t begin, std::size_t end) : at_(begin), end_(end) {}

  Progress Next(std::size_t bytes, std::string* out) override {
    const std::size_t to = std::min(end_, at_ + bytes);
    *out += Pattern(at_, to);
    at_ = to;
    return at_ == end_ ? Progress::kEnd : Progress::kMore;
  }

 private:
  std::size_t at_;
  const std::size_t end_;
};

// What a test does when it is asked; it tells when it goes.
class FnSource : public BodySource {
 public:
  using Fn = std::function<Progress(std::string* out)>;

  explicit FnSource(Fn fn, std::atomic<int>* alive = nullptr) : fn_(std::move(fn)), alive_(alive) {
    if (alive_ != nullptr) ++*alive_;
  }
  ~FnSource() override {
    if (alive_ == nullptr) return;
    --*alive_;
    alive_->notify_all();
  }

  Progress Next(std::size_t, std::string* out) override { return fn_(out); }

 private:
  const Fn fn_;
  std::atomic<int>* const alive_;
};

class SlicedBodyTest : public HttpServerTest {
 protected:
  // A body of more than the kernel takes off a server's hands.
  static constexpr std::size_t kLarge = 32 << 20;

  // Targets "/<size>" are answered with so much of the pattern, its beginning in `text`.
  void ServePatterns(std::size_t in_text) {
    handler.handle = [in_text](const HttpRequest& request, HttpExchange& exchange) {
      const auto size = static_cast<std::size_t>(std::stoul(std::string(request.target.substr(1))));
      exchange.reply().text = Pattern(0, std::min(size, in_text));
      exchange.reply().source = std::make_unique<PatternSource>(std::min(size, in_text), size);
    };
    Start();
  }

  // Other targets than "/sliced" are answered with themselves.
  void ServeSource(std::function<std::unique_ptr<BodySource>()> make) {
    handler.handle = [make = std::move(make)](const HttpRequest& request, HttpExchange& exchange) {
      if (request.target == "/sliced") {
        exchange.reply().source = make();
      } else {
        exchange.reply().text = std::string(request.target);
      }
    };
    Start();
  }

  static void AwaitNone(const std::atomic<int>& alive) {
    for (int still = alive; still != 0; still = alive) alive.wait(still);
  }

  void AwaitNoConnection() {
    const auto end = std::chrono::steady_clock::now() + milliseconds(kPatienceMs);
    while (server->stats().open > 0 && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
    EXPECT_EQ(server->stats().open, 0U);
  }
};

TEST_F(SlicedBodyTest, ComesInChunksWhateverItsSize) {
  ServePatterns(/*in_text=*/0);
  RawClient client = Connect();
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kSliceBytes - 1, kSliceBytes,
                                 kSliceBytes + 1, 3 * kSliceBytes, 5 * kSliceBytes + 7}) {
    const auto reply = client.Send(Get(Numbered(static_cast<int>(size)))).Receive();
    ASSERT_TRUE(reply.has_value()) << size;
    EXPECT_TRUE(reply->Has("Transfer-Encoding: chunked"));
    EXPECT_EQ(reply->head.find("Content-Length"), std::string::npos);
    std::size_t largest = 0;
    EXPECT_EQ(client.ReceiveChunks(&largest), Pattern(0, size)) << size;
    EXPECT_LE(largest, kSliceBytes);
  }
}

TEST_F(SlicedBodyTest, TextAndPartsComeFirst) {
  for (const std::size_t in_text : {std::size_t{10}, std::size_t{100'000}}) {
    ServePatterns(in_text);
    RawClient client = Connect();
    client.Send(Get("/400000"));
    ASSERT_TRUE(client.Receive().has_value());
    EXPECT_EQ(client.ReceiveChunks(), Pattern(0, 400'000)) << in_text;
  }
}

TEST_F(SlicedBodyTest, EmptySlicesAreNoEnd) {
  ServeSource([] {
    return std::make_unique<FnSource>([calls = 0](std::string* out) mutable {
      if (++calls % 3 == 0) *out += "abc";
      return calls == 10 ? Progress::kEnd : Progress::kMore;
    });
  });
  RawClient client = Connect();
  client.Send(Get("/sliced"));
  ASSERT_TRUE(client.Receive().has_value());
  EXPECT_EQ(client.ReceiveChunks(), "abcabcabc");
}

TEST_F(SlicedBodyTest, WhatWasPipelinedBehindItWaitsForItsEnd) {
  ServePatterns(/*in_text=*/0);
  RawClient client = Connect();
  client.Send(Get("/5") + Get("/1000000") + Get("/300000") + Get("/6"));
  for (const std::size_t size : std::vector<std::size_t>{5, 1'000'000, 300'000, 6}) {
    ASSERT_TRUE(client.Receive().has_value());
    ASSERT_EQ(client.ReceiveChunks(), Pattern(0, size));
  }
}

TEST_F(SlicedBodyTest, ConnectionCloseIsKept) {
  ServePatterns(/*in_text=*/0);
  RawClient client = Connect();
  const auto reply = client.Send(Get("/1000000", "Connection: close\r\n")).Receive();
  ASSERT_TRUE(reply.has_value());
  EXPECT_TRUE(reply->Has("Connection: close"));
  EXPECT_EQ(client.ReceiveChunks(), Pattern(0, 1'000'000));
  EXPECT_TRUE(client.EndsCleanly());
}

TEST_F(SlicedBodyTest, EndsWithTheConnectionForAClientOfHttp10) {
  ServePatterns(/*in_text=*/100);
  for (const std::string_view fields : {"", "Connection: keep-alive\r\n"}) {
    RawClient client = Connect();
    client.Send("GET /1000000 HTTP/1.0\r\n" + std::string(fields) + "\r\n");
    const auto reply = client.Receive();
    ASSERT_TRUE(reply.has_value());
    EXPECT_TRUE(reply->Has("Connection: close"));
    EXPECT_EQ(reply->head.find("Transfer-Encoding"), std::string::npos);
    EXPECT_EQ(reply->head.find("Content-Length"), std::string::npos);
    client.ShutDownSending();
    EXPECT_TRUE(client.EndsCleanly());
    EXPECT_EQ(client.received(), Pattern(0, 1'000'000));
  }
}

TEST_F(SlicedBodyTest, HeadAndBodylessStatusesAskForNoSlice) {
  std::atomic<int> alive = 0;
  handler.handle = [&alive](const HttpRequest& request, HttpExchange& exchange) {
    exchange.reply().status = request.target == "/304" ? 304 : 200;
    exchange.reply().source = std::make_unique<FnSource>(
        [](std::string*) {
          ADD_FAILURE() << "asked";
          return Progress::kEnd;
        },
        &alive);
  };
  Start();
  RawClient client = Connect();
  const auto head = client.Send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n").Receive();
  ASSERT_TRUE(head.has_value());
  EXPECT_TRUE(head->Has("Transfer-Encoding: chunked"));
  const auto unchanged = client.Send(Get("/304")).Receive();
  ASSERT_TRUE(unchanged.has_value());
  EXPECT_EQ(unchanged->status, 304);
  EXPECT_EQ(unchanged->head.find("Transfer-Encoding"), std::string::npos);
  EXPECT_EQ(client.received(), "");
  EXPECT_EQ(alive, 0);
}

// The body goes on until somebody else was answered by the same thread.
TEST_F(SlicedBodyTest, OthersHaveTheirTurnBetweenSlices) {
  std::atomic<bool> begun = false;
  std::atomic<bool> answered = false;
  handler.handle = [&](const HttpRequest& request, HttpExchange& exchange) {
    if (request.target == "/other") {
      answered = true;
      return;
    }
    exchange.reply().source = std::make_unique<FnSource>([&](std::string* out) {
      begun = true;
      begun.notify_all();
      *out += "x";
      return answered ? Progress::kEnd : Progress::kMore;
    });
  };
  Start();
  std::thread reader([this] {
    RawClient client = Connect();
    client.Send(Get("/sliced"));
    EXPECT_TRUE(client.Receive().has_value());
    EXPECT_TRUE(client.ReceiveChunks().has_value());
  });
  begun.wait(false);
  EXPECT_EQ(StatusOf(Get("/other")), 200);
  answered = true;  // Where it was not, the reader ends all the same.
  reader.join();
}

TEST_F(SlicedBodyTest, DeferredReplyMayHaveOne) {
  std::shared_ptr<DeferredReply> later;
  std::atomic<bool> deferred = false;
  handler.handle = [&](const HttpRequest& request, HttpExchange& exchange) {
    if (request.target != "/later") {
      exchange.reply().text = std::string(request.target);
      return;
    }
    later = exchange.Defer();
    deferred = true;
    deferred.notify_all();
  };
  Start();
  RawClient client = Connect();
  client.Send(Get("/a") + Get("/later") + Get("/b"));
  deferred.wait(false);
  HttpReply reply;
  reply.source = std::make_unique<PatternSource>(0, 1'000'000);
  later->Send(std::move(reply));
  EXPECT_EQ(client.Receive()->body, "/a");
  ASSERT_TRUE(client.Receive().has_value());
  EXPECT_EQ(client.ReceiveChunks(), Pattern(0, 1'000'000));
  EXPECT_EQ(client.Receive()->body, "/b");
}

TEST_F(SlicedBodyTest, SlowReaderHoldsOneSliceAndGetsAll) {
  ServePatterns(/*in_text=*/0);
  RawClient client = Connect(/*receive_buffer=*/4096);
  client.Send(Get(Numbered(kLarge)));
  ASSERT_TRUE(client.Receive().has_value());
  EXPECT_EQ(StatusOf(Get("/1")), 200);
  EXPECT_LE(server->stats().waiting_bytes, kSliceBytes + 100);
  EXPECT_EQ(client.ReceiveChunks(), Pattern(0, kLarge));
}

TEST_F(SlicedBodyTest, WhatItHoldsWaitsForTheClient) {
  struct Holding : FnSource {
    using FnSource::FnSource;
    std::size_t held_bytes() const override { return 1 << 30; }
  };
  std::atomic<bool> end = false;
  ServeSource([&end] {
    return std::make_unique<Holding>([&end](std::string* out) {
      *out += "x";
      return end ? Progress::kEnd : Progress::kMore;
    });
  });
  RawClient client = Connect();
  client.Send(Get("/sliced"));
  ASSERT_TRUE(client.Bytes(100'000).has_value());
  EXPECT_GE(server->stats().waiting_bytes, 1U << 30);
  end = true;
  ASSERT_TRUE(client.Until("\r\n0\r\n\r\n").has_value());
  EXPECT_EQ(client.Send(Get("/next")).Receive()->body, "/next");
  EXPECT_EQ(server->stats().waiting_bytes, 0U);
}

TEST_F(SlicedBodyTest, ClientThatDoesNotReadIsDropped) {
  // Tells how many connections were counted when it went.
  struct Last : FnSource {
    Last(Fn fn, std::function<void()> gone) : FnSource(std::move(fn)), gone(std::move(gone)) {}
    ~Last() override { gone(); }
    const std::function<void()> gone;
  };
  options.write_time_max = milliseconds(600);
  std::atomic<std::uint64_t> open_at_its_end = 0;
  ServeSource([&] {
    return std::make_unique<Last>(
        [](std::string* out) {
          out->assign(kSliceBytes, 'x');
          return Progress::kMore;
        },
        [&] { open_at_its_end = server->stats().open; });
  });
  RawClient client = Connect(/*receive_buffer=*/4096);
  client.Send(Get("/sliced"));
  ASSERT_TRUE(client.Receive().has_value());
  AwaitNoConnection();
  // A connection that is counted as gone holds nothing.
  EXPECT_EQ(open_at_its_end, 1U);
  EXPECT_EQ(server->stats().waiting_bytes, 0U);
}

TEST_F(SlicedBodyTest, ClientThatGoesInTheMiddleEndsIt) {
  std::atomic<int> alive = 0;
  ServeSource([&alive] {
    return std::make_unique<FnSource>(
        [](std::string* out) {
          out->assign(1000, 'x');
          return Progress::kMore;
        },
        &alive);
  });
  {
    RawClient client = Connect();
    client.Send(Get("/sliced"));
    ASSERT_TRUE(client.Bytes(100'000).has_value());
  }
  AwaitNoConnection();
  AwaitNone(alive);
}

// A half closed connection is still answered, as with other bodies.
TEST_F(SlicedBodyTest, ClientThatHasNothingMoreToSayGetsAll) {
  ServePatterns(/*in_text=*/0);
  RawClient client = Connect();
  client.Send(Get("/1000000"));
  client.ShutDownSending();
  ASSERT_TRUE(client.Receive().has_value());
  EXPECT_EQ(client.ReceiveChunks(), Pattern(0, 1'000'000));
  EXPECT_TRUE(client.EndsCleanly());
}

TEST_F(SlicedBodyTest, OneThatCannotGoOnIsCutSoThatTheClientSeesIt) {
  ServeSource([] {
    return std::make_unique<FnSource>([calls = 0](std::string* out) mutable {
      *out += "abc";
      return ++calls == 3 ? Progress::kFailed : Progress::kMore;
    });
  });
  RawClient client = Connect();
  client.Send(Get("/sliced"));
  EXPECT_FALSE(client.Receive().has_value() && client.ReceiveChunks().has_value());
  EXPECT_TRUE(client.was_reset());
  RawClient old = Connect();
  old.Send("GET /sliced HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(old.EndsCleanly()) << "it has no other way to tell";
  EXPECT_EQ(StatusOf(Get("/other")), 200);
}

TEST_F(SlicedBodyTest, StopLetsItEnd) {
  ServePatterns(/*in_text=*/0);
  RawClient client = Connect(/*receive_buffer=*/4096);
  client.Send(Get(Numbered(kLarge)));
  ASSERT_TRUE(client.Receive().has_value());
  RawClient idle = Connect();
  std::thread stopper([this] { EXPECT_TRUE(server->Stop(seconds(60))); });
  EXPECT_TRUE(idle.Ends()) << "the stop has begun";
  EXPECT_EQ(client.ReceiveChunks(), Pattern(0, kLarge));
  EXPECT_TRUE(client.EndsCleanly());
  client.Close();
  stopper.join();
}

TEST_F(SlicedBodyTest, StopCutsItAtTheDeadline) {
  std::atomic<int> alive = 0;
  ServeSource([&alive] {
    return std::make_unique<FnSource>(
        [](std::string* out) {
          *out += "x";
          return Progress::kMore;
        },
        &alive);
  });
  RawClient client = Connect();
  client.Send(Get("/sliced"));
  ASSERT_TRUE(client.Receive().has_value());
  EXPECT_FALSE(server->Stop(milliseconds(50)));
  EXPECT_EQ(alive, 0);
}

TEST_F(SlicedBodyTest, FinishedCountsAllItsBytes) {
  ServePatterns(/*in_text=*/10);
  RawClient client = Connect();
  client.Send(Get("/1000000"));
  ASSERT_TRUE(client.Receive().has_value());
  ASSERT_TRUE(client.ReceiveChunks().has_value());
  handler.WaitForFinished(1);
  EXPECT_EQ(handler.body_bytes, 1'000'000U);
}

}  // namespace
}  // namespace skep::server
