#include "server/routes/kv_poll.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/server/routes/route_fixture.h"

// Long polls on the manual clock: who is woken, what they get, who is let go.
namespace skep::server {
namespace {

using namespace std::chrono_literals;
using testing::FakeExchange;
using ::testing::HasSubstr;

class KvPollTest : public testing::RouteFixture {
 protected:
  // Polls for changes after the newest one.
  std::unique_ptr<FakeExchange> Poll(std::string query, const Fields& fields = {}) {
    query += "&revision=" + std::to_string(engine().config().revision().number());
    return PollAt(query, fields);
  }
  std::unique_ptr<FakeExchange> PollAt(const std::string& query, const Fields& fields = {}) {
    auto exchange = std::make_unique<FakeExchange>();
    Handle(Verb::kGet, "/v1/default/kie/kv?" + query, {}, fields, *exchange);
    return exchange;
  }

  static bool IsHeld(const FakeExchange& exchange) { return !exchange.sent().has_value(); }

  WrittenKv Add(std::string key, Labels labels = {}) {
    return engine().config().Create({.key = std::move(key), .labels = std::move(labels)}).value();
  }
};

TEST_F(KvPollTest, AChangeWakesWithTheListAndItsRevision) {
  const auto poll = Poll("label=app:x&wait=10s");
  ASSERT_TRUE(IsHeld(*poll));
  Add("a", {{"app", "x"}});
  ASSERT_FALSE(IsHeld(*poll));
  EXPECT_EQ(poll->sent()->status, 200);
  EXPECT_EQ(poll->sent()->Header("X-Kie-Revision"), "1");
  EXPECT_EQ(poll->sent()->content_type, "application/json");
  EXPECT_THAT(poll->sent()->body, HasSubstr(R"("total":1)"));
}

TEST_F(KvPollTest, TimeEndsItWithoutABody) {
  const auto poll = Poll("label=app:x&wait=10s");
  clock().Advance(9999ms);
  EXPECT_TRUE(IsHeld(*poll));
  clock().Advance(1ms);
  EXPECT_EQ(poll->sent()->status, 304);
  EXPECT_EQ(poll->sent()->body, "");
  EXPECT_EQ(poll->sent()->content_type, "");
  EXPECT_EQ(poll->sent()->Header("X-Kie-Revision"), "(none)");
}

TEST_F(KvPollTest, WithoutARevisionItWaitsFirst) {
  Add("a", {{"app", "x"}});
  const auto poll = PollAt("label=app:x&wait=10s");
  EXPECT_TRUE(IsHeld(*poll));
  Add("b", {{"app", "x"}});
  EXPECT_THAT(poll->sent()->body, HasSubstr(R"("total":2)"));
}

TEST_F(KvPollTest, ADeletionWakes) {
  const std::string id = Add("a", {{"app", "x"}}).id;
  const auto poll = Poll("label=app:x&match=exact&wait=10s");
  Delete("/v1/default/kie/kv/" + id);
  EXPECT_EQ(poll->sent()->body, R"({"total":0,"data":[]})");
}

TEST_F(KvPollTest, WhatCannotMatchDoesNotWake) {
  const auto poll = Poll("label=app:x&match=exact&wait=10s");
  Add("a", {{"app", "x"}, {"more", "y"}});
  Add("b", {{"app", "z"}});
  EXPECT_TRUE(IsHeld(*poll));
}

// Issue: revisions are scoped; a registration is none of the configuration's business.
TEST_F(KvPollTest, ARegistrationLeavesItUnchanged) {
  const auto poll = Poll("label=app:x&wait=10s");
  AddInstance(AddService("cart"), "host");
  EXPECT_TRUE(IsHeld(*poll));
  clock().Advance(10s);
  EXPECT_EQ(poll->sent()->status, 304);
}

TEST_F(KvPollTest, TooLongAWaitIsRefusedWhereItWouldWait) {
  EXPECT_EQ(Poll("wait=5m1s")->sent()->ErrorCode(), "400003");
  EXPECT_TRUE(IsHeld(*Poll("wait=5m")));
  EXPECT_EQ(PollAt("wait=5m1s&revision=77")->sent()->status, 200);
  EXPECT_EQ(Poll("wait=2540400h")->sent()->ErrorCode(), "400003");
}

TEST_F(KvPollTest, AKeyIsRefusedWhereItWouldWait) {
  EXPECT_EQ(Poll("key=a&wait=10s")->sent()->ErrorCode(), "400001");
  EXPECT_EQ(PollAt("key=a&wait=10s&revision=77")->sent()->status, 200);
}

TEST_F(KvPollTest, AClientThatIsGoneFreesItsPlace) {
  const auto poll = Poll("label=app:x&wait=10s");
  EXPECT_EQ(engine().metrics().kv_waits, 1u);
  poll->Unpark(Unpark::kGone);
  EXPECT_EQ(engine().metrics().kv_waits, 0u);
  Add("a", {{"app", "x"}});
  EXPECT_TRUE(IsHeld(*poll));
}

TEST_F(KvPollTest, AStoppingServerAnswersUnchanged) {
  const auto poll = Poll("label=app:x&wait=10s");
  poll->Unpark(Unpark::kStopping);
  EXPECT_EQ(poll->sent()->status, 304);
  EXPECT_EQ(engine().metrics().kv_waits, 0u);
}

TEST_F(KvPollTest, OneThatIsWokenIsTracked) {
  const auto poll = Poll("label=app:x&wait=10s", {{"X-Session-Id", "s1"}});
  EXPECT_EQ(Get("/v1/default/kie/track?sessionId=s1").status, 404);
  Add("a", {{"app", "x"}});
  EXPECT_EQ(poll->sent()->status, 200);
  EXPECT_THAT(Get("/v1/default/kie/track?sessionId=s1").body, HasSubstr(R"("wait":"10s")"));
}

TEST_F(KvPollTest, MetricsCountThem) {
  const auto first = Poll("wait=10s");
  const auto second = Poll("label=app:x&wait=10s");
  EXPECT_THAT(Get("/metrics").body, HasSubstr("\nskep_kv_waits 2\n"));
  clock().Advance(std::chrono::seconds(10));
  EXPECT_THAT(Get("/metrics").body, HasSubstr("\nskep_kv_waits 0\n"));
}

TEST_F(KvPollTest, ManyOfOneQueryShareTheirBytes) {
  for (int i = 0; i < 20; ++i) Add("k" + std::to_string(i), {{"app", "x"}});
  std::vector<std::unique_ptr<FakeExchange>> polls;
  for (int i = 0; i < 100; ++i) polls.push_back(Poll("label=app:x&wait=10s"));
  Add("more", {{"app", "x"}});
  for (const auto& poll : polls) EXPECT_EQ(poll->sent()->Header("X-Kie-Revision"), "21");
  EXPECT_EQ(context().kv_lists.size(), 1u);
}

}  // namespace
}  // namespace skep::server
