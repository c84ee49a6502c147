#include "server/codec/registry_json.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "server/codec/instance_memo.h"
#include "tests/support/engine_fixture.h"

namespace skep::server {
namespace {

using std::chrono_literals::operator""s;

std::string Body(const Microservice& service) {
  std::string out;
  AppendMicroservice(service, &out);
  return out;
}

// Every member that there is, so that the order of all of them is fixed here.
TEST(MicroserviceJson, AllMembersInTheirOrder) {
  const Microservice service{
      .id = ServiceId("s1"),
      .app_id = "shop",
      .name = "cart",
      .version = "1.0.0",
      .description = "a <cart>",
      .level = ServiceLevel::kFront,
      .schemas = {"a", "b"},
      .paths = {{.path = "/x", .property = {{"k", "v"}}}, {.path = "/y", .property = {}}},
      .status = ServiceStatus::kDown,
      .properties = {{"b", "2"}, {"a", ""}},
      .providers = {{.tenant = "default/default",
                     .environment = "testing",
                     .app_id = "shop",
                     .name = "pay",
                     .alias = "p",
                     .version = "2"}},
      .alias = "c",
      .lb_strategy = {{"s", "r"}},
      .environment = "production",
      .register_by = "SDK",
      .framework = Framework{.name = "chassis", .version = "3"},
      .created = std::chrono::sys_seconds(1704067200s),
      .modified = std::chrono::sys_seconds(1704067201s)};
  EXPECT_EQ(Body(service),
            R"({"serviceId":"s1","appId":"shop","serviceName":"cart","version":"1.0.0",)"
            R"("description":"a \u003ccart\u003e","level":"FRONT","schemas":["a","b"],)"
            R"("paths":[{"path":"/x","property":{"k":"v"}},{"path":"/y"}],"status":"DOWN",)"
            R"("properties":{"a":"","b":"2"},"timestamp":"1704067200",)"
            R"("providers":[{"tenant":"default/default","environment":"testing","appId":"shop",)"
            R"("serviceName":"pay","alias":"p","version":"2"}],"alias":"c","LBStrategy":{"s":"r"},)"
            R"("modTimestamp":"1704067201","environment":"production","registerBy":"SDK",)"
            R"("framework":{"name":"chassis","version":"3"}})");
}

TEST(MicroserviceJson, NothingIsWrittenForWhatIsUnset) { EXPECT_EQ(Body({}), "{}"); }

TEST(MicroserviceJson, FrameworkThatIsThereIsWrittenThoughEmpty) {
  EXPECT_EQ(Body({.framework = Framework{}}), R"({"framework":{}})");
}

TEST(ServicesJson, EmptyListIsAnEmptyObject) {
  std::string out;
  ServicesText({}, &out).Finish();
  EXPECT_EQ(out, "{}");
}

TEST(ServicesJson, ListAndSingleAreWrapped) {
  const auto service = std::make_shared<const Microservice>(Microservice{.name = "cart"});
  std::string list;
  ServicesText({service, service}, &list).Finish();
  EXPECT_EQ(list, R"({"services":[{"serviceName":"cart"},{"serviceName":"cart"}]})");
  std::string single;
  AppendServiceBody(*service, &single);
  EXPECT_EQ(single, R"({"service":{"serviceName":"cart"}})");
}

TEST(IdJson, ServiceAndInstance) {
  std::string out;
  AppendServiceIdBody(ServiceId("a<b"), &out);
  AppendInstanceIdBody(InstanceIdView("0123456789abcdef0123456789abcdef"), &out);
  AppendInstanceIdBody(InstanceIdView("my-own"), &out);
  EXPECT_EQ(out, R"({"serviceId":"a\u003cb"}{"instanceId":"0123456789abcdef0123456789abcdef"})"
                 R"({"instanceId":"my-own"})");
}

TEST(HeartbeatSetJson, MessageOnlyWhereItFailed) {
  const std::vector<HeartbeatEntry> entries = {{"s", "i"}, {"s", "x"}, {"", ""}};
  std::string out;
  AppendHeartbeatSetBody(entries, {true, false, false}, &out);
  EXPECT_EQ(
      out,
      R"({"instances":[{"serviceId":"s","instanceId":"i"},)"
      R"({"serviceId":"s","instanceId":"x",)"
      R"-("errMessage":"Instance does not exist(leaseId not exist, instance not exist)"},)-"
      R"-({"errMessage":"Instance does not exist(leaseId not exist, instance not exist)"}]})-");
}

class InstanceJson : public skep::testing::EngineFixture {
 protected:
  std::string Registered(InstanceSpec spec) {
    const auto service = registry().microservices().Register(
        {.id = ServiceId("s1"), .app_id = "shop", .name = "cart", .version = "2.1.0"});
    const auto id = registry().instances().Register(service.value(), std::move(spec)).value();
    std::string out;
    AppendInstance(registry().instances().Get(service.value(), id).value(), &out);
    return out;
  }
};

TEST_F(InstanceJson, AllMembersInTheirOrder) {
  EXPECT_EQ(Registered({.id = InstanceId("i1"),
                        .host = "h1",
                        .endpoints = {"rest://a:1", "highway://a:2?x=1&y=2"},
                        .status = InstanceStatus::kOutOfService,
                        .properties = {{"z", "1"}, {"a", "\"q\""}},
                        .health_check = HealthCheck{.mode = HealthCheckMode::kPull,
                                                    .port = 80,
                                                    .interval_s = 30,
                                                    .times = 3,
                                                    .url = "/up"},
                        .data_center =
                            DataCenterInfo{.name = "dc", .region = "r1", .available_zone = "az1"}}),
            R"({"instanceId":"i1","serviceId":"s1",)"
            R"("endpoints":["rest://a:1","highway://a:2?x=1\u0026y=2"],"hostName":"h1",)"
            R"("status":"OUTOFSERVICE","properties":{"a":"\"q\"","z":"1"},)"
            R"("healthCheck":{"mode":"pull","port":80,"interval":30,"times":3,"url":"/up"},)"
            R"("timestamp":"1704067200",)"
            R"("dataCenterInfo":{"name":"dc","region":"r1","availableZone":"az1"},)"
            R"("modTimestamp":"1704067200","version":"2.1.0"})");
}

TEST_F(InstanceJson, DefaultsAndNothingElse) {
  EXPECT_EQ(Registered({.id = InstanceId("0123456789abcdef0123456789abcdef"), .host = "h"}),
            R"({"instanceId":"0123456789abcdef0123456789abcdef","serviceId":"s1","hostName":"h",)"
            R"("status":"UP","healthCheck":{"mode":"push","interval":30,"times":3},)"
            R"("timestamp":"1704067200","modTimestamp":"1704067200","version":"2.1.0"})");
}

TEST(InstanceStatusWords, EveryStatusHasTheWordThatClientsKnow) {
  EXPECT_EQ(ToString(InstanceStatus::kUnset), "");
  EXPECT_EQ(ToString(InstanceStatus::kUp), "UP");
  EXPECT_EQ(ToString(InstanceStatus::kDown), "DOWN");
  EXPECT_EQ(ToString(InstanceStatus::kStarting), "STARTING");
  EXPECT_EQ(ToString(InstanceStatus::kTesting), "TESTING");
  EXPECT_EQ(ToString(InstanceStatus::kOutOfService), "OUTOFSERVICE");
}

}  // namespace
}  // namespace skep::server
