#include "server/routes/govern_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/server/routes/route_fixture.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class GovernRoutesTest : public RouteFixture {
 protected:
  GovernRoutesTest() {
    Put("/v4/default/registry/dependencies",
        R"({"dependencies":[{"consumer":{"appId":"shop","serviceName":"web","version":"0.0.1"},)"
        R"("providers":[{"appId":"shop","serviceName":"cart"},)"
        R"({"appId":"shop","serviceName":"web"}]}]})");
  }

  std::string Add(std::string_view json) {
    return Post(kServices, R"({"service":)" + std::string(json) + "}").Text("serviceId");
  }
  Answer List(const std::string& query) { return Get(std::string(kList) + query); }

  /// How many entries have this member.
  static std::size_t Count(const Answer& answer, std::string_view member) {
    const std::string text = "\"" + std::string(member) + "\":";
    std::size_t count = 0;
    for (std::size_t at = 0; (at = answer.body.find(text, at)) != std::string::npos; ++at) ++count;
    return count;
  }

  static constexpr std::string_view kList = "/v4/default/govern/microservices";

  const std::string web_ = AddService("web");
  const std::string cart_ = AddService("cart");
  const std::string instance_ = AddInstance(cart_, "h1");
};

TEST_F(GovernRoutesTest, DetailShowsEverythingAndItself) {
  const Answer cart = Get(std::string(kList) + "/" + cart_);
  EXPECT_EQ(cart.status, 200);
  EXPECT_THAT(cart.body, StartsWith(R"({"service":{"microService":{"serviceId":")" + cart_));
  EXPECT_THAT(cart.body, HasSubstr(R"("instances":[{"instanceId":")" + instance_));
  EXPECT_THAT(cart.body, HasSubstr(R"("microServiceVersions":["0.0.1"])"));
}

TEST_F(GovernRoutesTest, TagsSchemasAndRules) {
  const std::string service = "/v4/default/registry/microservices/" + cart_;
  Post(kServices,
       R"({"service":{"appId":"shop","serviceName":"cart"},"rules":[{"ruleType":"BLACK",)"
       R"("attribute":"ServiceName","pattern":"^x","description":"no x"}]})");
  Post(service + "/tags", R"({"tags":{"zone":"a"}})");
  Put(service + "/schemas/s1", R"({"schema":"text","summary":"sum"})");
  constexpr std::string_view kTags = R"("tags":{"zone":"a"})";
  constexpr std::string_view kSchemas =
      R"("schemaInfos":[{"schemaId":"s1","summary":"sum","schema":"text"}])";

  const Answer detail = Get(std::string(kList) + "/" + cart_);
  EXPECT_THAT(detail.body, HasSubstr(kTags));
  EXPECT_THAT(detail.body, HasSubstr(kSchemas));
  EXPECT_THAT(detail.body, HasSubstr(R"("ruleType":"BLACK","attribute":"ServiceName",)"
                                     R"("pattern":"^x","description":"no x")"));

  EXPECT_THAT(List("?options=tags").body, HasSubstr(kTags));
  EXPECT_EQ(Count(List("?options=tags"), "schemaInfos"), 0);
  EXPECT_THAT(List("?options=schemas").body, HasSubstr(kSchemas));
  EXPECT_EQ(Count(List("?options=schemas"), "tags"), 0);
  EXPECT_THAT(List("?options=all").body, HasSubstr(kTags));
  EXPECT_THAT(List("?options=all").body, HasSubstr(kSchemas));
}

TEST_F(GovernRoutesTest, DetailOfUnknown) {
  EXPECT_EQ(Get(std::string(kList) + "/nosuch").ErrorCode(), "400012");
  // An older API description has this path for statistics.
  EXPECT_EQ(Get(std::string(kList) + "/statistics").ErrorCode(), "400012");
}

TEST_F(GovernRoutesTest, WithoutOptionsMicroservicesAlone) {
  for (const char* query : {"", "?options=", "?options=colours", "?options=,"}) {
    const Answer answer = List(query);
    EXPECT_EQ(Count(answer, "microService"), 2u) << query;
    for (const char* member : {"instances", "providers", "consumers", "statistics", "statics"}) {
      EXPECT_EQ(Count(answer, member), 0u) << query << member;
    }
  }
}

TEST_F(GovernRoutesTest, StatisticsAreAloneWhereNothingElseIsAskedFor) {
  for (const char* query : {"?options=statistics", "?options=statistics,statistics"}) {
    EXPECT_THAT(List(query).body, StartsWith(R"({"statistics":{"services":{"count":2)")) << query;
  }
  for (const char* query : {"?options=statistics,colours", "?options=statistics,",
                            "?options=instances,statistics", "?options=all"}) {
    const Answer answer = List(query);
    EXPECT_EQ(Count(answer, "statistics"), 1u) << query;
    EXPECT_EQ(Count(answer, "microService"), 2u) << query;
  }
}

TEST_F(GovernRoutesTest, CountOnly) {
  const Answer counted = List("?options=instances&countOnly=1");
  EXPECT_EQ(Count(counted, "statics"), 2u);
  EXPECT_THAT(counted.body, HasSubstr(R"("statics":{"instances":{"count":1}})"));
  EXPECT_THAT(counted.body, HasSubstr(R"("statics":{"instances":{}})"));
  EXPECT_EQ(Count(counted, "instanceId"), 0u);
  EXPECT_EQ(Count(List("?countOnly=1"), "statics"), 2u);
  for (const char* value : {"0", "", "%20"}) {
    const Answer answer = List("?options=instances&countOnly=" + std::string(value));
    EXPECT_EQ(Count(answer, "statics"), 0u) << value;
    EXPECT_EQ(Count(answer, "instanceId"), 1u) << value;
  }
  for (const char* value : {"yes", "2", "true", "1%20"}) {
    EXPECT_EQ(List("?countOnly=" + std::string(value)).ErrorCode(), "400001") << value;
  }
}

TEST_F(GovernRoutesTest, Filters) {
  Add(R"({"serviceName":"rates","appId":"bank","environment":"testing",)"
      R"("properties":{"owner":"x:y","flag":""}})");
  for (const char* query :
       {"?env=testing", "?appId=bank", "?serviceName=rates", "?property=owner:x:y",
        "?property=flag", "?property=flag:&property=owner:x%3Ay",
        "?property=owner:z&property=owner:x:y"}) {
    const Answer answer = List(query);
    EXPECT_EQ(Count(answer, "microService"), 1u) << query;
    EXPECT_EQ(answer.Text("serviceName"), "rates") << query;
  }
  for (const char* query : {"?env=nosuch", "?appId=ban", "?property=owner", "?property=owner:x",
                            "?property=flag&property=owner:z", "?appId=bank&serviceName=cart"}) {
    EXPECT_EQ(List(query).body, "{}") << query;
  }
}

// What the console asks for.
TEST_F(GovernRoutesTest, InstancesAndDependenciesWithoutItself) {
  const Answer answer = List("?options=instances,dependencies&withShared=true");
  EXPECT_EQ(Count(answer, "instances"), 1u);
  EXPECT_EQ(Count(answer, "providers"), 1u);
  EXPECT_EQ(Count(answer, "consumers"), 1u);
}

TEST_F(GovernRoutesTest, SharedServicesOnDemand) {
  RegisterSelf();
  EXPECT_EQ(Count(List(""), "microService"), 2u);
  EXPECT_EQ(Count(List("?withShared=true"), "microService"), 3u);
  EXPECT_EQ(Count(List("?withShared=0"), "microService"), 2u);
  EXPECT_THAT(List("?options=statistics&withShared=1").body, HasSubstr(R"("count":3,)"));
  EXPECT_THAT(Get("/v4/default/govern/statistics").body, HasSubstr(R"("services":{"count":2,)"));
  EXPECT_EQ(Get("/v4/default/govern/apps?env=development").body, "{}");
  EXPECT_EQ(Get("/v4/default/govern/apps?env=development&withShared=true").body,
            R"({"appIds":["default"]})");
  EXPECT_THAT(Get("/v4/default/govern/relations").body, Not(HasSubstr("SERVICECENTER")));
  EXPECT_THAT(Get("/v4/default/govern/relations?withShared=1").body, HasSubstr("SERVICECENTER"));
}

TEST_F(GovernRoutesTest, RelationsAndApps) {
  const Answer relations = Get("/v4/default/govern/relations");
  EXPECT_EQ(relations.status, 200);
  EXPECT_EQ(Count(relations, "from"), 1u);
  EXPECT_EQ(Get("/v4/default/govern/apps").body, R"({"appIds":["shop"]})");
  EXPECT_EQ(Get("/v4/default/govern/apps?env=testing").body, "{}");
  EXPECT_EQ(Get("/v4/default/govern/apps?env=nosuch").ErrorCode(), "400001");
}

TEST_F(GovernRoutesTest, AnEmptyTenant) {
  EXPECT_EQ(Get("/v4/q/govern/microservices").body, "{}");
  EXPECT_EQ(Get("/v4/q/govern/microservices?options=all").body,
            R"({"statistics":{"services":{},"instances":{},"apps":{}}})");
  EXPECT_EQ(Get("/v4/q/govern/relations").body, R"({"nodes":null,"lines":null,"circles":null})");
  EXPECT_EQ(Get("/v4/q/govern/apps").body, "{}");
}

}  // namespace
}  // namespace skep::testing
