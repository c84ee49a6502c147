// What is refused when its thread is loaded, and what never is.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "server/routes/router.h"
#include "tests/server/routes/route_fixture.h"

namespace skep::server {
namespace {

using skep::testing::Answer;
using skep::testing::FakeExchange;

class SheddingTest : public skep::testing::RouteFixture {
 protected:
  Answer AskUnder(std::uint8_t load_percent, Verb verb, std::string_view target,
                  std::string_view body = {}) {
    HttpRequest request;
    request.verb = verb;
    request.target = target;
    request.body = body;
    request.now = clock().Now();
    request.load_percent = load_percent;
    FakeExchange exchange;
    front().Handle(request, exchange);
    front().Finished(request, exchange.reply(), {});
    return exchange.sent().value();
  }

  std::string ShedCount(std::string_view priority) {
    const std::string page = Get("/metrics").body;
    const std::string before = "skep_http_shed_total{priority=\"" + std::string(priority) + "\"} ";
    const std::size_t begin = page.find(before) + before.size();
    return page.substr(begin, page.find('\n', begin) - begin);
  }

  static constexpr std::string_view kFindNothing =
      "/v4/default/registry/instances?appId=a&serviceName=none";
  static constexpr std::string_view kRegistration =
      R"({"service":{"appId":"shop","serviceName":"s"}})";
};

TEST_F(SheddingTest, ListsGoFirstThenFindsThenWrites) {
  struct Case {
    Verb verb;
    std::string_view target;
    std::string_view body;
    std::uint8_t from;
  };
  for (const Case& c : {Case{Verb::kGet, kServices, "", 60}, Case{Verb::kGet, kFindNothing, "", 80},
                        Case{Verb::kPost, kServices, kRegistration, 90}}) {
    EXPECT_NE(AskUnder(c.from - 1, c.verb, c.target, c.body).status, 429) << c.target;
    EXPECT_EQ(AskUnder(c.from, c.verb, c.target, c.body).status, 429) << c.target;
    EXPECT_EQ(AskUnder(100, c.verb, c.target, c.body).status, 429) << c.target;
  }
}

TEST_F(SheddingTest, RefusalSaysWhenToComeBack) {
  const Answer answer = AskUnder(100, Verb::kGet, kServices);
  EXPECT_EQ(answer.Header("Retry-After"), "1");
  EXPECT_EQ(answer.content_type, "application/json; charset=UTF-8");
  EXPECT_EQ(answer.ErrorCode().substr(0, 3), "429");
}

TEST_F(SheddingTest, RefusedWriteChangesNothing) {
  EXPECT_EQ(AskUnder(95, Verb::kPost, kServices, kRegistration).status, 429);
  EXPECT_EQ(Get(kServices).body, "{}");
}

TEST_F(SheddingTest, VitalIsServedUnderAnyLoad) {
  const std::string service = AddService("s");
  const std::string instance = InstanceOf(service, AddInstance(service, "h"));
  EXPECT_EQ(AskUnder(100, Verb::kPut, instance + "/heartbeat").status, 200);
  EXPECT_EQ(AskUnder(100, Verb::kDelete, instance).status, 200);
  EXPECT_EQ(AskUnder(100, Verb::kGet, "/v4/default/registry/health/readiness").status, 200);
  EXPECT_EQ(AskUnder(100, Verb::kGet, "/metrics").status, 200);
  EXPECT_EQ(AskUnder(100, Verb::kGet, "/nothing").status, 404);
}

TEST_F(SheddingTest, StepsAreOptions) {
  Serve({.shed_lists_percent = 10, .shed_finds_percent = 10});
  EXPECT_EQ(AskUnder(9, Verb::kGet, kFindNothing).status, 400);
  EXPECT_EQ(AskUnder(10, Verb::kGet, kFindNothing).status, 429);
}

TEST_F(SheddingTest, IsCountedByPriority) {
  EXPECT_EQ(ShedCount("list"), "0");
  for (int i = 0; i < 3; ++i) AskUnder(100, Verb::kGet, kServices);
  AskUnder(100, Verb::kGet, kFindNothing);
  EXPECT_EQ(ShedCount("list"), "3");
  EXPECT_EQ(ShedCount("find"), "1");
  EXPECT_EQ(ShedCount("vital"), "0");
}

}  // namespace
}  // namespace skep::server
