// Every limit of ServerOptions, reached, and every refusal.
#include "server/transport/limits.h"

#include <sys/resource.h>

#include <atomic>
#include <thread>

#include "tests/server/transport/http_fixture.h"

namespace skep::server {
namespace {

using std::chrono::milliseconds;

class LimitsTest : public HttpServerTest {
 protected:
  static constexpr milliseconds kShort{600};

  // Asks a handler that tells the load until it tells this one.
  static bool LoadBecomes(std::string_view load, RawClient& client) {
    const auto end = std::chrono::steady_clock::now() + milliseconds(kPatienceMs);
    while (std::chrono::steady_clock::now() < end) {
      const auto reply = client.Send(Get("/")).Receive();
      if (!reply.has_value()) return false;
      if (reply->body == load) return true;
    }
    return false;
  }
};

TEST_F(LimitsTest, BadRequestIsAnsweredThenTheConnectionEnds) {
  Start();
  RawClient client = Connect();
  client.Send(Get("/first") + "NOT HTTP\r\n\r\n" + Get("/never"));
  EXPECT_EQ(client.Receive()->body, "/first 0");
  const auto reply = client.Receive();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 400);
  EXPECT_EQ(reply->body, "refused");
  EXPECT_TRUE(reply->Has("Connection: close"));
  client.ShutDownSending();
  EXPECT_TRUE(client.EndsCleanly());
  EXPECT_EQ(client.received(), "");
  handler.WaitForFinished(2);
  EXPECT_EQ(handler.finished.back().second, 400);
  EXPECT_EQ(server->stats().refused, 1U);
}

// The client is still sending when it is refused: it must see the answer and no reset.
TEST_F(LimitsTest, RefusalIsSeenByAClientThatIsStillSending) {
  Start();
  RawClient client = Connect();
  client.Send("NOT HTTP\r\n\r\n" + std::string(400'000, 'x'));
  const auto reply = client.Receive();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 400);
  client.ShutDownSending();
  EXPECT_TRUE(client.EndsCleanly());
}

TEST_F(LimitsTest, HeaderTooLargeIs431) {
  options.header_bytes_max = 300;
  Start();
  EXPECT_EQ(StatusOf(Get("/" + std::string(200, 'x'))), 200);
  EXPECT_EQ(StatusOf(Get("/" + std::string(300, 'x'))), 431);
  // Also where its end never comes.
  EXPECT_EQ(StatusOf("GET /" + std::string(1000, 'x')), 431);
}

TEST_F(LimitsTest, BodyTooLargeIsToldToTheHandlerAndDrained) {
  handler.body_limit = 10;
  handler.handle = [](const HttpRequest& request, HttpExchange& exchange) {
    exchange.reply().text = request.body_too_large ? "too large" : std::string(request.body);
  };
  Start();
  RawClient client = Connect();
  client.Send(Post("/", std::string(100'000, 'x')) + Post("/", "small"));
  EXPECT_EQ(client.Receive()->body, "too large");
  EXPECT_EQ(client.Receive()->body, "small");
}

TEST_F(LimitsTest, BodyFarTooLargeIsAnsweredAtOnceAndTheConnectionEnds) {
  handler.handle = [](const HttpRequest& request, HttpExchange& exchange) {
    exchange.reply().text = request.body_too_large ? "too large" : "";
  };
  Start();
  RawClient client = Connect();
  client.Send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\nabc");
  const auto reply = client.Receive();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->body, "too large");
  EXPECT_TRUE(reply->Has("Connection: close"));
  EXPECT_TRUE(client.EndsCleanly());
}

TEST_F(LimitsTest, SlowRequestIs408) {
  options.request_time_max = kShort;
  Start();
  for (const char* begin :
       {"GET / HTTP/1.1\r\nHo", "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab"}) {
    RawClient client = Connect();
    const auto reply = client.Send(begin).Receive();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, 408);
    EXPECT_TRUE(reply->Has("Connection: close"));
    EXPECT_TRUE(client.Ends());
  }
}

// Each byte does not renew the time.
TEST_F(LimitsTest, DrippingRequestIs408) {
  options.request_time_max = kShort;
  Start();
  RawClient client = Connect();
  const std::string drip = Get("/", "X: " + std::string(1000, 'x') + "\r\n");
  std::size_t at = 0;
  while (!client.Readable(20)) {
    ASSERT_LT(at, drip.size());
    client.Send(drip.substr(at++, 1));
  }
  const auto reply = client.Receive();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 408);
}

TEST_F(LimitsTest, ClientThatSendsNothingIsClosedSilently) {
  options.request_time_max = kShort;
  Start();
  RawClient client = Connect();
  EXPECT_TRUE(client.EndsCleanly());
  EXPECT_EQ(client.received(), "");
}

TEST_F(LimitsTest, IdleConnectionIsClosedSilently) {
  options.idle_time_max = kShort;
  Start();
  RawClient client = Connect();
  ASSERT_TRUE(client.Send(Get("/")).Receive().has_value());
  EXPECT_TRUE(client.EndsCleanly());
  EXPECT_EQ(client.received(), "");
}

// A large request gives the connection a buffer of its own, which it gives back when idle.
TEST_F(LimitsTest, ConnectionIsServedAfterItsBufferWasGivenBack) {
  Start();
  RawClient client = Connect();
  ASSERT_TRUE(client.Send(Post("/", std::string(50'000, 'x'))).Receive().has_value());
  EXPECT_FALSE(client.Readable(static_cast<int>((kWarmTime + 3 * kTick).count())));
  EXPECT_EQ(client.Send(Get("/again")).Receive()->body, "/again 0");
}

TEST_F(LimitsTest, ClientThatDoesNotReadIsDropped) {
  options.write_time_max = kShort;
  handler.handle = [](const HttpRequest&, HttpExchange& exchange) {
    exchange.reply().text.assign(32 << 20, 'x');
  };
  Start();
  RawClient client = Connect(/*receive_buffer=*/4096);
  client.Send(Get("/"));
  ASSERT_TRUE(client.Readable(kPatienceMs));
  // No byte is read; the end shows in the count of open connections.
  const auto end = std::chrono::steady_clock::now() + milliseconds(kPatienceMs);
  while (server->stats().open > 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  EXPECT_EQ(server->stats().open, 0U);
  EXPECT_TRUE(client.Ends());
  EXPECT_LT(client.received().size(), std::size_t{32} << 20);
}

TEST_F(LimitsTest, ConnectionsBeyondTheLimitAre429AndClosed) {
  options.connections_max = 2;
  Start();
  RawClient first = Connect();
  RawClient second = Connect();
  ASSERT_EQ(first.Send(Get("/")).Receive()->status, 200);
  ASSERT_EQ(second.Send(Get("/")).Receive()->status, 200);
  {
    RawClient third = Connect();
    const auto reply = third.Send(Get("/")).Receive();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, 429);
    EXPECT_TRUE(reply->Has("Retry-After: 1"));
    EXPECT_TRUE(reply->Has("Connection: close"));
    EXPECT_TRUE(third.EndsCleanly());
  }
  EXPECT_EQ(server->stats().open, 2U);
  first.Close();
  int status = 429;
  const auto end = std::chrono::steady_clock::now() + milliseconds(kPatienceMs);
  while (status == 429 && std::chrono::steady_clock::now() < end) status = StatusOf(Get("/"));
  EXPECT_EQ(status, 200);
}

TEST_F(LimitsTest, SilentConnectionBeyondTheLimitIs429Too) {
  options.connections_max = 1;
  options.request_time_max = kShort;
  Start();
  RawClient first = Connect();
  ASSERT_EQ(first.Send(Get("/")).Receive()->status, 200);
  RawClient second = Connect();
  const auto reply = second.Receive();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->status, 429);
}

// A client that pipelines without reading is answered up to its limit and then left unread.
TEST_F(LimitsTest, OutstandingBytesStopTheReading) {
  options.outstanding_bytes_max = 1 << 20;
  std::atomic<int> handled = 0;
  handler.handle = [&](const HttpRequest&, HttpExchange& exchange) {
    ++handled;
    exchange.reply().text.assign(1 << 20, 'x');
  };
  Start();
  RawClient client = Connect(/*receive_buffer=*/4096);
  std::string requests;
  constexpr int kRequests = 40;
  for (int i = 0; i < kRequests; ++i) requests += Get("/");
  client.Send(requests);
  ASSERT_TRUE(client.Readable(kPatienceMs));
  EXPECT_EQ(StatusOf(Get("/")), 200) << "others are served meanwhile";
  EXPECT_LT(handled, kRequests);
  for (int i = 0; i < kRequests; ++i) {
    const auto reply = client.Receive();
    ASSERT_TRUE(reply.has_value()) << i;
    ASSERT_EQ(reply->body.size(), std::size_t{1} << 20);
  }
  EXPECT_EQ(handled, kRequests + 1);
}

TEST_F(LimitsTest, OutstandingBytesOfAThreadAreItsLoad) {
  options.thread_outstanding_bytes_max = 1 << 20;
  handler.handle = [](const HttpRequest& request, HttpExchange& exchange) {
    exchange.reply().text = std::to_string(request.load_percent);
    if (request.target == "/large") exchange.reply().text.assign(32 << 20, 'x');
  };
  Start();
  RawClient hog = Connect(/*receive_buffer=*/4096);
  hog.Send(Get("/large"));
  ASSERT_TRUE(hog.Readable(kPatienceMs));
  RawClient other = Connect();
  EXPECT_EQ(other.Send(Get("/")).Receive()->body, "100");
  hog.Close();
  EXPECT_TRUE(LoadBecomes("0", other));
}

TEST_F(LimitsTest, ThreadThatComesLateIsLoadedUntilItDoesNot) {
  options.thread_delay_max = milliseconds(50);
  handler.handle = [](const HttpRequest& request, HttpExchange& exchange) {
    exchange.reply().text = std::to_string(request.load_percent);
    const auto end = std::chrono::steady_clock::now() + kTick + milliseconds(100);
    while (request.target == "/slow" && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
  };
  Start();
  RawClient client = Connect();
  EXPECT_EQ(client.Send(Get("/slow")).Receive()->body, "0");
  EXPECT_TRUE(LoadBecomes("100", client));
  EXPECT_TRUE(LoadBecomes("0", client));
}

// Out of descriptors, accepting pauses and goes on; it neither spins nor ends.
TEST_F(LimitsTest, AcceptingGoesOnAfterDescriptorsRanOut) {
  Start();
  RawClient first = Connect();
  ASSERT_EQ(first.Send(Get("/")).Receive()->status, 200);
  RawClient second = Connect();
  ASSERT_EQ(second.Send(Get("/")).Receive()->status, 200);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  // The client's own socket takes the last descriptor.
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  ::close(probe);
  const rlimit tight{static_cast<rlim_t>(probe) + 1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  RawClient third = Connect();
  third.Send(Get("/third"));
  EXPECT_FALSE(third.Readable(100));
  EXPECT_EQ(second.Send(Get("/")).Receive()->status, 200) << "open connections are served";
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(third.Receive()->body, "/third 0");
}

}  // namespace
}  // namespace skep::server
