// What real clients of the v1/kie API break without, one test each. The numbers are those of the
// list of must-haves that the project keeps for each client library.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/server/routes/route_fixture.h"

namespace skep::server {
namespace {

using namespace std::chrono_literals;
using skep::testing::Answer;
using skep::testing::FakeExchange;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr std::string_view kKvs = "/v1/default/kie/kv";

class MustHaveKie : public skep::testing::RouteFixture {
 protected:
  const Fields kJson = {{"Content-Type", "application/json"}};

  Answer Create(std::string_view body) { return Post(kKvs, body, kJson); }
  Answer List(std::string_view query) { return Get(std::string(kKvs).append("?").append(query)); }
  std::string Revision() { return Get(kKvs).Header("X-Kie-Revision"); }

  std::unique_ptr<FakeExchange> Poll(std::string_view query) {
    auto exchange = std::make_unique<FakeExchange>();
    Handle(Verb::kGet, std::string(kKvs).append("?").append(query), {}, {}, *exchange);
    return exchange;
  }
};

TEST_F(MustHaveKie, M02KieRevisionSpelledExactlyAndADecimalNumber) {
  Create(R"({"key":"a"})");
  EXPECT_THAT(Get(kKvs).Header("X-Kie-Revision"), MatchesRegex("[1-9][0-9]*"));
}

TEST_F(MustHaveKie, M06SuccessIs200AndADeletionIs204) {
  const Answer created = Create(R"({"key":"a"})");
  EXPECT_EQ(created.status, 200);
  const std::string item = std::string(kKvs) + "/" + created.Text("id");
  EXPECT_EQ(Ask(Verb::kPut, item, R"({"value":"1"})", kJson).status, 200);
  EXPECT_EQ(Delete(item).status, 204);
}

TEST_F(MustHaveKie, M30AnEmptyLabelValueIsALabel) {
  Create(R"({"key":"a","labels":{"environment":"","app":"x"}})");
  Create(R"({"key":"b","labels":{"app":"x"}})");
  for (const char* query : {"label=environment:&&revision=-1", "label=environment%3A&label=app%3Ax",
                            "label=app:x&label=environment:&&match=exact"}) {
    EXPECT_THAT(List(query).body, HasSubstr(R"("total":1)")) << query;
  }
}

TEST_F(MustHaveKie, M31AnyOtherRevisionIsAnsweredAtOnce) {
  Create(R"({"key":"a"})");
  const std::string now = Revision();
  for (const char* other : {"-1", "0", "1099511627776"}) {
    EXPECT_EQ(Poll("wait=10s&revision=" + std::string(other))->sent()->status, 200) << other;
  }
  EXPECT_FALSE(Poll("wait=10s&revision=" + now)->sent().has_value());
  EXPECT_EQ(List("revision=" + now).status, 304);
}

TEST_F(MustHaveKie, M32OneRevisionForTheWholeDomainGrowsWithEveryChange) {
  std::uint64_t last = 0;
  const auto has_grown = [&] {
    const std::uint64_t now = std::stoull(Revision());
    return now > std::exchange(last, now);
  };
  const std::string id = Create(R"({"key":"a"})").Text("id");
  EXPECT_TRUE(has_grown());
  Post("/v1/other/kie/kv", R"({"key":"z"})", kJson);
  EXPECT_TRUE(has_grown());
  Ask(Verb::kPut, std::string(kKvs) + "/" + id, "{}", kJson);
  EXPECT_TRUE(has_grown());
  Delete(std::string(kKvs) + "/" + id);
  EXPECT_TRUE(has_grown());
  AddService("cart");
  EXPECT_FALSE(has_grown());
}

TEST_F(MustHaveKie, M33AWaitEndsInTimeWithoutABody) {
  for (const auto& [text, wait] : {std::pair("10s", Millis(10s)), std::pair("1m", Millis(1min)),
                                   std::pair("5m", Millis(5min))}) {
    const auto poll = Poll(std::string("revision=0&wait=") + text);
    clock().Advance(wait - 1ms);
    EXPECT_FALSE(poll->sent().has_value()) << text;
    clock().Advance(1ms);
    EXPECT_EQ(poll->sent()->status, 304) << text;
    EXPECT_EQ(poll->sent()->body, "") << text;
  }
}

TEST_F(MustHaveKie, M34AListAlwaysHasTotalAndData) {
  EXPECT_EQ(Get(kKvs).body, R"({"total":0,"data":[]})");
  Create(R"({"key":"a"})");
  EXPECT_EQ(List("limit=1&offset=7").body, R"({"total":1,"data":[]})");
}

TEST_F(MustHaveKie, M35EveryItemHasAKnownValueType) {
  EXPECT_THAT(Create(R"({"key":"a"})").body, HasSubstr(R"("value_type":"text")"));
  EXPECT_THAT(Create(R"({"key":"b","value_type":""})").body, HasSubstr(R"("value_type":"text")"));
  EXPECT_EQ(Create(R"({"key":"c","value_type":"toml"})").ErrorCode(), "400001");
}

TEST_F(MustHaveKie, M36ExactIsEqualAndElseAPart) {
  Create(R"({"key":"a","labels":{"app":"x"}})");
  Create(R"({"key":"a","labels":{"app":"x","service":"y"}})");
  EXPECT_THAT(List("label=app:x").body, HasSubstr(R"("total":2)"));
  EXPECT_THAT(List("label=app:x&match=exact").body, HasSubstr(R"("total":1)"));
  EXPECT_THAT(List("label=service:y").body, HasSubstr(R"("total":1)"));
}

TEST_F(MustHaveKie, M37UpdateTimeGrows) {
  const Answer created = Create(R"({"key":"a"})");
  clock().Advance(7s);
  const Answer updated = Ask(Verb::kPut, std::string(kKvs) + "/" + created.Text("id"), "{}", kJson);
  EXPECT_THAT(created.body, HasSubstr(R"("update_time":1704067200)"));
  EXPECT_THAT(updated.body, HasSubstr(R"("update_time":1704067207)"));
}

TEST_F(MustHaveKie, M38PutPassesOverWhatItCannotChange) {
  const std::string id = Create(R"({"key":"a","value":"1","status":"enabled"})").Text("id");
  const Answer put =
      Ask(Verb::kPut, std::string(kKvs) + "/" + id,
          R"({"id":"other","key":"b","value":"2","labels":{"x":"y"},"priority":9})", kJson);
  EXPECT_EQ(put.Text("id"), id);
  EXPECT_EQ(put.Text("key"), "a");
  EXPECT_EQ(put.Text("value"), "2");
  EXPECT_EQ(put.Text("status"), "enabled");
  EXPECT_THAT(put.body, Not(HasSubstr("labels")));
}

TEST_F(MustHaveKie, M39ADeletionTakesABody) {
  const std::string id = Create(R"({"key":"a"})").Text("id");
  const Answer deleted = Ask(Verb::kDelete, kKvs, R"({"ids":[")" + id + R"(","nosuch"]})", kJson);
  EXPECT_EQ(deleted.status, 204);
  EXPECT_EQ(deleted.body, "");
  EXPECT_EQ(Ask(Verb::kDelete, kKvs, R"({"ids":["nosuch"]})").status, 204);
  EXPECT_EQ(engine().config().size(), 0u);
}

TEST_F(MustHaveKie, M40BothApisAreServedByEveryAddress) {
  EXPECT_EQ(Get("/v1/health").status, 200);
  EXPECT_EQ(Get("/v4/default/registry/version").status, 200);
}

}  // namespace
}  // namespace skep::server
