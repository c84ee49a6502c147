#include "server/routes/microservice_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/server/routes/route_fixture.h"

namespace skep::server {
namespace {

using skep::testing::Answer;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using MicroserviceRoutes = skep::testing::RouteFixture;

TEST_F(MicroserviceRoutes, RegisterThenGet) {
  const Answer registered =
      Post(kServices, R"({"service":{"appId":"shop","serviceName":"cart","description":"<b>"}})");
  EXPECT_EQ(registered.status, 200);
  const std::string id = registered.Text("serviceId");
  EXPECT_EQ(registered.body, R"({"serviceId":")" + id + "\"}");
  const Answer got = Get(std::string(kServices) + "/" + id);
  EXPECT_EQ(got.status, 200);
  EXPECT_THAT(got.body, StartsWith(R"({"service":{"serviceId":")" + id +
                                   R"(","appId":"shop","serviceName":"cart",)"));
  EXPECT_THAT(got.body, HasSubstr(R"("description":"\u003cb\u003e")"));
}

TEST_F(MicroserviceRoutes, BadBodiesAreInvalid) {
  for (const std::string_view body :
       {"", "{}", "hello", "{\"service\":{\"serviceName\":\"\xff\"}}",
        R"({"service":{"serviceName":"a b"}})", R"({"service":{"serviceName":"a"}} x)"}) {
    const Answer answer = Post(kServices, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.ErrorCode(), "400001") << body;
  }
}

TEST_F(MicroserviceRoutes, BodyOverTheLimitIsInvalid) {
  Serve({.body_bytes_max = 100});
  const Answer answer = Post(kServices, std::string(101, ' '));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.ErrorCode(), "400001");
  EXPECT_EQ(answer.Text("detail"), "http: request body too large");
}

TEST_F(MicroserviceRoutes, AllThatTheBodyHoldsIsRegistered) {
  const Answer answer = Post(
      kServices, R"({"service":{"serviceName":"two"},"tags":{"a":"b"},)"
                 R"("rules":[{"ruleType":"BLACK","attribute":"ServiceName","pattern":"^cart$"}],)"
                 R"("instances":[{"hostName":"h1","endpoints":["rest://a:1"]},)"
                 R"({"hostName":"h2","endpoints":["rest://a:2"]}]})");
  ASSERT_EQ(answer.status, 200);
  const std::string id = answer.Text("serviceId");
  const std::string list = Get(InstancesOf(id)).body;
  EXPECT_THAT(list, HasSubstr(R"("hostName":"h1")"));
  EXPECT_THAT(list, HasSubstr(R"("hostName":"h2")"));
  EXPECT_EQ(Get(std::string(kServices) + "/" + id + "/tags").body, R"({"tags":{"a":"b"}})");
  EXPECT_EQ(engine().registry().rules().Get(ServiceId(id)).value().size(), 1U);
}

// Word for word, but for the letters that its print has wrong.
TEST_F(MicroserviceRoutes, ExampleOfTheManualIsRegistered) {
  const Answer answer = Post(
      kServices, R"({"service":{"appId":"default","serviceName":"test","version":"1.0.0",)"
                 R"("description":"this is a test"},)"
                 R"("rules":[{"ruleType":"WHITE","attribute":"tag_123","pattern":"aaa"}],)"
                 R"("instances":[{"hostName":"instanceTest","endpoints":["rest:127.0.0.1:8080"]}],)"
                 R"("tags":{"test_tag1":"test_tag1","test_tag2":"test_tag2",)"
                 R"("test_tag3":"test_tag3"}})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.Text("serviceId"), "8aed80ea052ac04a64dfc79c24f2170224d074f5");
}

TEST_F(MicroserviceRoutes, RulesHideAProviderFromAConsumer) {
  const std::string web = AddService("web");
  const std::string id = AddService("pay");
  const std::string instance = AddInstance(id, "h1");
  const Fields consumer = {{"X-ConsumerId", web}};
  const std::string find = std::string(kFind) + "?appId=shop&serviceName=pay";
  EXPECT_THAT(Get(find, consumer).body, HasSubstr("h1"));
  const auto register_with = [&](std::string_view rest) {
    std::string body = R"({"service":{"appId":"shop","serviceName":"pay"},)";
    body.append(rest).append("}");
    return Post(kServices, body).status;
  };
  ASSERT_EQ(
      register_with(R"("rules":[{"ruleType":"BLACK","attribute":"ServiceName","pattern":"w"}])"),
      200);
  const Answer hidden = Get(find, consumer);
  EXPECT_EQ(hidden.status, 200);
  EXPECT_EQ(hidden.body, "{}");
  EXPECT_EQ(Get(InstancesOf(id), consumer).ErrorCode(), "400012");
  EXPECT_EQ(Get(InstanceOf(id, instance), consumer).ErrorCode(), "400017");
  EXPECT_THAT(Get(find).body, HasSubstr("h1")) << "nobody in particular sees all";
  ASSERT_EQ(register_with(R"("rules":null)"), 200);
  EXPECT_EQ(Get(find, consumer).body, "{}") << "not given, not replaced";
  ASSERT_EQ(register_with(R"("rules":[])"), 200);
  EXPECT_THAT(Get(find, consumer).body, HasSubstr("h1"));
}

TEST_F(MicroserviceRoutes, EveryFailureIsToldAndTheRestStays) {
  const Answer answer =
      Post(kServices, R"({"service":{"appId":"shop","serviceName":"two"},"tags":{"1":"b"},)"
                      R"("rules":[{"ruleType":"BLACK","attribute":"AppId","pattern":"("}],)"
                      R"("instances":[{"hostName":"h1"}]})");
  EXPECT_EQ(answer.ErrorCode(), "400001");
  EXPECT_THAT(answer.body, HasSubstr("invalid pattern"));
  EXPECT_THAT(answer.body, HasSubstr("invalid tag"));
  EXPECT_THAT(Get(InstancesOf(AddService("two"))).body, HasSubstr(R"("hostName":"h1")"));
}

TEST_F(MicroserviceRoutes, FailedInstancesAreToldAndTheServiceStays) {
  const Answer answer =
      Post(kServices, R"({"service":{"appId":"shop","serviceName":"two"},)"
                      R"("instances":[{"hostName":""},{"hostName":"h2"},{"hostName":" "}]})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.ErrorCode(), "400001");
  EXPECT_THAT(answer.body, HasSubstr(R"-("detail":"errMessages: [Invalid parameter(s)()-"));
  EXPECT_THAT(answer.body, HasSubstr(") Invalid parameter(s)("));
  EXPECT_THAT(Get(InstancesOf(AddService("two"))).body, HasSubstr(R"("hostName":"h2")"));
}

TEST_F(MicroserviceRoutes, ListHidesSharedServicesUnlessAsked) {
  RegisterSelf();
  EXPECT_EQ(Get(kServices).body, "{}");
  AddService("cart");
  EXPECT_THAT(Get(kServices).body, HasSubstr(R"("serviceName":"cart")"));
  EXPECT_THAT(Get(kServices).body, Not(HasSubstr("SERVICECENTER")));
  EXPECT_THAT(Get(std::string(kServices) + "?withShared=true").body, HasSubstr("SERVICECENTER"));
}

TEST_F(MicroserviceRoutes, DeleteRefusesWhileThereAreInstances) {
  const std::string id = AddService("cart");
  AddInstance(id, "h1");
  const std::string path = std::string(kServices) + "/" + id;
  EXPECT_EQ(Delete(path).ErrorCode(), "400013");
  EXPECT_EQ(Delete(path + "?force=false").ErrorCode(), "400013");
  EXPECT_EQ(Delete(path + "?force=0").ErrorCode(), "400013");
  EXPECT_EQ(Delete(path + "?force=1").status, 200);
  EXPECT_EQ(Get(path).ErrorCode(), "400012");
}

TEST_F(MicroserviceRoutes, ForceIsOneOfFourWords) {
  const std::string path = std::string(kServices) + "/" + AddService("cart");
  for (const std::string_view force : {"yes", "TRUE", "True", "2", "true%20"}) {
    EXPECT_EQ(Delete(path + "?force=" + std::string(force)).ErrorCode(), "400001") << force;
  }
  EXPECT_EQ(Delete(path + "?force=true").status, 200);
}

TEST_F(MicroserviceRoutes, ServersOwnServiceStays) {
  RegisterSelf();
  const std::string id = Get("/health").Text("serviceId");
  EXPECT_EQ(Delete(std::string(kServices) + "/" + id + "?force=1").ErrorCode(), "400001");
}

TEST_F(MicroserviceRoutes, ExistenceByNameAndVersion) {
  const std::string id = AddService("cart");
  const std::string ask =
      "/v4/default/registry/existence?type=microservice&appId=shop&serviceName=cart&version=";
  EXPECT_EQ(Get(ask + "0.0.1").body, R"({"serviceId":")" + id + "\"}");
  EXPECT_EQ(Get(ask + "2.0.0").ErrorCode(), "400026");
  EXPECT_EQ(Get(ask + "0.0.1&env=production").ErrorCode(), "400012");
  EXPECT_EQ(Get(ask + "latest").ErrorCode(), "400001");
}

TEST_F(MicroserviceRoutes, ExistenceKnowsTwoTypes) {
  for (const std::string_view query : {"", "?type=Schema&serviceId=a", "?type=instance"}) {
    const Answer answer = Get("/v4/default/registry/existence" + std::string(query));
    EXPECT_EQ(answer.ErrorCode(), "400001") << query;
    EXPECT_THAT(answer.Text("detail"),
                StartsWith("Only micro-service and schema can be used as type"));
  }
}

TEST_F(MicroserviceRoutes, PropertiesAreReplaced) {
  const std::string id = AddService("cart");
  const std::string path = std::string(kServices) + "/" + id;
  const Answer changed =
      Put(path + "/properties", R"({"serviceId":"other","properties":{"a":"1"}})");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.body, "");
  EXPECT_THAT(Get(path).body, HasSubstr(R"("properties":{"a":"1"})"));
  EXPECT_EQ(Put(path + "/properties", "{}").status, 200);
  EXPECT_THAT(Get(path).body, Not(HasSubstr("properties")));
  EXPECT_EQ(Put(path + "/properties", "{").ErrorCode(), "400001");
  EXPECT_EQ(Put(path + "/properties", R"({"properties":{"a":1}})").ErrorCode(), "400001");
  EXPECT_EQ(Put(std::string(kServices) + "/nosuch/properties", "{}").ErrorCode(), "400012");
  EXPECT_EQ(Put(path + "/properties", std::string(3 * 1024 + 1, ' ')).Text("detail"),
            "http: request body too large");
}

TEST_F(MicroserviceRoutes, BatchDeletionTellsOfEach) {
  const std::string a = AddService("a");
  const Answer answer = Ask(Verb::kDelete, kServices, R"({"serviceIds":[")" + a + R"(","no"]})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, StartsWith(R"({"services":[{"serviceId":")" + a +
                                      R"("},{"errMessage":"Micro-service does not exist()"));
  EXPECT_THAT(answer.body, EndsWith(R"(","serviceId":"no"}]})"));
  EXPECT_EQ(Get(kServices).body, "{}");
}

TEST_F(MicroserviceRoutes, BatchDeletionTakesForceFromBodyOrQuery) {
  const std::string plain(kServices);
  const auto remaining = [&](std::string_view target, std::string_view rest) {
    const std::string id = AddService("a");
    AddInstance(id, "h");
    std::string body = R"({"serviceIds":[")" + id + "\"]";
    body.append(rest).append("}");
    EXPECT_EQ(Ask(Verb::kDelete, target, body).status, 200);
    return Get(plain + "/" + id).status == 200;
  };
  EXPECT_TRUE(remaining(plain, ""));
  EXPECT_TRUE(remaining(plain + "?force=0", R"(,"force":false)"));
  EXPECT_FALSE(remaining(plain, R"(,"force":true)"));
  EXPECT_FALSE(remaining(plain + "?force=1", ""));
}

TEST_F(MicroserviceRoutes, BadBatchDeletionDeletesNone) {
  const std::string id = AddService("a");
  for (const std::string& body :
       {std::string(), std::string("{}"), std::string(R"({"serviceIds":[]})"),
        R"({"serviceIds":[")" + id + R"(",""]})"}) {
    EXPECT_EQ(Ask(Verb::kDelete, kServices, body).ErrorCode(), "400001") << body;
  }
  EXPECT_EQ(
      Ask(Verb::kDelete, std::string(kServices) + "?force=yes", R"({"serviceIds":[")" + id + "\"]}")
          .ErrorCode(),
      "400001");
  EXPECT_EQ(Get(std::string(kServices) + "/" + id).status, 200);
}

TEST_F(MicroserviceRoutes, TenantsDoNotSeeEachOther) {
  const std::string id = AddService("cart");
  const std::string path = std::string(kServices) + "/" + id;
  EXPECT_EQ(Get(path).status, 200);
  EXPECT_EQ(Get(path, {{"X-Domain-Name", "d"}}).ErrorCode(), "400012");
  EXPECT_EQ(Get("/v4/p/registry/microservices/" + id).ErrorCode(), "400012");
  const std::string_view body = R"({"service":{"appId":"shop","serviceName":"cart"}})";
  EXPECT_NE(Post("/v4/p/registry/microservices", body).Text("serviceId"), id);
  EXPECT_NE(Post(kServices, body, {{"X-Domain-Name", "d"}}).Text("serviceId"), id);
  EXPECT_THAT(Get("/v4/p/registry/microservices").body, HasSubstr("cart"));
}

}  // namespace
}  // namespace skep::server
