// Streams over real sockets, with a handler that a test tells what to say.
#include "server/transport/stream_session.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "server/transport/limits.h"
#include "tests/server/transport/web_socket_client.h"

namespace skep::server {
namespace {

using namespace std::chrono_literals;
using Part = StreamPart::Kind;

StreamPart TextPart(std::string text) {
  return {.kind = Part::kText, .text = std::make_shared<const std::string>(std::move(text))};
}

// What the streams of one target say, from any thread.
class Script {
 public:
  void Say(StreamPart part) {
    std::shared_ptr<StreamWaker> waker;
    {
      base::MutexLock lock(&mu_);
      parts_.push_back(std::move(part));
      waker = waker_;
    }
    if (waker != nullptr) waker->Wake();
  }
  void SetWaker(std::shared_ptr<StreamWaker> waker) {
    base::MutexLock lock(&mu_);
    waker_ = std::move(waker);
  }
  StreamPart Next() {
    base::MutexLock lock(&mu_);
    if (parts_.empty()) return {};
    StreamPart part = std::move(parts_.front());
    parts_.pop_front();
    ++taken_;
    return part;
  }
  int taken() {
    base::MutexLock lock(&mu_);
    return taken_;
  }

  std::atomic<int> pongs{0};
  std::atomic<int> ended{0};
  std::atomic<bool> pings_always{false};

 private:
  base::Mutex mu_;
  std::shared_ptr<StreamWaker> waker_ ABSL_GUARDED_BY(mu_);
  std::deque<StreamPart> parts_ ABSL_GUARDED_BY(mu_);
  int taken_ ABSL_GUARDED_BY(mu_) = 0;
};

class ScriptedStream final : public StreamHandler {
 public:
  explicit ScriptedStream(Script* script) : script_(script) {}
  ~ScriptedStream() override { ++script_->ended; }
  void Open(std::shared_ptr<StreamWaker> waker) override { script_->SetWaker(std::move(waker)); }
  StreamPart Next() override { return script_->Next(); }
  void OnPong() override { ++script_->pongs; }
  bool pings_always() const override { return script_->pings_always; }

 private:
  Script* const script_;
};

class StreamTest : public HttpServerTest {
 protected:
  StreamTest() {
    handler.handle = [this](const HttpRequest& request, HttpExchange& exchange) {
      if (request.target == "/plain") {
        exchange.reply().text = "ok";
        return;
      }
      const bool web_socket = IsWebSocketHandshake(request);
      const auto kind = web_socket ? StreamKind::kWebSocket : StreamKind::kEvents;
      if (!exchange.BecomeStream(kind, std::make_unique<ScriptedStream>(&script))) {
        exchange.reply().status = 400;
        return;
      }
      if (web_socket) return FillSwitchingProtocols(request, &exchange.reply());
      exchange.reply().content_type = "text/event-stream";
    };
  }
  ~StreamTest() override { server.reset(); }

  WebSocketClient Watch(int receive_buffer = 0) {
    return {server->addresses().front(), "/", receive_buffer};
  }
  // What can only be waited for.
  template <class Condition>
  static bool Becomes(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
    while (std::chrono::steady_clock::now() < end) {
      if (condition()) return true;
      std::this_thread::yield();
    }
    return false;
  }

  Script script;
};

TEST_F(StreamTest, HandshakeAndTexts) {
  Start();
  script.Say(TextPart("before"));
  WebSocketClient client = Watch();
  ASSERT_EQ(client.status(), 101);
  EXPECT_TRUE(client.upgrade().head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_TRUE(client.upgrade().Has("Upgrade: websocket"));
  EXPECT_TRUE(client.upgrade().Has("Connection: Upgrade"));
  EXPECT_TRUE(client.upgrade().Has("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  EXPECT_EQ(client.upgrade().head.find("Content-Length"), std::string::npos);
  EXPECT_EQ(client.Receive(), "text before");
  script.Say(TextPart("after"));
  EXPECT_EQ(client.Receive(), "text after");
  const std::string large(70'000, 'x');
  script.Say(TextPart(large));
  EXPECT_EQ(client.Receive(), "text " + large);
}

TEST_F(StreamTest, PingsAreAnsweredAndMessagesDropped) {
  Start();
  WebSocketClient client = Watch();
  client.SendFrame(9, "hello");
  EXPECT_EQ(client.Receive(), "pong hello");
  client.SendFrame(1, "a message");
  client.SendFrame(9);
  EXPECT_EQ(client.Receive(), "pong");
  client.SendFrame(10);
  EXPECT_TRUE(Becomes([this] { return script.pongs == 1; }));
}

TEST_F(StreamTest, FramesInPieces) {
  Start();
  WebSocketClient client = Watch();
  const std::string ping = MaskedFrame(0x89, "slow");
  for (const char byte : ping) client.SendBytes(std::string_view(&byte, 1));
  EXPECT_EQ(client.Receive(), "pong slow");
  client.SendBytes(ping + ping + ping.substr(0, 4));
  client.SendBytes(ping.substr(4));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Receive(), "pong slow");
}

TEST_F(StreamTest, CloseIsAnsweredWithTheSame) {
  Start();
  WebSocketClient client = Watch();
  client.SendFrame(8, std::string_view("\x03\xe8"
                                       "bye",
                                       5));
  EXPECT_EQ(client.Receive(), "close 1000 bye");
  EXPECT_EQ(client.Receive(), "end");
  WebSocketClient bare = Watch();
  bare.SendFrame(8);
  EXPECT_EQ(bare.Receive(), "close");
  EXPECT_EQ(bare.Receive(), "end");
  EXPECT_TRUE(Becomes([this] { return script.ended == 2; }));
}

TEST_F(StreamTest, WrongFramesAreClosedWithTheirCode) {
  Start();
  const std::pair<std::string, std::string> wrong[] = {
      {MaskedFrame(0x81, std::string(65, 'x')), "close 1009"},
      {std::string("\x89\x00", 2), "close 1002"},
      {MaskedFrame(0xf9, ""), "close 1002"},
      {MaskedFrame(0x88, "\x03\xe8\xff"), "close 1007"}};
  for (const auto& [bytes, answer] : wrong) {
    WebSocketClient client = Watch();
    client.SendBytes(bytes);
    EXPECT_EQ(client.Receive(), answer);
    EXPECT_EQ(client.Receive(), "end");
  }
}

TEST_F(StreamTest, HandlerClosesOrDrops) {
  Start();
  WebSocketClient closed = Watch();
  script.Say(TextPart("last"));
  script.Say({.kind = Part::kClose, .code = 4001, .reason = "gone"});
  EXPECT_EQ(closed.Receive(), "text last");
  EXPECT_EQ(closed.Receive(), "close 4001 gone");
  EXPECT_EQ(closed.Receive(), "end");
  WebSocketClient dropped = Watch();
  script.Say(TextPart("last"));
  script.Say({.kind = Part::kDrop});
  EXPECT_EQ(dropped.Receive(), "text last");
  EXPECT_EQ(dropped.Receive(), "end");
}

TEST_F(StreamTest, PingsComeUntilTheClientSendsItsOwn) {
  options.stream_ping_interval = 1ms;
  Start();
  WebSocketClient client = Watch();
  EXPECT_EQ(client.Receive(), "ping");
  client.SendFrame(10);
  EXPECT_EQ(client.Receive(), "ping");
  client.SendFrame(9, "mine");
  std::string next = client.Receive();
  while (next == "ping") next = client.Receive();  // Those that were on their way.
  EXPECT_EQ(next, "pong mine");
  // Longer than a ping would take to come.
  EXPECT_FALSE(client.raw().Readable(1500));
}

TEST_F(StreamTest, PingsComeAlwaysWhereTheHandlerSaysSo) {
  options.stream_ping_interval = 1ms;
  script.pings_always = true;
  Start();
  WebSocketClient client = Watch();
  client.SendFrame(9, "mine");
  std::string next = client.Receive();
  while (next == "ping") next = client.Receive();
  EXPECT_EQ(next, "pong mine");
  EXPECT_EQ(client.Receive(), "ping");
}

TEST_F(StreamTest, HalfOpenClientIsDropped) {
  options.stream_ping_interval = 1ms;
  options.stream_silence_max = 1ms;
  Start();
  WebSocketClient client = Watch();
  EXPECT_TRUE(client.raw().Ends());
  EXPECT_TRUE(Becomes([this] { return script.ended == 1; }));
}

TEST_F(StreamTest, QuietClientThatFallsSilentIsDropped) {
  options.stream_ping_interval = 1ms;
  options.stream_silence_max = 1ms;
  Start();
  WebSocketClient client = Watch();
  client.SendFrame(9);
  EXPECT_TRUE(client.raw().Ends());
}

// Each answer comes later than the silence that is allowed: a turn of the timer takes longer.
TEST_F(StreamTest, ClientThatAnswersEveryPingStays) {
  options.stream_ping_interval = 1ms;
  options.stream_silence_max = 1ms;
  Start();
  WebSocketClient client = Watch();
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(client.Receive(), "ping") << i;
    client.SendFrame(10);
  }
}

TEST_F(StreamTest, QuietClientThatAnswersPingsStays) {
  options.stream_ping_interval = 1ms;
  options.stream_silence_max = 1ms;
  Start();
  WebSocketClient client = Watch();
  client.SendFrame(9);
  std::string next = client.Receive();
  while (next == "ping") next = client.Receive();
  ASSERT_EQ(next, "pong");
  // It sends none of its own any more.
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(client.Receive(), "ping") << i;
    client.SendFrame(10);
  }
}

// While it could not be pinged it was silent for longer than it may.
TEST_F(StreamTest, SlowReaderThatHasCaughtUpIsPingedBeforeItIsDropped) {
  options.idle_time_max = 1ms;
  options.stream_ping_interval = 1ms;
  options.stream_silence_max = 1ms;
  Start();
  WebSocketClient slow = Watch(4096);
  constexpr int kParts = 400;
  for (int i = 0; i < kParts; ++i) script.Say(TextPart(std::string(64 * 1024, 'x')));
  // Some turns of the timer.
  RawClient idle = Connect();
  idle.Send(Get("/plain"));
  idle.Receive();
  EXPECT_TRUE(idle.Ends());
  for (int i = 0; i < kParts; ++i) ASSERT_EQ(slow.Receive().size(), 5 + 64 * 1024u) << i;
  EXPECT_EQ(slow.Receive(), "ping");
}

TEST_F(StreamTest, IdleWatchersOutliveIdleConnections) {
  options.idle_time_max = 1ms;
  options.request_time_max = 1ms;
  Start();
  WebSocketClient client = Watch();
  // An idle connection that is closed proves that the time has passed for both.
  RawClient idle = Connect();
  idle.Send(Get("/plain"));
  idle.Receive();
  EXPECT_TRUE(idle.Ends());
  client.SendFrame(9, "there");
  EXPECT_EQ(client.Receive(), "pong there");
}

TEST_F(StreamTest, SlowReaderIsNotAskedForMoreAndHurtsNobody) {
  Start();
  WebSocketClient slow = Watch(4096);
  const StreamPart large = TextPart(std::string(64 * 1024, 'x'));
  constexpr int kParts = 400;
  for (int i = 0; i < kParts; ++i) script.Say(large);
  // The kernel's buffers hold a few MB, the session one part more; the rest stays where it was.
  EXPECT_EQ(StatusOf(Get("/plain")), 200);
  EXPECT_LT(script.taken(), kParts);
  EXPECT_LE(server->stats().waiting_bytes, 128u * 1024);
  for (int i = 0; i < kParts; ++i) ASSERT_EQ(slow.Receive().size(), 5 + 64 * 1024u) << i;
  EXPECT_TRUE(Becomes([this] { return server->stats().waiting_bytes == 0; }));
}

TEST_F(StreamTest, ReaderThatReadsNothingIsDropped) {
  options.write_time_max = 1ms;
  Start();
  WebSocketClient slow = Watch(4096);
  for (int i = 0; i < 400; ++i) script.Say(TextPart(std::string(64 * 1024, 'x')));
  EXPECT_TRUE(Becomes([this] { return script.ended == 1; }));
  EXPECT_EQ(StatusOf(Get("/plain")), 200);
}

TEST_F(StreamTest, StopClosesBehindWhatIsThere) {
  Start();
  WebSocketClient client = Watch();
  client.SendFrame(9);
  ASSERT_EQ(client.Receive(), "pong");
  script.SetWaker(nullptr);
  script.Say(TextPart("last"));
  std::thread stops([this] { EXPECT_TRUE(server->Stop(10s)); });
  EXPECT_EQ(client.Receive(), "text last");
  EXPECT_EQ(client.Receive(), "close 1001 the server stops");
  EXPECT_EQ(client.Receive(), "end");
  client.raw().Close();
  stops.join();
  EXPECT_EQ(script.ended, 1);
}

// More than one turn's, and than the kernel takes.
TEST_F(StreamTest, StopClosesBehindAllThatWaits) {
  Start();
  WebSocketClient slow = Watch(4096);
  constexpr int kParts = 400;
  for (int i = 0; i < kParts; ++i) script.Say(TextPart(std::string(64 * 1024, 'x')));
  RawClient idle = Connect();
  idle.Send(Get("/plain"));
  idle.Receive();
  std::thread stops([this] { EXPECT_TRUE(server->Stop(10s)); });
  EXPECT_TRUE(idle.Ends()) << "the stop has begun";
  int received = 0;
  std::string last = slow.Receive();
  for (; last.size() == 5 + 64 * 1024u; last = slow.Receive()) ++received;
  EXPECT_EQ(received, kParts);
  EXPECT_EQ(last, "close 1001 the server stops");
  EXPECT_EQ(slow.Receive(), "end");
  slow.raw().Close();
  stops.join();
}

TEST_F(StreamTest, StopCutsOffWhoDoesNotRead) {
  Start();
  WebSocketClient slow = Watch(4096);
  for (int i = 0; i < 400; ++i) script.Say(TextPart(std::string(64 * 1024, 'x')));
  EXPECT_TRUE(server->Stop(1ms));
  EXPECT_EQ(script.ended, 1);
}

TEST_F(StreamTest, WakingAfterTheEndIsFine) {
  Start();
  {
    WebSocketClient client = Watch();
  }
  EXPECT_TRUE(Becomes([this] { return script.ended == 1; }));
  script.Say(TextPart("nobody"));
  server.reset();
  script.Say(TextPart("nobody"));
  EXPECT_EQ(script.taken(), 0);
}

TEST_F(StreamTest, BytesBehindAHandshakeAndOldHttpAreRefused) {
  Start();
  std::string early = Get("/", kWebSocketFields);
  early += MaskedFrame(0x89, "");
  EXPECT_EQ(StatusOf(early), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.0\r\nHost: x\r\n" + std::string(kWebSocketFields) + "\r\n"),
            400);
  EXPECT_EQ(script.ended, 2);
}

TEST_F(StreamTest, HandshakeMayFollowOtherRequests) {
  Start();
  RawClient client = Connect();
  client.Send(Get("/plain"));
  EXPECT_EQ(client.Receive()->status, 200);
  client.Send(Get("/", kWebSocketFields));
  EXPECT_EQ(client.Receive(true)->status, 101);
  client.Send(MaskedFrame(0x89, ""));
  EXPECT_EQ(client.Bytes(2), std::string("\x8a\x00", 2));
}

TEST_F(StreamTest, ConnectionsAreCountedOnce) {
  Start();
  {
    WebSocketClient client = Watch();
    client.SendFrame(9);
    client.Receive();
    EXPECT_EQ(server->stats().open, 1u);
  }
  EXPECT_TRUE(Becomes([this] { return server->stats().open == 0; }));
}

TEST_F(StreamTest, EventsAreABodyWithoutALength) {
  Start();
  RawClient client = Connect();
  client.Send(Get("/"));
  const auto reply = client.Receive(true);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 200);
  EXPECT_TRUE(reply->Has("Connection: close"));
  EXPECT_EQ(reply->head.find("Content-Length"), std::string::npos);
  script.Say(TextPart("data: 1\n\n"));
  EXPECT_EQ(client.Until("\n\n"), "data: 1\n\n");
  script.Say({.kind = Part::kDrop});
  EXPECT_TRUE(client.EndsCleanly());
}

// Most languages' own libraries ask so, and proxies do.
TEST_F(StreamTest, EventsForClientsThatKeepNoConnection) {
  Start();
  for (const std::string& request :
       {Get("/", "Connection: close\r\n"), std::string("GET / HTTP/1.0\r\n\r\n"),
        std::string("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")}) {
    RawClient client = Connect();
    client.Send(request);
    const auto reply = client.Receive(true);
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, 200);
    EXPECT_TRUE(reply->Has("Connection: close"));
    script.Say(TextPart("data: 1\n\n"));
    EXPECT_EQ(client.Until("\n\n"), "data: 1\n\n");
    script.Say({.kind = Part::kDrop});
    EXPECT_TRUE(client.EndsCleanly());
  }
}

TEST_F(StreamTest, EventsHaveCommentsForPingsAndNoSilence) {
  options.stream_ping_interval = 1ms;
  options.stream_silence_max = 1ms;
  Start();
  RawClient client = Connect();
  client.Send(Get("/"));
  client.Receive(true);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(client.Until("\n\n"), ":\n\n");
  client.Send("what a client sends behind it is nobody's");
  EXPECT_EQ(client.Until("\n\n"), ":\n\n");
}

// Says one event of many slices, in the middle of which a ping is due.
class LongEvent final : public StreamHandler {
 public:
  static constexpr std::size_t kSlice = std::size_t{64} << 10;
  static constexpr std::size_t kSlices = 24;  // Of six turns.

  void Open(std::shared_ptr<StreamWaker>) override {}
  StreamPart Next() override {
    if (told_ > kSlices) return {};
    if (told_ == kSlices / 2) WaitForTick();
    return TextPart(++told_ > kSlices ? "\n\n" : std::string(kSlice, 'x'));
  }

 private:
  // Until the loop's next tick is late.
  static void WaitForTick() {
    const auto end = std::chrono::steady_clock::now() + kTick + 1ms;
    while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
  }

  std::size_t told_ = 0;
};

TEST_F(StreamTest, NoCommentComesWithinAnEvent) {
  options.stream_ping_interval = 1ms;
  handler.handle = [](const HttpRequest&, HttpExchange& exchange) {
    EXPECT_TRUE(exchange.BecomeStream(StreamKind::kEvents, std::make_unique<LongEvent>()));
    exchange.reply().content_type = "text/event-stream";
  };
  Start();
  RawClient client = Connect();
  client.Send(Get("/"));
  ASSERT_TRUE(client.Receive(true).has_value());
  const auto event = client.Until("\n\n");
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->find(':'), std::string::npos);
  EXPECT_EQ(event->size(), LongEvent::kSlices * LongEvent::kSlice + 2);
  EXPECT_EQ(client.Until("\n\n"), ":\n\n");
}

}  // namespace
}  // namespace skep::server
