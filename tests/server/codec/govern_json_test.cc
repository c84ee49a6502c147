#include "server/codec/govern_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/engine_fixture.h"

namespace skep::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

MicroservicePtr Service(std::string id, std::string name) {
  Microservice service;
  service.id = ServiceId(std::move(id));
  service.app_id = "shop";
  service.name = std::move(name);
  service.version = "1.0.0";
  service.schemas = {"s1"};
  return std::make_shared<const Microservice>(std::move(service));
}

template <class T>
std::string Encode(SlicedText (*begin)(T, std::string*), const T& value) {
  std::string out;
  begin(value, &out).Finish();
  return out;
}

TEST(ServiceDetailBody, MembersInTheirOrder) {
  const ServiceDetail detail{.service = Service("a", "web"),
                             .versions = {"1.0.0", "2.0.0"},
                             .providers = {Service("b", "cart")},
                             .consumers = {Service("c", "app")}};
  EXPECT_EQ(
      Encode(ServiceDetailText, detail),
      R"({"service":{"microService":{"serviceId":"a","appId":"shop","serviceName":"web",)"
      R"("version":"1.0.0","schemas":["s1"]},"providers":[{"serviceId":"b","appId":"shop",)"
      R"("serviceName":"cart","version":"1.0.0","schemas":["s1"]}],"consumers":[{"serviceId":"c",)"
      R"("appId":"shop","serviceName":"app","version":"1.0.0","schemas":["s1"]}],)"
      R"("microServiceVersions":["1.0.0","2.0.0"]}})");
}

TEST(ServiceOverviewBody, EntriesHaveNoSchemas) {
  ServiceOverview overview;
  overview.services.push_back({.service = Service("a", "web")});
  EXPECT_EQ(Encode(ServiceOverviewText, overview),
            R"({"allServicesDetail":[{"microService":{"serviceId":"a","appId":"shop",)"
            R"("serviceName":"web","version":"1.0.0"}}]})");
}

TEST(ServiceOverviewBody, NothingIsAnEmptyObject) {
  EXPECT_EQ(Encode(ServiceOverviewText, ServiceOverview{}), "{}");
}

TEST(ServiceOverviewBody, CountsStandInEveryEntry) {
  ServiceOverview overview{.counts = Counts::kShow};
  overview.services.push_back({.service = Service("a", "web")});
  EXPECT_THAT(Encode(ServiceOverviewText, overview), HasSubstr(R"("statics":{}})"));
  overview.services[0].instance_count = 0;
  EXPECT_THAT(Encode(ServiceOverviewText, overview), HasSubstr(R"("statics":{"instances":{}}})"));
  overview.services[0].instance_count = 2;
  EXPECT_THAT(Encode(ServiceOverviewText, overview),
              HasSubstr(R"("statics":{"instances":{"count":2}}})"));
}

TEST(StatisticsBody, ZerosAreLeftOut) {
  EXPECT_EQ(Encode(StatisticsText, RegistryStatistics{}),
            R"({"statistics":{"services":{},"instances":{},"apps":{}}})");
  EXPECT_EQ(
      Encode(StatisticsText,
             RegistryStatistics{.services = 3, .online_services = 2, .instances = 4, .apps = 1}),
      R"({"statistics":{"services":{"count":3,"onlineCount":2},)"
      R"("instances":{"count":4,"countByDomain":4},"apps":{"count":1}}})");
}

TEST(RelationsBody, ListsWithoutItemsAreNull) {
  RelationGraph graph;
  EXPECT_EQ(Encode(RelationsText, graph), R"({"nodes":null,"lines":null,"circles":null})");
  graph.services.push_back(Service("a", "web"));
  EXPECT_EQ(Encode(RelationsText, graph),
            R"({"nodes":[{"id":"a","name":"web","appId":"shop","version":"1.0.0","type":"",)"
            R"("color":"","position":""}],"lines":null,"circles":null})");
}

TEST(RelationsBody, TheEndOfALineHasIdAndNameAlone) {
  RelationGraph graph;
  graph.relations.push_back({Service("a", "web"), Service("b", "cart")});
  EXPECT_THAT(Encode(RelationsText, graph),
              HasSubstr(R"("lines":[{"from":{"id":"a","name":"web","appId":"shop",)"
                        R"("version":"1.0.0","type":"","color":"","position":""},"to":{"id":"b",)"
                        R"("name":"cart","appId":"","version":"","type":"","color":"",)"
                        R"("position":""},"type":"","color":"","descriptor":""}])"));
}

TEST(AppsBody, ListAndNone) {
  EXPECT_EQ(Encode(AppsText, std::vector<std::string>{"a", "b"}), R"({"appIds":["a","b"]})");
  EXPECT_EQ(Encode(AppsText, std::vector<std::string>{}), "{}");
}

class GovernInstances : public skep::testing::EngineFixture {
 protected:
  ServiceDetail Detail() {
    const ServiceId cart = AddService("cart");
    registry().instances().Register(cart, {.host = "h1", .properties = {{"zone", "1"}}}).value();
    return registry().govern().Get(cart).value();
  }
};

TEST_F(GovernInstances, PropertiesInTheDetailAlone) {
  const ServiceDetail detail = Detail();
  EXPECT_THAT(Encode(ServiceDetailText, detail), HasSubstr(R"("properties":{"zone":"1"})"));
  ServiceOverview overview;
  overview.services.push_back(detail);
  const std::string text = Encode(ServiceOverviewText, overview);
  EXPECT_THAT(text, HasSubstr(R"("hostName":"h1")"));
  EXPECT_THAT(text, Not(HasSubstr("properties")));
}

}  // namespace
}  // namespace skep::server
