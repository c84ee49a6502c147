#include "server/routes/self_registration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "skep/version.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::server {
namespace {

using skep::testing::ErrorIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class SelfRegistrationTest : public skep::testing::EngineFixture {
 protected:
  std::unique_ptr<SelfRegistration> Register(std::vector<std::string> addresses) {
    return SelfRegistration::Register(engine(), addresses).value();
  }
  Result<FindResult> Find() {
    return registry().discovery().Find({.app_id = "default", .name = "SERVICECENTER"});
  }
};

TEST_F(SelfRegistrationTest, IsWhatClientsLookFor) {
  const auto self = Register({"127.0.0.1:30100", "[::1]:30110"});
  const MicroservicePtr service = registry().microservices().Get(self->service_id()).value();
  EXPECT_EQ(service->app_id, "default");
  EXPECT_EQ(service->name, "SERVICECENTER");
  EXPECT_EQ(service->alias, "SERVICECENTER");
  EXPECT_EQ(service->version, SKEP_VERSION_STRING);
  EXPECT_EQ(service->environment, "development");
  EXPECT_EQ(service->level, ServiceLevel::kBack);
  EXPECT_THAT(service->properties, ElementsAre(Pair("allowCrossApp", "true")));
  const FindResult found = Find().value();
  ASSERT_EQ(found.instances().size(), 1u);
  const Instance& instance = found.instances()[0];
  EXPECT_THAT(std::vector<std::string>(instance.endpoints().begin(), instance.endpoints().end()),
              ElementsAre("rest://127.0.0.1:30100/", "rest://[::1]:30110/"));
  EXPECT_EQ(instance.health_check_mode(), HealthCheckMode::kPush);
  EXPECT_EQ(instance.health_check_interval_s(), 30);
  EXPECT_EQ(instance.health_check_times(), 3);
}

TEST_F(SelfRegistrationTest, NeedsNoHeartbeats) {
  const auto self = Register({"127.0.0.1:1"});
  clock().Advance(std::chrono::hours(24));
  EXPECT_EQ(Find().value().instances().size(), 1u);
}

TEST_F(SelfRegistrationTest, WithdrawnItIsGone) {
  const auto self = Register({"127.0.0.1:1"});
  self->Withdraw();
  self->Withdraw();
  EXPECT_THAT(Find(), ErrorIs(RegistryErrc::kServiceNotExists));
}

TEST_F(SelfRegistrationTest, ServiceStaysWhileAnotherServerIsThere) {
  const auto one = Register({"127.0.0.1:1"});
  const auto two = Register({"127.0.0.1:2"});
  EXPECT_EQ(one->service_id(), two->service_id());
  one->Withdraw();
  EXPECT_EQ(Find().value().instances().size(), 1u);
  two->Withdraw();
  EXPECT_THAT(registry().microservices().List(SharedServices::kShow), IsEmpty());
}

TEST(EndpointOf, IsAUrlThatOthersCanReach) {
  EXPECT_EQ(EndpointOf("127.0.0.1:30100"), "rest://127.0.0.1:30100/");
  EXPECT_EQ(EndpointOf("[::1]:1"), "rest://[::1]:1/");
  for (const std::string wildcard : {"0.0.0.0:80", "[::]:80"}) {
    const std::string endpoint = EndpointOf(wildcard);
    EXPECT_EQ(endpoint.find("0.0.0.0"), std::string::npos);
    EXPECT_EQ(endpoint.find("::"), std::string::npos);
    EXPECT_TRUE(endpoint.starts_with("rest://") && endpoint.ends_with(":80/")) << endpoint;
  }
}

}  // namespace
}  // namespace skep::server
