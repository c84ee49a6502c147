#include <future>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/server/transport/http_fixture.h"

// Parked requests: answered late, given up by their client, ended by a stop.
namespace skep::server {
namespace {

class ParkedTest : public HttpServerTest {
 protected:
  // "/park..." is parked, all else answered at once.
  void SetUp() override {
    handler.handle = [this](const HttpRequest& request, HttpExchange& exchange) {
      if (!request.target.starts_with("/park")) {
        exchange.reply().text = request.target;
        return;
      }
      auto reply = exchange.Park([this](Unpark why) {
        const std::lock_guard lock(mu);
        unparked.push_back(why);
        changed.notify_all();
      });
      const std::lock_guard lock(mu);
      parked.push_back(std::move(reply));
      changed.notify_all();
    };
  }

  std::shared_ptr<DeferredReply> TakeParked() {
    std::unique_lock lock(mu);
    const auto has_come = [&] { return !parked.empty(); };
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::milliseconds(kPatienceMs), has_come));
    auto reply = std::move(parked.front());
    parked.erase(parked.begin());
    return reply;
  }

  Unpark TakeUnparked() {
    std::unique_lock lock(mu);
    const auto has_come = [&] { return !unparked.empty(); };
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::milliseconds(kPatienceMs), has_come));
    const Unpark why = unparked.front();
    unparked.erase(unparked.begin());
    return why;
  }

  static HttpReply ReplyOf(std::string text) {
    HttpReply reply;
    reply.text = std::move(text);
    return reply;
  }

  std::mutex mu;
  std::condition_variable changed;
  std::vector<std::shared_ptr<DeferredReply>> parked;
  std::vector<Unpark> unparked;
};

TEST_F(ParkedTest, IsAnsweredAndTheConnectionGoesOn) {
  Start();
  RawClient client = Connect();
  client.Send(Get("/park"));
  const auto reply = TakeParked();
  EXPECT_FALSE(client.Readable(0));
  reply->Send(ReplyOf("late"));
  EXPECT_EQ(client.Receive()->body, "late");
  EXPECT_EQ(client.Send(Get("/next")).Receive()->body, "/next");
  handler.WaitForFinished(2);
  EXPECT_EQ(handler.finished[0], std::pair(std::string("/park"), 200));
}

TEST_F(ParkedTest, WhatIsPipelinedBeforeAndBehindKeepsItsOrder) {
  Start();
  RawClient client = Connect();
  client.Send(Get("/1") + Get("/park") + Get("/2") + Get("/park") + Get("/3"));
  EXPECT_EQ(client.Receive()->body, "/1");
  TakeParked()->Send(ReplyOf("a"));
  EXPECT_EQ(client.Receive()->body, "a");
  EXPECT_EQ(client.Receive()->body, "/2");
  TakeParked()->Send(ReplyOf("b"));
  EXPECT_EQ(client.Receive()->body, "b");
  EXPECT_EQ(client.Receive()->body, "/3");
}

// More than the buffer holds stays in the kernel, and is read when its turn has come.
TEST_F(ParkedTest, MuchBehindItWaits) {
  Start();
  RawClient client = Connect();
  std::string many = Get("/park");
  constexpr int kBehind = 500;
  for (int i = 0; i < kBehind; ++i) many += Get(Numbered(i));
  client.Send(many);
  TakeParked()->Send(ReplyOf("first"));
  EXPECT_EQ(client.Receive()->body, "first");
  for (int i = 0; i < kBehind; ++i) ASSERT_EQ(client.Receive()->body, Numbered(i));
}

TEST_F(ParkedTest, AClientThatGoesIsNoticed) {
  Start();
  {
    RawClient client = Connect();
    client.Send(Get("/park"));
    TakeParked()->Send(ReplyOf("x"));
    EXPECT_EQ(client.Receive()->body, "x");
    client.Send(Get("/park/again"));
    const auto reply = TakeParked();
    client.Close();
    EXPECT_EQ(TakeUnparked(), Unpark::kGone);
    reply->Send(ReplyOf("nobody reads this"));
  }
  EXPECT_TRUE(unparked.empty());
  EXPECT_EQ(StatusOf(Get("/still/there")), 200);
}

TEST_F(ParkedTest, ShuttingItsSideIsGoing) {
  Start();
  RawClient client = Connect();
  client.Send(Get("/park"));
  const auto reply = TakeParked();
  client.ShutDownSending();
  EXPECT_EQ(TakeUnparked(), Unpark::kGone);
  EXPECT_TRUE(client.Ends());
}

TEST_F(ParkedTest, AStoppingServerAsksForTheAnswer) {
  Start();
  RawClient client = Connect();
  client.Send(Get("/park"));
  const auto reply = TakeParked();
  auto stopped =
      std::async(std::launch::async, [&] { return server->Stop(std::chrono::minutes(1)); });
  EXPECT_EQ(TakeUnparked(), Unpark::kStopping);
  HttpReply unchanged;
  unchanged.status = 304;
  reply->Send(std::move(unchanged));
  const auto received = client.Receive(/*head_only=*/true);
  ASSERT_TRUE(received.has_value());
  EXPECT_EQ(received->status, 304);
  EXPECT_TRUE(received->Has("Connection: close"));
  EXPECT_TRUE(client.EndsCleanly());
  EXPECT_TRUE(stopped.get());
}

TEST_F(ParkedTest, AnAnswerAtOnceNeedsNoParking) {
  handler.handle = [](const HttpRequest&, HttpExchange& exchange) {
    exchange.Park([](Unpark) { FAIL() << "it was answered"; })->Send(ReplyOf("at once"));
  };
  Start();
  RawClient client = Connect();
  EXPECT_EQ(client.Send(Get("/park")).Receive()->body, "at once");
  EXPECT_EQ(client.Send(Get("/park")).Receive()->body, "at once");
}

TEST_F(ParkedTest, ItsTargetIsKeptWhateverItsLength) {
  Start();
  RawClient client = Connect();
  std::size_t count = 0;
  for (const std::size_t length : {1u, 200u, 245u, 246u, 600u, 5000u}) {
    const std::string target = "/park/" + std::string(length, 'x');
    client.Send(Get(target) + Get("/behind"));
    TakeParked()->Send(ReplyOf("y"));
    EXPECT_EQ(client.Receive()->body, "y");
    EXPECT_EQ(client.Receive()->body, "/behind");
    client.Send(Get(target));
    TakeParked()->Send(ReplyOf("z"));
    EXPECT_EQ(client.Receive()->body, "z");
    count += 3;
    handler.WaitForFinished(count);
    EXPECT_EQ(handler.finished[count - 3].first, target);
    EXPECT_EQ(handler.finished[count - 1].first, target);
  }
}

TEST_F(ParkedTest, OldClientsAndHeadersKeepTheirMeaning) {
  Start();
  RawClient client = Connect();
  client.Send("GET /park HTTP/1.0\r\n\r\n");
  TakeParked()->Send(ReplyOf("old"));
  EXPECT_EQ(client.Receive()->body, "old");
  EXPECT_TRUE(client.EndsCleanly());
}

}  // namespace
}  // namespace skep::server
