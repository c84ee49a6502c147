#include "server/routes/kv_routes.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/server/routes/route_fixture.h"

// The configuration center over HTTP: items, lists, media types, the paths around them.
namespace skep::server {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kKvs = "/v1/default/kie/kv";

class KvRoutesTest : public testing::RouteFixture {
 protected:
  const Fields kJson = {{"Content-Type", "application/json"}};

  Answer Create(std::string_view body) { return Post(kKvs, body, kJson); }
  Answer Update(std::string_view id, std::string_view body) {
    return Ask(Verb::kPut, Item(id), body, kJson);
  }
  static std::string Item(std::string_view id) { return std::string(kKvs).append("/").append(id); }
};

TEST_F(KvRoutesTest, AnItemFromCreationToDeletion) {
  const Answer created =
      Create(R"({"key":"timeout","value":"2s","status":"enabled","priority":3,"check":"c",)"
             R"("labels":{"app":"mall","environment":""}})");
  EXPECT_EQ(created.status, 200);
  EXPECT_EQ(created.content_type, "application/json");
  const std::string id = created.Text("id");
  EXPECT_EQ(created.body,
            R"({"id":")" + id +
                R"(","key":"timeout","value":"2s","value_type":"text","priority":3,"check":"c",)"
                R"("create_revision":1,"update_revision":1,"status":"enabled",)"
                R"("create_time":1704067200,"update_time":1704067200,)"
                R"("labels":{"app":"mall","environment":""}})");
  clock().Advance(std::chrono::seconds(5));
  EXPECT_EQ(Update(id, R"({"value":"3s","key":17})").Text("value"), "3s");
  const Answer got = Get(Item(id));
  EXPECT_THAT(got.body, HasSubstr(R"("label_format":"app=mall::environment=","key":"timeout")"));
  EXPECT_THAT(got.body, HasSubstr(R"("update_time":1704067205)"));
  EXPECT_EQ(got.Header("X-Kie-Revision"), "(none)");
  EXPECT_EQ(Delete(Item(id)).status, 204);
  EXPECT_EQ(Delete(Item(id)).ErrorCode(), "404001");
}

TEST_F(KvRoutesTest, ErrorsHaveBothNames) {
  EXPECT_EQ(Get(Item("nosuch")).body,
            R"({"errorCode":"404001","errorMessage":"record does not exist",)"
            R"("detail":"can not find any key value",)"
            R"("error_code":"404001","error_message":"record does not exist"})");
  EXPECT_EQ(Create(R"({"key":"a"})").status, 200);
  const Answer twice = Create(R"({"key":"a"})");
  EXPECT_EQ(twice.status, 409);
  EXPECT_EQ(twice.Text("detail"), "record already exist(kv already exists)");
}

TEST_F(KvRoutesTest, BadBodiesChangeNothing) {
  for (const char* body : {"", "[]", "{", R"({"key":1})", R"({"key":"a","labels":{"x":1}})",
                           R"({"key":"a","status":"on"})", R"({"key":"a","value_type":"yml"})",
                           R"({"key":"a","priority":"1"})"}) {
    EXPECT_EQ(Create(body).ErrorCode(), "400001") << body;
  }
  EXPECT_EQ(Ask(Verb::kDelete, kKvs, "").ErrorCode(), "400001");
  EXPECT_EQ(engine().config().revision(), Revision());
}

TEST_F(KvRoutesTest, AListSaysItsRevision) {
  EXPECT_EQ(Get(kKvs).body, R"({"total":0,"data":[]})");
  EXPECT_EQ(Get(kKvs).Header("X-Kie-Revision"), "0");
  Create(R"({"key":"a","value":"1","labels":{"x":"1"}})");
  const Answer list = Get("/v1/default/kie/kv?label=x:1");
  EXPECT_THAT(list.body, StartsWith(R"({"total":1,"data":[{"id":)"));
  EXPECT_THAT(list.body, Not(HasSubstr("label_format")));
  EXPECT_EQ(list.Header("X-Kie-Revision"), "1");
}

// Spec kie 5.1.3, but for the rows that wait.
TEST_F(KvRoutesTest, AKnownRevisionIsUnchanged) {
  EXPECT_EQ(Get("/v1/default/kie/kv?revision=0").status, 304);
  Create(R"({"key":"a"})");
  const Answer same = Get("/v1/default/kie/kv?revision=1");
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.Header("X-Kie-Revision"), "(none)");
  for (const char* other : {"-1", "0", "2", "9007199254740993"}) {
    EXPECT_EQ(Get(std::string(kKvs) + "?wait=10s&revision=" + other).status, 200) << other;
  }
  EXPECT_EQ(Get("/v1/default/kie/kv?revision=1&wait=0s").status, 304);
  EXPECT_EQ(Get("/v1/default/kie/kv?revision=1&limit=0").ErrorCode(), "400001");
}

TEST_F(KvRoutesTest, EqualListsShareTheirBytes) {
  for (int i = 0; i < 20; ++i) {
    Create(R"({"key":"k)" + std::to_string(i) + R"(","value":"v"})");
  }
  testing::FakeExchange first;
  testing::FakeExchange second;
  Handle(Verb::kGet, kKvs, {}, {}, first);
  Handle(Verb::kGet, "/v1/default/kie/kv?status=disabled", {}, {}, second);
  ASSERT_EQ(first.reply().parts.size(), 1u);
  EXPECT_EQ(first.reply().parts[0].bytes.data(), second.reply().parts[0].bytes.data());
  EXPECT_EQ(context().kv_lists.size(), 1u);
}

// A poll after each change of an item: a month of them must not fill what is there for all lists.
TEST_F(KvRoutesTest, BodiesOfFormerStatesAreLetGo) {
  std::string id;
  for (int i = 0; i < 10; ++i) {
    id = Create(R"({"key":"k)" + std::to_string(i) + R"(","value":")" + std::string(3000, 'v') +
                R"("})")
             .Text("id");
  }
  const std::size_t bytes = Get(kKvs).body.size();
  for (int i = 0; i < 1000; ++i) {
    Update(id, R"({"status":"enabled"})");
    Get(kKvs);
  }
  EXPECT_LT(context().kv_lists.size() * bytes, std::size_t{2} << 20);
}

TEST_F(KvRoutesTest, AChangeElsewhereKeepsThem) {
  for (int i = 0; i < 20; ++i) {
    Create(R"({"key":"k)" + std::to_string(i) + R"(","labels":{"app":"a"}})");
  }
  testing::FakeExchange first;
  testing::FakeExchange second;
  Handle(Verb::kGet, "/v1/default/kie/kv?label=app:a", {}, {}, first);
  Create(R"({"key":"other"})");
  Handle(Verb::kGet, "/v1/default/kie/kv?label=app:a", {}, {}, second);
  EXPECT_EQ(first.reply().parts[0].bytes.data(), second.reply().parts[0].bytes.data());
  EXPECT_NE(testing::ToAnswer(first.reply()).Header("X-Kie-Revision"),
            testing::ToAnswer(second.reply()).Header("X-Kie-Revision"));
}

// The rules by which an answer is given again to the same query.
class KvAnswersTest : public KvRoutesTest {
 protected:
  static constexpr std::string_view kList = "/v1/default/kie/kv?label=app:a";

  std::string CreateOfApp(std::string_view key) {
    return Create(R"({"key":")" + std::string(key) + R"(","labels":{"app":"a"}})").Text("id");
  }
  std::string Total() { return Get(kList).body.substr(0, 11); }
};

TEST_F(KvAnswersTest, TheSameQueryIsKeptOnceAndSaysTheSame) {
  CreateOfApp("k");
  const Answer first = Get(kList);
  EXPECT_EQ(context().kv_answers.size(), 1u);
  const Answer second = Get(kList);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.content_type, "application/json");
  EXPECT_EQ(second.Header("X-Kie-Revision"), first.Header("X-Kie-Revision"));
  EXPECT_EQ(context().kv_answers.size(), 1u);
}

TEST_F(KvAnswersTest, EachWriteIsSeenAtOnce) {
  EXPECT_EQ(Total(), R"({"total":0,)");
  const std::string id = CreateOfApp("k");
  EXPECT_EQ(Total(), R"({"total":1,)");
  Update(id, R"({"value":"new"})");
  EXPECT_THAT(Get(kList).body, HasSubstr(R"("value":"new")"));
  EXPECT_THAT(Get(std::string(kList) + "&status=disabled").body, HasSubstr(R"("total":1)"));
  Update(id, R"({"status":"enabled"})");
  EXPECT_THAT(Get(std::string(kList) + "&status=disabled").body, HasSubstr(R"("total":0)"));
  Delete(Item(id));
  EXPECT_EQ(Total(), R"({"total":0,)");
  EXPECT_EQ(Get(kList).Header("X-Kie-Revision"), "4");
}

TEST_F(KvAnswersTest, AnotherProjectsWriteMovesTheRevision) {
  CreateOfApp("k");
  const std::string body = Get(kList).body;
  ASSERT_EQ(Post("/v1/other/kie/kv", R"({"key":"x","labels":{"app":"a"}})", kJson).status, 200);
  EXPECT_EQ(Get(kList).body, body);
  EXPECT_EQ(Get(kList).Header("X-Kie-Revision"), "2");
  EXPECT_THAT(Get("/v1/other/kie/kv?label=app:a").body, HasSubstr(R"("key":"x")"));
}

TEST_F(KvAnswersTest, AKnownRevisionIsComparedEachTime) {
  CreateOfApp("k");
  const std::string one = std::string(kList) + "&revision=1";
  const std::string two = std::string(kList) + "&revision=2";
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Get(one).status, 304);
    EXPECT_EQ(Get(one).Header("X-Kie-Revision"), "(none)");
    EXPECT_EQ(Get(two).status, 200);
  }
  CreateOfApp("l");
  EXPECT_THAT(Get(one).body, HasSubstr(R"("total":2)"));
  EXPECT_EQ(Get(two).status, 304);
}

TEST_F(KvAnswersTest, ErrorsAndWhatClientsReadAreApart) {
  for (int i = 0; i < 20; ++i) CreateOfApp("k" + std::to_string(i));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Get(std::string(kList) + "&limit=0").ErrorCode(), "400001");
    EXPECT_EQ(Get(kList, {{"Accept-Encoding", "gzip"}}).Header("Content-Encoding"), "gzip");
    EXPECT_EQ(Get(kList).Header("Content-Encoding"), "(none)");
  }
  EXPECT_EQ(context().kv_answers.size(), 2u);
}

TEST_F(KvAnswersTest, ATrackedPollIsTrackedEachTime) {
  CreateOfApp("k");
  Get(kList);
  EXPECT_EQ(Get(kList, {{"X-Session-Id", "s"}}).status, 200);
  EXPECT_THAT(Get("/v1/default/kie/track?sessionId=s").body, HasSubstr(R"("session_id":"s")"));
}

TEST_F(KvAnswersTest, WhatIsGotByIdHasItsFormatAndAListHasNot) {
  const std::string id = CreateOfApp("k");
  const std::string format = R"(,"label_format":"app=a")";
  for (int i = 0; i < 2; ++i) {
    const std::string got = Get(Item(id)).body;
    ASSERT_THAT(got, HasSubstr(format));
    std::string plain = got;
    plain.erase(plain.find(format), format.size());
    EXPECT_EQ(Get(kList).body, R"({"total":1,"data":[)" + plain + "]}");
  }
}

TEST_F(KvRoutesTest, LongListsArePackedOnce) {
  for (int i = 0; i < 20; ++i) {
    Create(R"({"key":"k)" + std::to_string(i) + R"(","value":"a value like many others"})");
  }
  const Answer packed = Get(kKvs, {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(packed.Header("Content-Encoding"), "gzip");
  EXPECT_LT(packed.body.size(), Get(kKvs).body.size());
  EXPECT_EQ(context().kv_lists.size(), 1u);
}

TEST_F(KvRoutesTest, ProjectsAreApartAndTheDomainHeaderDoesNotCount) {
  Create(R"({"key":"a"})");
  EXPECT_THAT(Get("/v1/other/kie/kv").body, HasSubstr(R"("total":0)"));
  EXPECT_THAT(Get(kKvs, {{"X-Domain-Name", "elsewhere"}}).body, HasSubstr(R"("total":1)"));
  EXPECT_EQ(Get("/v1/-bad/kie/kv").ErrorCode(), "400001");
}

TEST_F(KvRoutesTest, TypesOfBodies) {
  const std::string_view body = R"({"key":"a"})";
  EXPECT_EQ(Post(kKvs, body).status, 415);
  EXPECT_EQ(Post(kKvs, body, {{"Content-Type", "text/plain"}}).body, "415: Unsupported Media Type");
  EXPECT_EQ(Post(kKvs, body, {{"Content-Type", "application/json;charset=utf-8"}}).status, 200);
  EXPECT_EQ(Get(kKvs, {{"Accept", "text/yaml"}}).status, 406);
  EXPECT_EQ(Get(kKvs, {{"Accept", "text/html, */*;q=0.1"}}).status, 200);
  EXPECT_EQ(Get(kKvs, {{"Content-Type", "text/plain"}}).status, 200);
  EXPECT_EQ(Get("/v1/default/kie/track", {{"Content-Type", "text/plain"}}).status, 406);
}

TEST_F(KvRoutesTest, PathsAnswerAsTheConfigurationCenterDoes) {
  EXPECT_EQ(Get("/v1/default/kie/nothing").body, "404: Page Not Found");
  EXPECT_EQ(Get("/v1/default/kie/kv/").status, 200);
  EXPECT_EQ(Get("/v1/health/").status, 200);
  EXPECT_EQ(Get("/v1/default/kie/kv/a%2Fb").status, 404);
  const Answer wrong = Ask(Verb::kPatch, kKvs);
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.body, "405: Method Not Allowed");
  EXPECT_EQ(wrong.Header("Allow"), "GET, POST, DELETE");
  EXPECT_EQ(Ask(Verb::kOptions, kKvs).status, 405);
  // An end that the registry would refuse.
  EXPECT_EQ(Get("/v1/default/kie/kv?label=app:x&&revision=0&").status, 304);
}

TEST_F(KvRoutesTest, PathsThatAreNotCleanAreSentToThoseThatAre) {
  const auto location = [&](std::string_view target) {
    const Answer answer = Get(target);
    return std::to_string(answer.status) + " " + answer.Header("Location");
  };
  EXPECT_EQ(location("/v1/default/kie//kv?label=a:b"), "301 /v1/default/kie/kv?label=a:b");
  EXPECT_EQ(location("//v1/default/kie/kv/"), "301 /v1/default/kie/kv/");
  EXPECT_EQ(location("/v1/./default/kie/x/../kv"), "301 /v1/default/kie/kv");
  EXPECT_EQ(location("/v1/default/kie/.."), "404 (none)");
  EXPECT_EQ(Get("/v4/default//registry").status, 400);
}

TEST_F(KvRoutesTest, HistoryShowsTheCurrentGeneration) {
  const std::string id = Create(R"({"key":"h","value":"1"})").Text("id");
  Update(id, R"({"value":"2"})");
  const std::string history = "/v1/default/kie/revision/" + id;
  EXPECT_THAT(Get(history).body, StartsWith(R"({"total":2,"data":[{"id":)"));
  EXPECT_THAT(Get(history).body, HasSubstr(R"("project":"default")"));
  EXPECT_THAT(Get(history).body, HasSubstr(R"("domain":"default")"));
  EXPECT_EQ(Get(history + "?offset=9&limit=1").body, R"({"total":2,"data":[]})");
  EXPECT_THAT(Get(history + "?limit=100").body, StartsWith(R"({"total":2,"data":[{"id":)"));
  for (const char* bad : {"?limit=abc", "?limit=0", "?limit=101", "?offset=-1&limit=1"}) {
    EXPECT_EQ(Get(history + bad).ErrorCode(), "400001") << bad;
  }
  EXPECT_THAT(Get(history + "?limit=101").body, HasSubstr("invalid limit number"));
  Delete(Item(id));
  EXPECT_EQ(Get(history).ErrorCode(), "404001");
}

TEST_F(KvRoutesTest, MetricsHaveTheirReferencesName) {
  const std::string id = Create(R"({"key":"a"})").Text("id");
  Create(R"({"key":"b"})");
  Post("/v1/other/kie/kv", R"({"key":"c"})", kJson);
  Delete(Item(id));
  const std::string body = Get("/metrics").body;
  EXPECT_THAT(body, HasSubstr("\nservicecomb_kie_config_count"
                              "{domain=\"default\",project=\"default\"} 1\n"));
  EXPECT_THAT(body, HasSubstr("\nservice_center_http_request_total"
                              "{method=\"DELETE\",api=\"DeleteKv\",code=\"204\"} 1\n"));
}

TEST_F(KvRoutesTest, HealthCountsTheDomain) {
  Create(R"({"key":"a"})");
  EXPECT_THAT(Get("/v1/health").body,
              HasSubstr(R"("revision":"1","timestamp":1704067200,"total_kv_count":1})"));
  const Answer liveness = Get("/v1/health?mode=liveness");
  EXPECT_EQ(liveness.status, 200);
  EXPECT_EQ(liveness.body, "");
}

TEST_F(KvRoutesTest, APollWithASessionIsTracked) {
  Create(R"({"key":"a","labels":{"app":"x"}})");
  const Fields fields = {{"X-Session-Id", "s1"},
                         {"X-Session-Group", "g"},
                         {"User-Agent", "ua"},
                         {"X-Forwarded-For", "9.9.9.9, 10.0.0.1"}};
  Get("/v1/default/kie/kv?label=app:x&revision=0", fields);
  const Answer track = Get("/v1/default/kie/track?sessionId=s1");
  EXPECT_THAT(track.body,
              HasSubstr(R"("polling_data":{"revision":"0","wait":"","labels":"app:x"})"));
  EXPECT_THAT(track.body,
              HasSubstr(R"("ip":"9.9.9.9","user_agent":"ua","url_path":"GET /v1/default/kie/kv")"));
  EXPECT_THAT(track.body, HasSubstr(R"("total":1})"));
  EXPECT_EQ(Get("/v1/default/kie/track?sessionId=s2").ErrorCode(), "404001");
}

// Without it the answer would be to another question: every client's polls, for one's.
TEST_F(KvRoutesTest, AParameterThatCannotBeReadIsRefusedEverywhere) {
  const std::string id = Create(R"({"key":"a"})").Text("id");
  Get(kKvs, {{"X-Session-Id", "s1"}});
  for (const char* pair : {"?sessionId=%zz", "?offset=1&limit=%z", "?limit=1;2"}) {
    EXPECT_EQ(Get(std::string("/v1/default/kie/track") + pair).ErrorCode(), "400001") << pair;
    EXPECT_EQ(Get("/v1/default/kie/revision/" + id + pair).ErrorCode(), "400001") << pair;
    EXPECT_EQ(Get(std::string(kKvs) + pair).ErrorCode(), "400001") << pair;
  }
}

}  // namespace
}  // namespace skep::server
