#include "server/routes/front.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "skep/version.h"
#include "tests/server/routes/route_fixture.h"

namespace skep::server {
namespace {

using skep::testing::Answer;
using skep::testing::ToAnswer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using FrontTest = skep::testing::RouteFixture;

TEST_F(FrontTest, EveryAnswerNamesTheServerAndWhatItVariesBy) {
  for (const std::string_view target :
       {"/version", "/nothing", "/v4/default/registry/microservices/x", "/a?", "/%zz"}) {
    const Answer answer = Get(target);
    EXPECT_EQ(answer.Header("Server"), "SERVICECENTER/" SKEP_VERSION_STRING) << target;
    EXPECT_EQ(answer.Header("Vary"), "Origin, Accept-Encoding") << target;
    EXPECT_EQ(answer.Header("Access-Control-Allow-Origin"), "(none)") << target;
  }
}

TEST_F(FrontTest, UnknownPathIsPlainText) {
  for (const std::string_view target :
       {"/v4/default/registry/nothing", "/", "/v4/default/registry/microservices/",
        "/v4/default/registry/microservices/a%2Fb", "/v4/default/registry/microservices/a%00",
        "/V4/default/registry/microservices", "/v4/token", "/v4/accounts"}) {
    const Answer answer = Get(target);
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_EQ(answer.content_type, "text/plain; charset=utf-8");
    EXPECT_EQ(answer.body, "404 page not found\n");
  }
}

TEST_F(FrontTest, WrongVerbIsToldWhichAreAllowed) {
  for (const Verb verb : {Verb::kPut, Verb::kPatch, Verb::kHead, Verb::kOther}) {
    const Answer answer = Ask(verb, kServices);
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.Header("Allow"), "POST, GET, DELETE");
    EXPECT_EQ(answer.content_type, "text/plain; charset=utf-8");
    EXPECT_EQ(answer.body, "Method Not Allowed\n");
  }
}

TEST_F(FrontTest, UriThatFailsTheSanityCheckIsRefusedAndGoesNoFurther) {
  const std::string longest = "/version?" + std::string(kTargetBytesMax - 9, 'x');
  EXPECT_EQ(Get(longest).status, 200);
  for (const std::string& target :
       {longest + "x", std::string(), std::string("./version"), std::string("/version?"),
        std::string("/version;"), std::string("/version?a&"), std::string("/version?a=b+"),
        std::string("/version@"), std::string("//version"), std::string("/version?a=http://b"),
        std::string("http://host/version")}) {
    const Answer answer = Get(target);
    EXPECT_EQ(answer.status, 400) << target;
    EXPECT_EQ(answer.content_type, "text/plain; charset=utf-8");
    EXPECT_EQ(answer.body, "Invalid Request URI " + target);
  }
}

TEST_F(FrontTest, BadEscapeInAPathIsABadRequest) {
  const Answer answer = Get("/v4/default/registry/microservices/%zz");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, "400 Bad Request");
}

TEST_F(FrontTest, EscapedPathFindsItsRoute) {
  EXPECT_EQ(Get("/v4/default/%72egistry/version").status, 200);
}

TEST_F(FrontTest, OptionsIsAnEmptySuccessAnywhere) {
  for (const std::string_view target : {kServices, std::string_view("/nothing/at/all")}) {
    const Answer answer = Ask(Verb::kOptions, target);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.Header("Access-Control-Allow-Methods"), "(none)");
  }
}

TEST_F(FrontTest, PageOfAnyOriginMayRead) {
  EXPECT_EQ(Get("/version", {{"origin", "http://a"}}).Header("Access-Control-Allow-Origin"), "*");
  const Answer preflight = Ask(Verb::kOptions, kServices, {}, {{"Origin", "http://a"}});
  EXPECT_EQ(preflight.Header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(preflight.Header("Access-Control-Allow-Methods"), "GET, POST, PUT, DELETE, UPDATE");
  EXPECT_EQ(preflight.Header("Access-Control-Allow-Headers"),
            "Origin, Accept, Content-Type, X-Domain-Name, X-ConsumerId");
}

TEST_F(FrontTest, BodyLimitIsTheRoutesOwnOrTheServers) {
  Serve({.body_bytes_max = 10'000});
  EXPECT_EQ(front().BodyLimit(Verb::kPost, "/v4/p/registry/microservices/s/instances"), 5120u);
  EXPECT_EQ(front().BodyLimit(Verb::kPost, "/v4/p/registry/microservices/s/instances?a=b"), 5120u);
  EXPECT_EQ(front().BodyLimit(Verb::kPost, "/v4/p/registry/microservices"), 10'000u);
  EXPECT_EQ(front().BodyLimit(Verb::kPut, "/v4/p/registry/heartbeats"), 10'000u);
  EXPECT_EQ(front().BodyLimit(Verb::kPost, "/%zz"), 10'000u);
  Serve({.body_bytes_max = 100});
  EXPECT_EQ(front().BodyLimit(Verb::kPost, "/v4/p/registry/microservices/s/instances"), 100u);
}

TEST_F(FrontTest, RefusalForALimitTellsWhenToComeBack) {
  const Answer answer = ToAnswer(front().Refusal(429));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.ErrorCode(), "429001");
  EXPECT_EQ(answer.content_type, "application/json; charset=UTF-8");
  EXPECT_EQ(answer.Header("Retry-After"), "1");
}

TEST_F(FrontTest, OtherRefusalsHaveTheirStatus) {
  EXPECT_EQ(ToAnswer(front().Refusal(503)).ErrorCode(), "503001");
  for (const std::uint16_t status : std::initializer_list<std::uint16_t>{400, 408, 431}) {
    const Answer answer = ToAnswer(front().Refusal(status));
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.content_type, "text/plain; charset=utf-8");
    EXPECT_EQ(answer.body.substr(0, 3), std::to_string(status));
  }
}

TEST_F(FrontTest, AccessLogHasALineForEachAnswer) {
  std::vector<std::string> lines;
  Serve({.access_log = [&lines](std::string_view line) { lines.emplace_back(line); }});
  Get("/nothing?a=b");
  Put("/v4/default/registry/microservices/s/instances/i/heartbeat");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "GET /nothing?a=b 404 19 20us 127.0.0.1:9");
  EXPECT_THAT(lines[1], HasSubstr("PUT /v4/default/registry/microservices/s/instances/i/heartbeat "
                                  "400 "));
}

TEST_F(FrontTest, FinishedRequestsAreCountedUnderTheirRoute) {
  Get("/version");
  Get("/version");
  Get("/nothing");
  const std::vector<RouteCounts> counts = context().metrics.Read();
  std::vector<std::uint64_t> requests;
  for (const RouteCounts& count : counts) {
    if (count.requests() != 0) requests.push_back(count.requests());
  }
  EXPECT_EQ(counts[0].requests(), 1u);
  EXPECT_THAT(requests, ElementsAre(1, 2));
}

}  // namespace
}  // namespace skep::server
