#include "server/codec/dump_json.h"

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

std::string Encode(const Dump& dump) {
  std::string out;
  DumpText(dump, &out).Finish();
  return out;
}

TEST(DumpBody, PartsThatAreNotAskedForAreAbsent) {
  EXPECT_EQ(Encode({}), "{}");
  EXPECT_EQ(Encode({.cache = std::vector<TenantDump>{}}), R"({"cache":{}})");
  EXPECT_THAT(Encode({.info = BuildInfo::kShow}), HasSubstr(R"({"info":{"version":")"));
  EXPECT_THAT(Encode({.info = BuildInfo::kShow}), Not(HasSubstr("apiVersion")));
}

TEST(DumpBody, KeysOfAMicroservice) {
  Microservice service;
  service.id = ServiceId("a");
  service.app_id = "shop";
  service.name = "web";
  service.alias = "w";
  service.version = "1.0.0";
  service.environment = "testing";
  service.revision = Revision(7);
  ServiceDetail detail{.service = std::make_shared<const Microservice>(std::move(service))};
  detail.provider_keys.push_back({.tenant = "d/p", .app_id = "shop", .name = "cart"});
  TenantDump tenant{.tenant = {.domain = "d", .project = "p"}};
  tenant.services.push_back(std::move(detail));

  const std::string value =
      R"({"serviceId":"a","appId":"shop","serviceName":"web","version":"1.0.0","alias":"w",)"
      R"("environment":"testing"})";
  EXPECT_EQ(Encode({.cache = std::vector<TenantDump>{tenant}}),
            R"({"cache":{"services":[{"key":"/cse-sr/ms/files/d/p/a","rev":7,)"
            R"("cluster":"default","value":)" +
                value +
                R"(}],"serviceIndexes":[{"key":"/cse-sr/ms/indexes/d/p/testing/shop/web/1.0.0",)"
                R"("rev":7,"cluster":"default","value":"a"}],)"
                R"("serviceAliases":[{"key":"/cse-sr/ms/alias/d/p/testing/shop/w/1.0.0",)"
                R"("rev":7,"cluster":"default","value":"a"}],)"
                R"("dependencyRules":[{"key":"/cse-sr/ms/dep-rules/d/p/c/testing/shop/web/1.0.0",)"
                R"("rev":7,"cluster":"default","value":{"Dependency":[{"tenant":"d/p",)"
                R"("appId":"shop","serviceName":"cart","version":"0.0.0+"}]}}]}})");
}

using DumpInstances = skep::testing::EngineFixture;

TEST_F(DumpInstances, KeyEndsInBothIds) {
  const ServiceId cart = AddService("cart");
  const InstanceId id = AddInstance(cart, "h1");
  TenantDump tenant;
  tenant.services = registry().govern().List({}, {.instances = InstancePart::kAll}).value();
  const std::string text = Encode({.cache = std::vector<TenantDump>{tenant}});
  EXPECT_THAT(text, HasSubstr(R"("instances":[{"key":"/cse-sr/inst/files/default/default/)" +
                              std::string(cart.str()) + "/" + InstanceIdView(id).str() +
                              R"(","rev":2,"cluster":"default","value":{"instanceId":")"));
  EXPECT_THAT(text, Not(HasSubstr("serviceAliases")));
}

}  // namespace
}  // namespace skep::server
