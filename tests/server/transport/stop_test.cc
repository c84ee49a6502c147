// HttpServer::Stop: what is answered, what is closed, what is cut.
#include <atomic>
#include <thread>

#include "tests/server/transport/http_fixture.h"

namespace skep::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class StopTest : public HttpServerTest {
 protected:
  // Handlers defer "/later" and put the reply here.
  void DeferLater() {
    handler.handle = [this](const HttpRequest& request, HttpExchange& exchange) {
      if (request.target == "/later") {
        later = exchange.Defer();
        deferred = true;
        deferred.notify_all();
      } else {
        exchange.reply().text = std::string(request.target);
      }
    };
  }

  std::shared_ptr<DeferredReply> later;
  std::atomic<bool> deferred = false;
};

TEST_F(StopTest, IdleServerStopsAtOnceAndTwice) {
  options.threads = 3;
  Start();
  EXPECT_TRUE(server->Stop(seconds(10)));
  EXPECT_TRUE(server->Stop(seconds(10)));
}

TEST_F(StopTest, ServerThatWasNotStoppedIsStoppedByItsDestructor) {
  Start();
  RawClient client = Connect();
  ASSERT_TRUE(client.Send(Get("/")).Receive().has_value());
  server.reset();
  EXPECT_TRUE(client.Ends());
}

TEST_F(StopTest, IdleConnectionsAreClosedAtOnceAndNobodyIsAccepted) {
  Start();
  RawClient used = Connect();
  ASSERT_TRUE(used.Send(Get("/")).Receive().has_value());
  RawClient fresh = Connect();
  const std::string address = server->addresses().front();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(server->Stop(seconds(60)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(5));
  EXPECT_TRUE(used.EndsCleanly());
  EXPECT_TRUE(fresh.Ends());
  EXPECT_EQ(server->stats().open, 0U);
}

TEST_F(StopTest, RequestInFlightIsAnsweredWithConnectionClose) {
  DeferLater();
  Start();
  RawClient client = Connect();
  client.Send(Get("/later"));
  deferred.wait(false);
  RawClient idle = Connect();
  std::thread stopper([this] { EXPECT_TRUE(server->Stop(seconds(60))); });
  EXPECT_TRUE(idle.Ends()) << "the stop has begun";
  HttpReply reply;
  reply.text = "late";
  later->Send(std::move(reply));
  const auto received = client.Receive();
  ASSERT_TRUE(received.has_value());
  EXPECT_EQ(received->body, "late");
  EXPECT_TRUE(received->Has("Connection: close"));
  EXPECT_TRUE(client.EndsCleanly());
  client.Close();
  stopper.join();
}

TEST_F(StopTest, PipelinedRequestsThatWereReceivedAreAllAnswered) {
  DeferLater();
  options.pipelined_requests_max = 2;
  Start();
  RawClient client = Connect();
  client.Send(Get("/later") + Get("/a") + Get("/b") + Get("/c") + Get("/d"));
  deferred.wait(false);
  RawClient idle = Connect();
  std::thread stopper([this] { EXPECT_TRUE(server->Stop(seconds(60))); });
  EXPECT_TRUE(idle.Ends());
  later->Send({});
  std::vector<std::string> bodies;
  bool closed_early = false;
  while (const auto reply = client.Receive()) {
    bodies.push_back(reply->body);
    closed_early = reply->Has("Connection: close") && bodies.size() < 5;
  }
  EXPECT_EQ(bodies, (std::vector<std::string>{"", "/a", "/b", "/c", "/d"}));
  EXPECT_FALSE(closed_early);
  client.Close();
  stopper.join();
}

TEST_F(StopTest, HalfReceivedRequestMayStillComplete) {
  DeferLater();
  Start();
  RawClient client = Connect();
  // The answer to the first tells that the half of the second has arrived too.
  client.Send(Get("/a") + "GET /half HTTP/1.1\r\n");
  ASSERT_TRUE(client.Receive().has_value());
  RawClient idle = Connect();
  std::thread stopper([this] { EXPECT_TRUE(server->Stop(seconds(60))); });
  EXPECT_TRUE(idle.Ends());
  const auto reply = client.Send("Host: x\r\n\r\n").Receive();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->body, "/half");
  EXPECT_TRUE(reply->Has("Connection: close"));
  client.Close();
  stopper.join();
}

TEST_F(StopTest, DeadlineCutsWhatIsLeftAndSaysSo) {
  DeferLater();
  Start();
  RawClient client = Connect();
  client.Send(Get("/later"));
  deferred.wait(false);
  EXPECT_FALSE(server->Stop(milliseconds(50)));
  EXPECT_FALSE(server->Stop(seconds(10))) << "the same again";
  EXPECT_FALSE(client.Receive().has_value());
  EXPECT_TRUE(client.Ends());
  // Sent after the stop, and after the server itself is gone.
  later->Send({});
  server.reset();
  later->Send({});
  later.reset();
}

TEST_F(StopTest, DeferredReplyMayOutliveTheServer) {
  DeferLater();
  Start();
  RawClient client = Connect();
  client.Send(Get("/later"));
  deferred.wait(false);
  server.reset();
  later->Send({});
}

TEST_F(StopTest, SlowReaderIsCutAtTheDeadline) {
  handler.handle = [](const HttpRequest&, HttpExchange& exchange) {
    exchange.reply().text.assign(32 << 20, 'x');
  };
  Start();
  RawClient client = Connect(/*receive_buffer=*/4096);
  client.Send(Get("/"));
  ASSERT_TRUE(client.Readable(kPatienceMs));
  EXPECT_FALSE(server->Stop(milliseconds(50)));
}

TEST_F(StopTest, SlowReaderWithinTheDeadlineGetsAll) {
  handler.handle = [](const HttpRequest&, HttpExchange& exchange) {
    exchange.reply().text.assign(8 << 20, 'x');
  };
  Start();
  RawClient client = Connect(/*receive_buffer=*/4096);
  client.Send(Get("/"));
  ASSERT_TRUE(client.Readable(kPatienceMs));
  std::thread stopper([this] { EXPECT_TRUE(server->Stop(seconds(60))); });
  const auto reply = client.Receive();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->body.size(), std::size_t{8} << 20);
  stopper.join();
}

TEST_F(StopTest, StopUnderLoadAnswersOrCloses) {
  options.threads = 2;
  Start();
  std::vector<std::thread> clients;
  std::atomic<int> answered = 0;
  for (int t = 0; t < 4; ++t) {
    clients.emplace_back([&] {
      RawClient client = Connect();
      while (const auto reply = client.Send(Get("/")).Receive()) {
        EXPECT_EQ(reply->status, 200);
        ++answered;
        answered.notify_all();
      }
    });
  }
  while (answered < 200) answered.wait(answered);
  EXPECT_TRUE(server->Stop(seconds(60)));
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(server->stats().open, 0U);
}

}  // namespace
}  // namespace skep::server
