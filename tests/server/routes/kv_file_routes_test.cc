#include "server/routes/kv_file_routes.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/server/routes/route_fixture.h"

// Import and export over HTTP: bodies of each kind, the query, all or nothing, the way there and
// back.
namespace skep::server {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kImport = "/v1/default/kie/file?override=force";

class KvFileRoutesTest : public testing::RouteFixture {
 protected:
  const Fields kJson = {{"Content-Type", "application/json"}};

  Answer Import(std::string_view target, std::string_view body) {
    return Post(target, body, kJson);
  }
  Answer Export(std::string_view query = "", std::string_view ids = "") {
    std::string target = "/v1/default/kie/download";
    std::string body = "{\"ids\":[";
    return Post(target.append(query), body.append(ids).append("]}"), kJson);
  }
  std::size_t size() { return engine().config().size(); }
};

TEST_F(KvFileRoutesTest, AnExportComesBackAsItWas) {
  Import(kImport, R"({"data":[
      {"key":"b","value":"<2>","labels":{"x":"1"},"status":"enabled","priority":-1,"check":"c"},
      {"key":"a","value":"","value_type":"yaml"},
      {"key":"b","value":"1","labels":{"a":"1"},"status":"disabled"}]})");
  const Answer exported = Export();
  EXPECT_THAT(exported.body, StartsWith(R"({"metadata":{"version":"2.0.0"},"data":[{"id":)"));
  const auto there = engine().config().List({.order = KvOrder::kKey}).value();
  for (const KeyValuePtr& kv : there.items()) Delete("/v1/default/kie/kv/" + kv->id());
  ASSERT_EQ(size(), 0u);
  EXPECT_THAT(Import(kImport, exported.body).body, HasSubstr(R"("failure":[])"));
  EXPECT_EQ(Export().body, exported.body);
}

TEST_F(KvFileRoutesTest, ExportsWhatIsAskedFor) {
  Import(kImport, R"({"data":[{"key":"a","labels":{"x":"1"}},{"key":"b","labels":{"x":"1","y":"2"}},
      {"key":"c"}]})");
  const auto keys = [&](const Answer& answer) {
    std::string all;
    for (const char* key : {"a", "b", "c"}) {
      if (answer.body.find("\"key\":\"" + std::string(key)) != std::string::npos) all += key;
    }
    return all;
  };
  EXPECT_EQ(keys(Export()), "abc");
  EXPECT_EQ(keys(Export("?label=x:1")), "ab");
  EXPECT_EQ(keys(Export("?label=x:1&match=exact")), "a");
  const auto only_c = engine().config().List({.key = "c"}).value();
  EXPECT_EQ(keys(Export("", "\"" + only_c.items().front()->id() + "\"")), "c");
  EXPECT_EQ(keys(Export("", "\"nosuch\"")), "");
  EXPECT_EQ(Export("?label=x").ErrorCode(), "400001");
}

TEST_F(KvFileRoutesTest, AFormBringsAFile) {
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"upload_file\"; filename=\"x.json\"\r\n"
      "Content-Type: application/octet-stream\r\n\r\n"
      R"({"data":[{"key":"a","value":"1"}]})"
      "\r\n--b--\r\n";
  const Answer answer = Post(kImport, body, {{"Content-Type", "multipart/form-data; boundary=b"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(size(), 1u);
  EXPECT_EQ(Post(kImport, body, {{"Content-Type", "multipart/form-data; boundary=c"}}).ErrorCode(),
            "400001");
}

TEST_F(KvFileRoutesTest, YamlInAndYamlOut) {
  const Answer answer = Post(kImport, "data:\n- key: a\n  value: 2\n",
                             {{"Content-Type", "text/yaml"}, {"Accept", "text/yaml"}});
  EXPECT_EQ(answer.content_type, "text/yaml");
  EXPECT_THAT(answer.body, HasSubstr("value: \"2\""));
  EXPECT_EQ(size(), 1u);
}

TEST_F(KvFileRoutesTest, ALabelIsAddedToEveryItem) {
  Import("/v1/default/kie/file?override=force&label=environment:production",
         R"({"data":[{"key":"a","labels":{"environment":"test","app":"x"}},{"key":"b"}]})");
  const Labels wanted = {{"environment", "production"}, {"app", "x"}};
  const auto list = engine().config().List({.order = KvOrder::kKey}).value();
  EXPECT_EQ(list.items()[0]->labels(), wanted);
  EXPECT_EQ(list.items()[1]->labels(), (Labels{{"environment", "production"}}));
}

TEST_F(KvFileRoutesTest, TheQueryIsLookedAtBeforeTheBody) {
  const std::string target = "/v1/default/kie/file";
  EXPECT_EQ(Import(target, "nonsense").Text("detail"), "Query parameter 'override' is required");
  EXPECT_EQ(Import(target + "?override=maybe", "nonsense").ErrorCode(), "400001");
  EXPECT_EQ(Import(target + "?override=skip", "nonsense").ErrorCode(), "400001");
  EXPECT_EQ(Import(target + "?override=skip&label=a:b:c", "{}").ErrorCode(), "400001");
  EXPECT_EQ(Import(target + "?override=skip", "{}").body, R"({"success":[],"failure":[]})");
}

// As in a list: of a parameter that may be there once the first one counts.
TEST_F(KvFileRoutesTest, TheFirstOverrideCounts) {
  Import(kImport, R"({"data":[{"key":"a","value":"1"}]})");
  const std::string target = "/v1/default/kie/file?override=skip&atomic=false";
  const std::string_view body = R"({"data":[{"key":"a","value":"2"},{"key":"b"}]})";
  EXPECT_THAT(Import(target + "&override=force&atomic=true", body).body,
              HasSubstr(R"("error_code":400004)"));
  EXPECT_EQ(engine().config().List({.value = "1"}).value().total(), 1u);
  EXPECT_EQ(Import("/v1/default/kie/file?override=&override=force", body).Text("detail"),
            "Query parameter 'override' is required");
}

TEST_F(KvFileRoutesTest, AtomicIsAllOrNothing) {
  const std::string_view body = R"({"data":[{"key":"a"},{"key":"not/good"},{"key":"b"}]})";
  const Answer all = Import("/v1/default/kie/file?override=force&atomic=true", body);
  EXPECT_THAT(all.body, StartsWith(R"({"success":[],"failure":[{"key":"not/good","labels":{},)"));
  EXPECT_EQ(size(), 0u);
  Import(kImport, body);
  EXPECT_EQ(size(), 2u);
}

// Many items are read and written aside; what comes back is the same.
TEST_F(KvFileRoutesTest, ManyItemsTakeTheSlowLane) {
  std::string body = R"({"data":[)";
  for (int i = 0; i < 2000; ++i) {
    body += (i == 0 ? "" : ",") + std::string(R"({"key":"key.)") + std::to_string(i) +
            R"(","value":"a value that makes the body longer"})";
  }
  body += "]}";
  testing::FakeExchange imported;
  Handle(Verb::kPost, kImport, body, kJson, imported);
  EXPECT_TRUE(imported.is_deferred());
  EXPECT_THAT(imported.Await().body, HasSubstr(R"("failure":[])"));
  EXPECT_EQ(size(), 2000u);
  testing::FakeExchange exported;
  Handle(Verb::kPost, "/v1/default/kie/download", "{}", kJson, exported);
  EXPECT_TRUE(exported.is_deferred());
  EXPECT_THAT(exported.Await().body, HasSubstr(R"("key":"key.1999")"));
}

TEST_F(KvFileRoutesTest, AnExportHasALimit) {
  Import(kImport, R"({"data":[{"key":"a","value":"1"}]})");
  Serve({.export_bytes_max = 100});
  const Answer answer = Export();
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(answer.body, HasSubstr("more than 100 bytes"));
}

TEST_F(KvFileRoutesTest, HasItsOwnBodyLimit) {
  EXPECT_EQ(front().BodyLimit(Verb::kPost, kImport), 64u << 20);
  EXPECT_EQ(front().BodyLimit(Verb::kPost, "/v1/default/kie/file/?override=force"), 64u << 20);
  EXPECT_EQ(front().BodyLimit(Verb::kPost, "/v1/default/kie/kv"), 2u << 20);
  Serve({.import_bytes_max = 10});
  EXPECT_EQ(Import(kImport, R"({"data":[{"key":"a"}]})").Text("detail"),
            "decode request body failed: http: request body too large");
}

// The limit of an import is the engine's, below the usual one and above it.
TEST_F(KvFileRoutesTest, ItemsHaveTheEnginesLimit) {
  Reopen({.import_items_max = 2});
  const Answer json = Import(kImport, R"({"data":[{"key":"a"},{"key":"b"},{}]})");
  EXPECT_EQ(json.ErrorCode(), "422001");
  EXPECT_THAT(json.body, HasSubstr("import_items_max"));
  const Answer yaml = Post(kImport, "data: [{key: a}, {key: b}, {}]",
                           {{"Content-Type", "text/yaml"}, {"Accept", "application/json"}});
  EXPECT_EQ(yaml.ErrorCode(), "422001");
  EXPECT_EQ(size(), 0u);
  EXPECT_EQ(Import(kImport, R"({"data":[{"key":"a"},{"key":"b"}]})").status, 200);
  EXPECT_EQ(size(), 2u);
}

TEST_F(KvFileRoutesTest, TheLimitOfItemsCanBeRaised) {
  constexpr std::size_t kItems = 100'001;
  std::string body = R"({"data":[{"key":"a"})";
  for (std::size_t i = 1; i < kItems; ++i) body += ",{}";
  body += "]}";
  const auto import = [&] {
    testing::FakeExchange exchange;
    Handle(Verb::kPost, kImport, body, kJson, exchange);
    return exchange.Await();
  };
  EXPECT_EQ(import().ErrorCode(), "422001");
  Reopen({.import_items_max = kItems});
  EXPECT_EQ(import().status, 200);
  EXPECT_EQ(size(), 1u);
}

}  // namespace
}  // namespace skep::server
