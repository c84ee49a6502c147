#include "server/routes/dump_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/server/routes/route_fixture.h"

namespace skep::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class DumpRoutesTest : public RouteFixture {
 protected:
  static constexpr std::string_view kDump = "/v4/default/admin/dump";
  static constexpr std::string_view kOfOther = R"({"service":{"serviceName":"far"}})";
};

TEST_F(DumpRoutesTest, CoversAllTenants) {
  const std::string id = AddService("cart");
  const std::string instance = AddInstance(id, "h1");
  const Answer other = Post("/v4/p/registry/microservices", kOfOther, {{"X-Domain-Name", "d"}});
  const Answer dump = Get(kDump);
  EXPECT_EQ(dump.status, 200);
  EXPECT_EQ(dump.content_type, "application/json; charset=UTF-8");
  EXPECT_THAT(dump.body, StartsWith(R"({"cache":{"services":[)"));
  for (const std::string& key :
       {"/cse-sr/ms/files/default/default/" + id, "/cse-sr/ms/files/d/p/" + other.Text("serviceId"),
        "/cse-sr/inst/files/default/default/" + id + "/" + instance}) {
    EXPECT_THAT(dump.body, HasSubstr(R"({"key":")" + key + R"(","rev":)"));
  }
}

TEST_F(DumpRoutesTest, TagsAndSummaries) {
  const std::string id = AddService("cart");
  const std::string service = "/v4/default/registry/microservices/" + id;
  Post(service + "/tags", R"({"tags":{"zone":"a"}})");
  Put(service + "/schemas/s1", R"({"schema":"text","summary":"sum"})");
  Put(service + "/schemas/s2", R"({"schema":"text"})");
  const Answer dump = Get(kDump);
  EXPECT_THAT(dump.body, HasSubstr(R"("serviceTags":[{"key":"/cse-sr/ms/tags/default/default/)" +
                                   id + R"(","rev":)"));
  EXPECT_THAT(dump.body, HasSubstr(R"("value":{"zone":"a"}}])"));
  EXPECT_THAT(dump.body,
              HasSubstr(R"("summaries":[{"key":"/cse-sr/ms/schema-sum/default/default/)" + id +
                        R"(/s1","rev":)"));
  EXPECT_THAT(dump.body, HasSubstr(R"("value":"sum"}])"));
}

TEST_F(DumpRoutesTest, SharedServicesAreThere) {
  RegisterSelf();
  EXPECT_THAT(Get(kDump).body, HasSubstr(R"("serviceName":"SERVICECENTER")"));
}

TEST_F(DumpRoutesTest, Options) {
  const auto ask = [this](std::string_view options) {
    return Get(std::string(kDump) + "?options=" + std::string(options)).body;
  };
  EXPECT_EQ(ask(""), R"({"cache":{}})");
  EXPECT_EQ(ask("cache"), R"({"cache":{}})");
  EXPECT_THAT(ask("info"), AllOf(StartsWith(R"({"info":{"version":")"), Not(HasSubstr("cache"))));
  for (const char* both : {"all", "cache,info", "info,cache", "nosuch,all"}) {
    EXPECT_THAT(ask(both), AllOf(StartsWith(R"({"info":{)"), HasSubstr(R"(,"cache":{}})"))) << both;
  }
  EXPECT_EQ(ask("nosuch"), "{}");
}

TEST_F(DumpRoutesTest, ForTheDefaultTenantAlone) {
  for (const Answer& answer : {Get("/v4/p/admin/dump"), Get("/v4/p/admin/dump?options=info"),
                               Get(kDump, {{"X-Domain-Name", "d"}})}) {
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.ErrorCode(), "403001");
  }
  EXPECT_EQ(Get(kDump, {{"X-Domain-Name", "default"}}).status, 200);
}

}  // namespace
}  // namespace skep::testing
