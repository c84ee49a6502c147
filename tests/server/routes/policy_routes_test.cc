#include "server/routes/policy_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/server/routes/route_fixture.h"

// Governance rules over HTTP, and what the configuration center makes of them.
namespace skep::server {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr std::string_view kGov = "/v1/default/gov/";
constexpr std::string_view kGroup = R"({"alias":"pay","matches":[{"name":"m"}]})";

class PolicyRoutesTest : public testing::RouteFixture {
 protected:
  static std::string Path(std::string_view kind, std::string_view rest = "") {
    return std::string(kGov).append(kind).append(rest);
  }
  static std::string Body(std::string_view name, std::string_view spec,
                          std::string_view selector = R"({"app":"shop","environment":""})") {
    std::string body = R"({"name":")";
    body.append(name).append(R"(","selector":)").append(selector).append(R"(,"spec":)");
    return body.append(spec).append("}");
  }
  /// Creates one and returns its id.
  std::string Add(std::string_view kind, const std::string& body) {
    const Answer answer = Post(Path(kind), body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.Text("id");
  }
  Answer List(std::string_view kind, std::string_view query = "?app=shop") {
    return Get(Path(kind, query));
  }
  Answer One(std::string_view kind, std::string_view id) { return Get(Path(kind, "/").append(id)); }
  Answer PutOne(std::string_view kind, std::string_view id, std::string_view body) {
    return Put(Path(kind, "/").append(id), body);
  }
  Answer DeleteOne(std::string_view kind, std::string_view id) {
    return Delete(Path(kind, "/").append(id));
  }
};

TEST_F(PolicyRoutesTest, APolicyFromCreationToDeletion) {
  const Answer created =
      Post(Path("rate-limiting"), Body("scene-a", R"({"rate":10,"limitRefreshPeriod":"1s"})"));
  EXPECT_EQ(created.status, 200);
  EXPECT_EQ(created.content_type, "application/json; charset=UTF-8");
  const std::string id = created.Text("id");
  EXPECT_EQ(created.body, "{\"id\":\"" + id + "\"}");
  const std::string shown =
      R"({"name":"scene-a","id":")" + id +
      R"(","status":"enabled","creatTime":1704067200,"updateTime":1704067200,)"
      R"("selector":{"app":"shop","environment":""},"kind":"rate-limiting",)"
      R"("spec":{"limitRefreshPeriod":"1s","rate":10}})";
  EXPECT_EQ(One("rate-limiting", id).body, shown);
  EXPECT_EQ(List("rate-limiting").body, "[" + shown + "]");

  const Answer changed = PutOne("rate-limiting", id, R"({"status":"disabled","spec":{"rate":5}})");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.body, "");
  EXPECT_THAT(One("rate-limiting", id).body, HasSubstr(R"("status":"disabled")"));
  EXPECT_THAT(One("rate-limiting", id).body, HasSubstr(R"("spec":{"rate":5})"));

  const Answer deleted = DeleteOne("rate-limiting", id);
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(deleted.body, "");
  EXPECT_EQ(List("rate-limiting").body, "[]");
}

TEST_F(PolicyRoutesTest, ClientsSeeItAsAnItem) {
  const std::string id = Add("rate-limiting", Body("scene-a", R"({"rate":10})"));
  const Answer item = Get("/v1/default/kie/kv/" + id);
  EXPECT_THAT(item.body, HasSubstr(R"("key":"servicecomb.rateLimiting.scene-a",)"
                                   R"("value":"rate: 10\n","value_type":"text","priority":-1)"));
  EXPECT_THAT(item.body, HasSubstr(R"("status":"enabled")"));
  EXPECT_THAT(item.body, HasSubstr(R"("labels":{"app":"shop","environment":""})"));
}

TEST_F(PolicyRoutesTest, AnItemWrittenAsOneIsAPolicy) {
  const KvSpec item{.key = "servicecomb.retry.scene-b",
                    .value = "# by hand\nmaxAttempts: 3\nretryOn: [502, '503']\n",
                    .labels = {{"app", "shop"}, {"environment", ""}}};
  const std::string id = engine().config().Create(item).value().id;
  EXPECT_THAT(List("retry").body, HasSubstr(R"("spec":{"maxAttempts":3,"retryOn":[502,"503"]}})"));
  EXPECT_EQ(engine().config().Update(id, {.value = "[nonsense"}).ok(), true);
  EXPECT_EQ(List("retry").body, "[]");
  EXPECT_EQ(One("retry", id).ErrorCode(), "404001");
  EXPECT_EQ(DeleteOne("retry", id).status, 200);
}

TEST_F(PolicyRoutesTest, ListsAskForAppAndEnvironment) {
  Add("retry", Body("plain", R"({"maxAttempts":1})"));
  Add("retry", Body("prod", R"({"maxAttempts":1})", R"({"app":"shop","environment":"prod"})"));
  Add("retry", Body("bare", R"({"maxAttempts":1})", "{}"));
  const auto names = [&](std::string_view query) {
    const std::string body = List("retry", query).body;
    std::string all;
    for (const std::string name : {"plain", "prod", "bare"}) {
      if (body.find("\"name\":\"" + name) != std::string::npos) all += name + " ";
    }
    return all;
  };
  EXPECT_EQ(names("?app=shop"), "plain ");
  EXPECT_EQ(names("?app=shop&environment="), "plain ");
  EXPECT_EQ(names("?app=shop&environment=prod"), "prod ");
  EXPECT_EQ(names("?app=shop&environment=all"), "plain prod ");
  EXPECT_EQ(names("?environment=all"), "plain prod bare ");
  EXPECT_EQ(names("?app=other&environment=all"), "");
  EXPECT_EQ(names(""), "plain ");
}

TEST_F(PolicyRoutesTest, ProjectsAreApart) {
  Add("retry", Body("a", R"({"maxAttempts":1})"));
  EXPECT_EQ(Get("/v1/other/gov/retry?app=shop").body, "[]");
}

TEST_F(PolicyRoutesTest, AMatchGroupWithoutANameGetsOne) {
  const std::string id = Add("match-group", Body("", kGroup));
  const Answer group = One("match-group", id);
  EXPECT_THAT(group.Text("name"), MatchesRegex("scene-[0-9a-z]{4}"));
  EXPECT_NE(Add("match-group", Body("", kGroup)), id);
}

TEST_F(PolicyRoutesTest, DisplayJoinsGroupsAndTheirPolicies) {
  EXPECT_EQ(List("display").body, "[]");
  Add("match-group", Body("scene-a", kGroup));
  clock().Advance(std::chrono::seconds(1));
  Add("match-group", Body("scene-b", kGroup));
  Add("bulkhead", Body("scene-a", R"({"maxConcurrentCalls":1})"));
  Add("rate-limiting", Body("scene-a", R"({"rate":1})"));
  Add("rate-limiting", Body("scene-none", R"({"rate":1})"));
  const std::string body = List("display").body;
  // The newest group first, policies in the order of kinds.
  EXPECT_THAT(body, MatchesRegex(R"(\[\{"matchGroup":\{"name":"scene-b",.*\}\},)"
                                 R"(\{"policies":\[\{"name":"scene-a",.*"kind":"rateLimiting",.*)"
                                 R"("kind":"bulkhead",.*\}\],"matchGroup":\{"name":"scene-a",.*)"));
  EXPECT_THAT(body, Not(HasSubstr("scene-none")));
}

// Of two environments that are shown together, each group has its own.
TEST_F(PolicyRoutesTest, DisplayPrefersPoliciesWithTheGroupsLabels) {
  for (const std::string environment : {"dev", "prod"}) {
    const std::string selector = R"({"app":"shop","environment":")" + environment + "\"}";
    Add("match-group", Body("scene-a", kGroup, selector));
    Add("retry", Body("scene-a", R"({"maxAttempts":")" + environment + "\"}", selector));
  }
  const std::string body = List("display", "?app=shop&environment=all").body;
  for (const std::string environment : {"dev", "prod"}) {
    const std::size_t spec = body.find(R"("maxAttempts":")" + environment);
    ASSERT_NE(spec, std::string::npos);
    EXPECT_THAT(body.substr(spec), MatchesRegex(R"([^m]*"maxAttempts":")" + environment +
                                                R"([^}]*\}\}\],"matchGroup":[^}]*"environment":")" +
                                                environment + ".*"));
  }
}

TEST_F(PolicyRoutesTest, AGroupTakesItsPoliciesAlong) {
  const std::string id = Add("match-group", Body("scene-a", kGroup));
  Add("retry", Body("scene-a", R"({"maxAttempts":1})"));
  Add("retry", Body("scene-b", R"({"maxAttempts":1})"));
  Add("retry", Body("scene-a", R"({"maxAttempts":1})", R"({"app":"other","environment":""})"));
  engine().config().Create({.key = "servicecomb.x.y.scene-a", .labels = {{"app", "shop"}}}).value();
  EXPECT_EQ(DeleteOne("match-group", id).status, 200);
  EXPECT_EQ(List("match-group").body, "[]");
  EXPECT_THAT(List("retry").body, Not(HasSubstr("scene-a")));
  EXPECT_THAT(List("retry").body, HasSubstr("scene-b"));
  EXPECT_THAT(List("retry", "?app=other").body, HasSubstr("scene-a"));
  EXPECT_EQ(engine().config().size(), 3u);
}

TEST_F(PolicyRoutesTest, ErrorsOfTheBody) {
  const Answer unknown = Post(Path("nosuch"), Body("a", "{}"));
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.body, R"x({"errorCode":"400001","errorMessage":"Invalid parameter(s)",)x"
                          R"("detail":"not support kind[nosuch] yet"})");
  EXPECT_EQ(Post(Path("retry"), Body("a", "{}")).Text("detail"),
            "illegal policy[retry] spec, msg: retry.maxAttempts in body is required");
  EXPECT_EQ(Post(Path("retry"), "nonsense").ErrorCode(), "400001");
  EXPECT_EQ(Post(Path("retry"), R"({"name":"a b","spec":{"maxAttempts":1}})").ErrorCode(),
            "400001");
  EXPECT_EQ(PutOne("retry", "nosuch", "{}").ErrorCode(), "400001");
  EXPECT_EQ(Post(Path("display"), Body("a", "{}")).ErrorCode(), "400001");
  EXPECT_EQ(engine().config().size(), 0u);
}

TEST_F(PolicyRoutesTest, BodiesHaveALimit) {
  const auto padded = [](std::size_t size) {
    std::string body = Body("a", R"({"maxAttempts":1})");
    return body.append(size - body.size(), ' ');
  };
  constexpr std::size_t kLimit = 256 * 1024;
  EXPECT_EQ(Post(Path("retry"), padded(kLimit + 1)).Text("detail"), "http: request body too large");
  EXPECT_EQ(Post(Path("retry"), padded(kLimit)).status, 200);
  EXPECT_EQ(PutOne("retry", "nosuch", padded(kLimit + 1)).ErrorCode(), "400001");
  // What passes may still be too much for an item.
  const std::string text(131'072, 'x');
  EXPECT_EQ(Post(Path("retry"), Body("b", R"({"maxAttempts":")" + text + "\"}")).ErrorCode(),
            "400001");
}

TEST_F(PolicyRoutesTest, ErrorsOfTheConfigurationCenterAreItsOwn) {
  const std::string id = Add("retry", Body("a", R"({"maxAttempts":1})"));
  EXPECT_EQ(Post(Path("retry"), Body("a", R"({"maxAttempts":2})")).status, 409);
  EXPECT_EQ(PutOne("retry", id, R"({"status":"maybe","spec":{"maxAttempts":1}})").ErrorCode(),
            "400001");
  for (const Answer& answer :
       {One("retry", "nosuch"), DeleteOne("retry", "nosuch"), One("bulkhead", id),
        PutOne("bulkhead", id, R"({"spec":{"maxConcurrentCalls":1}})"),
        DeleteOne("bulkhead", id)}) {
    EXPECT_EQ(answer.status, 404);
    EXPECT_THAT(answer.body, HasSubstr(R"("error_code":"404001")"));
  }
  EXPECT_EQ(List("nosuch").body, "[]");
}

TEST_F(PolicyRoutesTest, WhatAListReadsHasALimit) {
  const std::string value(100'000, '#');
  for (int i = 0; i < 42; ++i) {
    engine()
        .config()
        .Create({.key = "servicecomb.retry." + std::to_string(i),
                 .value = value,
                 .labels = {{"environment", ""}}})
        .value();
  }
  EXPECT_EQ(List("retry", "").ErrorCode(), "400100");
  EXPECT_EQ(List("display", "").ErrorCode(), "400100");
  EXPECT_EQ(List("bulkhead", "").body, "[]");
}

}  // namespace
}  // namespace skep::server
