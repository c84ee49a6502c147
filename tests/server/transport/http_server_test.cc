#include "server/transport/http_server.h"

#include <atomic>
#include <thread>

#include "tests/server/transport/http_fixture.h"

namespace skep::server {
namespace {

TEST_F(HttpServerTest, AnswersOnEveryAddress) {
  options.listen = {"127.0.0.1:0", "127.0.0.1:0"};
  options.threads = 2;
  Start();
  ASSERT_EQ(server->addresses().size(), 2U);
  EXPECT_NE(server->addresses()[0], server->addresses()[1]);
  for (const std::string& address : server->addresses()) {
    RawClient client(address);
    const auto reply = client.Send(Get("/a")).Receive();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "/a 0");
    EXPECT_TRUE(reply->Has("Content-Type: text/plain"));
    EXPECT_EQ(reply->head.find("Connection:"), std::string::npos);
  }
}

TEST_F(HttpServerTest, PortInUseIsAnErrorThatNamesTheAddress) {
  Start();
  ServerOptions again;
  again.listen = {"127.0.0.1:0", server->addresses().front()};
  const auto second = HttpServer::Start(again, *clock, handler);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error(), make_error_code(EngineErrc::kAddressInUse));
  EXPECT_NE(second.error().detail().find(server->addresses().front()), std::string::npos);
}

TEST_F(HttpServerTest, PortIsFreeAgainAfterTheStop) {
  Start();
  RawClient client = Connect();
  client.Send(Get("/")).Receive();
  const std::string address = server->addresses().front();
  EXPECT_TRUE(server->Stop(std::chrono::seconds(10)));
  options.listen = {address};
  Start();
  EXPECT_EQ(server->addresses().front(), address);
  EXPECT_EQ(StatusOf(Get("/")), 200);
}

TEST_F(HttpServerTest, OptionsOutsideTheirLimitsAreRefused) {
  const std::vector<std::function<void(ServerOptions&)>> mistakes = {
      [](ServerOptions& o) { o.listen.clear(); },
      [](ServerOptions& o) { o.threads = 1'000'000; },
      [](ServerOptions& o) { o.header_bytes_max = 0; },
      [](ServerOptions& o) { o.connections_max = 0; },
      [](ServerOptions& o) { o.pipelined_requests_max = 0; },
      [](ServerOptions& o) { o.outstanding_bytes_max = 0; },
      [](ServerOptions& o) { o.thread_outstanding_bytes_max = 0; },
      [](ServerOptions& o) { o.idle_time_max = std::chrono::milliseconds(0); },
      [](ServerOptions& o) { o.request_time_max = std::chrono::milliseconds(-1); },
      [](ServerOptions& o) { o.write_time_max = std::chrono::milliseconds(0); },
      [](ServerOptions& o) { o.thread_delay_max = std::chrono::milliseconds(0); },
      [](ServerOptions& o) { o.shed_bulk_percent = 0; },
      [](ServerOptions& o) { o.shed_writes_percent = 101; },
      [](ServerOptions& o) { o.shed_lists_percent = o.shed_finds_percent + 1; },
  };
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    ServerOptions wrong;
    mistakes[i](wrong);
    const auto started = HttpServer::Start(wrong, *clock, handler);
    ASSERT_FALSE(started.ok()) << i;
    EXPECT_EQ(started.error(), make_error_code(EngineErrc::kInvalidOptions)) << i;
  }
}

TEST_F(HttpServerTest, RequestCarriesFieldsBodyPeerAndTime) {
  auto manual = ManualClock::Create();
  clock = manual;
  manual->Advance(std::chrono::hours(1));
  const MonotonicTime expected = manual->Now();
  handler.handle = [&](const HttpRequest& request, HttpExchange& exchange) {
    EXPECT_EQ(request.verb, Verb::kPost);
    EXPECT_EQ(request.Field("x-a"), "b");
    EXPECT_EQ(request.body, "hello");
    EXPECT_EQ(request.now, expected);
    exchange.reply().text = std::string(request.peer);
  };
  Start();
  RawClient client = Connect();
  const auto reply = client.Send(Post("/", "hello", "X-A: b\r\n")).Receive();
  ASSERT_TRUE(reply.has_value());
  sockaddr_in own{};
  socklen_t size = sizeof own;
  ::getsockname(client.fd(), reinterpret_cast<sockaddr*>(&own), &size);
  EXPECT_EQ(reply->body, "127.0.0.1:" + std::to_string(ntohs(own.sin_port)));
}

TEST_F(HttpServerTest, ConnectionIsKeptAndEveryExchangeIsReported) {
  Start();
  RawClient client = Connect();
  for (int i = 0; i < 5; ++i) {
    const auto reply = client.Send(Get(Numbered(i))).Receive();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->body, Numbered(i) + " 0");
  }
  handler.WaitForFinished(5);
  EXPECT_EQ(handler.finished.back(), std::pair(std::string("/4"), 200));
  const TransportStats stats = server->stats();
  EXPECT_EQ(stats.accepted, 1U);
  EXPECT_EQ(stats.open, 1U);
  EXPECT_EQ(stats.refused, 0U);
  EXPECT_GT(stats.bytes_in, 100U);
  EXPECT_GT(stats.bytes_out, 100U);
}

TEST_F(HttpServerTest, RequestByteByByteIsAnswered) {
  Start();
  RawClient client = Connect();
  const std::string request = Post("/slow", std::string(40, 'x'));
  for (const char c : request) client.Send(std::string_view(&c, 1));
  const auto reply = client.Receive();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->body, "/slow 40");
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  options.pipelined_requests_max = 7;  // Several turns.
  Start();
  RawClient client = Connect();
  std::string requests;
  for (int i = 0; i < 500; ++i) {
    requests += i % 3 == 0
                    ? Post(Numbered(i), std::string(static_cast<std::size_t>(1 + i % 50), 'x'))
                    : Get(Numbered(i));
  }
  client.Send(requests);
  for (int i = 0; i < 500; ++i) {
    const auto reply = client.Receive();
    ASSERT_TRUE(reply.has_value()) << i;
    const int size = i % 3 == 0 ? 1 + i % 50 : 0;
    ASSERT_EQ(reply->body, Numbered(i) + " " + std::to_string(size));
  }
}

TEST_F(HttpServerTest, LargeAndChunkedBodiesArriveWhole) {
  handler.body_limit = 8 << 20;
  std::string received;
  handler.handle = [&](const HttpRequest& request, HttpExchange&) { received = request.body; };
  Start();
  std::string body;
  for (int i = 0; body.size() < (3 << 20); ++i) body += std::to_string(i) + ",";
  RawClient client = Connect();
  ASSERT_TRUE(client.Send(Post("/", body)).Receive().has_value());
  EXPECT_TRUE(received == body);
  std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 4096) {
    const std::string piece = body.substr(at, 4096);
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    chunked += size + piece + "\r\n";
  }
  received.clear();
  ASSERT_TRUE(client.Send(chunked + "0\r\n\r\n" + Get("/next")).Receive().has_value());
  ASSERT_TRUE(client.Receive().has_value());
  EXPECT_TRUE(received.empty()) << "the next request has no body";
  handler.WaitForFinished(3);
}

TEST_F(HttpServerTest, TextAndPartsAreOneBody) {
  const auto shared = std::make_shared<const std::string>(3000, 's');
  handler.handle = [&](const HttpRequest& request, HttpExchange& exchange) {
    HttpReply& reply = exchange.reply();
    if (request.target == "/small") {
      reply.text = "[";
      reply.parts = {{"a", nullptr}, {"]", nullptr}};
    } else {
      reply.text = "[";
      for (int i = 0; i < 3000; ++i) reply.parts.push_back({*shared, shared});
      reply.parts.push_back({"]", nullptr});
    }
  };
  Start();
  RawClient client = Connect();
  // Small and large answers in one write keep their order.
  client.Send(Get("/small") + Get("/large") + Get("/small"));
  EXPECT_EQ(client.Receive()->body, "[a]");
  const auto large = client.Receive();
  ASSERT_TRUE(large.has_value());
  EXPECT_EQ(large->body.size(), 9'000'002U);
  EXPECT_EQ(large->body.front(), '[');
  EXPECT_EQ(large->body.back(), ']');
  EXPECT_EQ(client.Receive()->body, "[a]");
  client.Send(Get("/small")).Receive();  // Comes after the end of those before it.
  EXPECT_EQ(shared.use_count(), 1) << "no sent answer holds the shared bytes";
}

TEST_F(HttpServerTest, SlowReaderGetsAllOfALargeAnswer) {
  handler.handle = [&](const HttpRequest&, HttpExchange& exchange) {
    exchange.reply().text.assign(4 << 20, 'x');
  };
  Start();
  RawClient client = Connect(/*receive_buffer=*/4096);
  client.Send(Get("/1") + Get("/2"));
  for (int i = 0; i < 2; ++i) {
    const auto reply = client.Receive();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->body, std::string(4 << 20, 'x'));
  }
}

TEST_F(HttpServerTest, HeadTellsTheLengthAndSendsNoBody) {
  Start();
  RawClient client = Connect();
  client.Send("HEAD /ab HTTP/1.1\r\nHost: x\r\n\r\n" + Get("/c"));
  const auto head = client.Receive(/*head_only=*/true);
  ASSERT_TRUE(head.has_value());
  EXPECT_TRUE(head->Has("Content-Length: 5"));
  EXPECT_EQ(client.Receive()->body, "/c 0");
}

TEST_F(HttpServerTest, BodilessStatusSendsNeitherBodyNorLength) {
  handler.handle = [](const HttpRequest& request, HttpExchange& exchange) {
    exchange.reply().status = request.target == "/304" ? 304 : 204;
    exchange.reply().text = "not sent";
    exchange.reply().headers.emplace_back("X-Resource-Revision", "9");
  };
  Start();
  RawClient client = Connect();
  client.Send(Get("/304") + Get("/204"));
  for (const int status : {304, 204}) {
    const auto reply = client.Receive();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->status, status);
    EXPECT_EQ(reply->head.find("Content-Length"), std::string::npos);
    EXPECT_TRUE(reply->Has("X-Resource-Revision: 9"));
  }
}

TEST_F(HttpServerTest, ConnectionCloseIsHonoured) {
  Start();
  RawClient client = Connect();
  const auto reply = client.Send(Get("/", "Connection: close\r\n")).Receive();
  ASSERT_TRUE(reply.has_value());
  EXPECT_TRUE(reply->Has("Connection: close"));
  EXPECT_TRUE(client.EndsCleanly());
}

TEST_F(HttpServerTest, Http10ClosesUnlessAskedToKeep) {
  Start();
  RawClient closing = Connect();
  EXPECT_TRUE(closing.Send("GET / HTTP/1.0\r\n\r\n").Receive()->Has("Connection: close"));
  EXPECT_TRUE(closing.EndsCleanly());
  RawClient keeping = Connect();
  for (int i = 0; i < 2; ++i) {
    const auto reply = keeping.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").Receive();
    ASSERT_TRUE(reply.has_value());
    EXPECT_TRUE(reply->Has("Connection: keep-alive"));
  }
}

TEST_F(HttpServerTest, ContinueIsSentBehindEarlierAnswers) {
  Start();
  RawClient client = Connect();
  client.Send(
      Get("/first") +
      "PUT /second HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Receive()->body, "/first 0");
  const auto interim = client.Receive(/*head_only=*/true);
  ASSERT_TRUE(interim.has_value());
  EXPECT_EQ(interim->head, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.Send("abc").Receive()->body, "/second 3");
}

TEST_F(HttpServerTest, HalfClosedClientGetsItsAnswers) {
  Start();
  RawClient client = Connect();
  client.Send(Get("/1") + Get("/2"));
  client.ShutDownSending();
  EXPECT_EQ(client.Receive()->body, "/1 0");
  EXPECT_EQ(client.Receive()->body, "/2 0");
  EXPECT_TRUE(client.EndsCleanly());
}

TEST_F(HttpServerTest, ManyClientsOnManyThreads) {
  options.threads = 3;
  Start();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int c = 0; c < 10; ++c) {
        RawClient client = Connect();
        for (int i = 0; i < 20; ++i) {
          const std::string target = Numbered(i);
          const auto reply = client.Send(Get(target)).Receive();
          ASSERT_TRUE(reply.has_value());
          ASSERT_EQ(reply->body, target + " 0");
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  handler.WaitForFinished(800);
  EXPECT_EQ(server->stats().accepted, 40U);
}

// ------------------------------------------------------------------------------------------------
// Deferred replies

HttpReply TextReply(std::string text) {
  HttpReply reply;
  reply.text = std::move(text);
  return reply;
}

TEST_F(HttpServerTest, DeferredReplyComesFromAnotherThread) {
  std::vector<std::thread> senders;
  handler.handle = [&](const HttpRequest& request, HttpExchange& exchange) {
    if (request.target != "/later") {
      exchange.reply().text = std::string(request.target);
      return;
    }
    senders.emplace_back([later = exchange.Defer()] { later->Send(TextReply("late")); });
  };
  Start();
  RawClient client = Connect();
  client.Send(Get("/a") + Get("/later") + Get("/b") + Get("/later") + Get("/c"));
  for (const char* expected : {"/a", "late", "/b", "late", "/c"}) {
    const auto reply = client.Receive();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->body, expected);
  }
  handler.WaitForFinished(5);
  for (std::thread& sender : senders) sender.join();
}

// The answer before it is not held back, and what follows waits.
TEST_F(HttpServerTest, DeferredReplyHoldsUpOnlyWhatFollows) {
  std::shared_ptr<DeferredReply> later;
  handler.handle = [&](const HttpRequest& request, HttpExchange& exchange) {
    if (request.target == "/later") {
      later = exchange.Defer();
    } else {
      exchange.reply().text = std::string(request.target);
    }
  };
  Start();
  RawClient client = Connect();
  client.Send(Get("/a") + Get("/later") + Get("/b"));
  EXPECT_EQ(client.Receive()->body, "/a");
  EXPECT_FALSE(client.Readable(20));
  client.Send(Get("/" + std::string(3000, 'c')));  // Read meanwhile, answered afterwards.
  later->Send(TextReply("late"));
  later->Send(TextReply("a second one is dropped"));
  EXPECT_EQ(client.Receive()->body, "late");
  EXPECT_EQ(client.Receive()->body, "/b");
  EXPECT_EQ(client.Receive()->body.size(), 3001U);
}

TEST_F(HttpServerTest, DeferredReplySentWithinTheHandlerIsTheAnswer) {
  handler.handle = [](const HttpRequest&, HttpExchange& exchange) {
    exchange.Defer()->Send(TextReply("inline"));
  };
  Start();
  RawClient client = Connect();
  client.Send(Get("/") + Get("/"));
  EXPECT_EQ(client.Receive()->body, "inline");
  EXPECT_EQ(client.Receive()->body, "inline");
}

TEST_F(HttpServerTest, DeferredReplyDroppedUnsentClosesTheConnection) {
  handler.handle = [](const HttpRequest&, HttpExchange& exchange) { exchange.Defer(); };
  Start();
  RawClient client = Connect();
  client.Send(Get("/"));
  EXPECT_FALSE(client.Receive().has_value());
  EXPECT_TRUE(client.Ends());
}

TEST_F(HttpServerTest, DeferredReplyToAClientThatHungUpDoesNothing) {
  std::mutex mu;
  std::shared_ptr<DeferredReply> later;
  handler.handle = [&](const HttpRequest& request, HttpExchange& exchange) {
    std::lock_guard lock(mu);
    if (request.target == "/later") later = exchange.Defer();
  };
  Start();
  {
    RawClient client = Connect();
    client.Send(Get("/a") + Get("/later"));
    ASSERT_TRUE(client.Receive().has_value());
    // Closing by a reset, which cannot be half a close.
    const linger abort{1, 0};
    ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  }
  // The server's thread has met the reset before it answers the next client, or meets it in the
  // send.
  EXPECT_EQ(StatusOf(Get("/b")), 200);
  {
    std::lock_guard lock(mu);
    ASSERT_NE(later, nullptr);
    later->Send(TextReply("to nobody"));
  }
  EXPECT_EQ(StatusOf(Get("/c")), 200);
  EXPECT_TRUE(server->Stop(std::chrono::seconds(10)));
}

TEST_F(HttpServerTest, HalfClosedClientGetsItsDeferredAnswer) {
  std::atomic<bool> deferred = false;
  std::shared_ptr<DeferredReply> later;
  handler.handle = [&](const HttpRequest&, HttpExchange& exchange) {
    later = exchange.Defer();
    deferred = true;
    deferred.notify_all();
  };
  Start();
  RawClient client = Connect();
  client.Send(Get("/"));
  client.ShutDownSending();
  deferred.wait(false);
  later->Send(TextReply("late"));
  EXPECT_EQ(client.Receive()->body, "late");
  EXPECT_TRUE(client.EndsCleanly());
}

}  // namespace
}  // namespace skep::server
