#include "server/routes/admin_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "tests/server/routes/route_fixture.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;

class AdminRoutesTest : public RouteFixture {
 protected:
  static constexpr std::string_view kAlarms = "/v4/default/admin/alarms";
};

TEST_F(AdminRoutesTest, AnAnswerOf500IsAnAlarmUntilCleared) {
  EXPECT_EQ(Get(kAlarms).body, "{}");
  server::HttpRequest request;
  request.verb = server::Verb::kPut;
  request.target = "/some/path";
  server::HttpReply reply;
  reply.status = 503;  // Not our mistake.
  front().Finished(request, reply, std::chrono::microseconds(1));
  EXPECT_EQ(Get(kAlarms).body, "{}");
  reply.status = 500;
  front().Finished(request, reply, std::chrono::microseconds(1));
  EXPECT_EQ(Get(kAlarms).body, R"({"alarms":[{"status":"ACTIVATED","id":"InternalError",)"
                               R"("fields":{"detail":"PUT /some/path"}}]})");
  EXPECT_EQ(Delete(kAlarms).status, 200);
  EXPECT_EQ(Get(kAlarms).body, "{}");
}

TEST_F(AdminRoutesTest, ClustersAreThisProcess) {
  EXPECT_EQ(Get("/v4/default/admin/clusters").body, R"({"clusters":{"default":[]}})");
  RegisterSelf();
  EXPECT_EQ(Get("/v4/default/admin/clusters").body,
            R"({"clusters":{"default":["http://127.0.0.1:30100"]}})");
}

// An engine whose protection is on from the first lease that ends.
class ProtectionFieldTest : public RouteFixture {
 protected:
  ~ProtectionFieldTest() override { StopServing(); }

  Engine& served_engine() override { return *protected_; }

  const std::shared_ptr<ManualClock> time_ = ManualClock::Create();
  const std::unique_ptr<Engine> protected_ =
      Engine::Open(
          {.clock = time_, .registry = {.expiry_protection = {.enabled = true, .leases_min = 1}}})
          .value();
};

TEST_F(ProtectionFieldTest, IsThereWhileItIsOn) {
  Serve({});
  const std::string cart = AddService("cart");
  AddInstance(cart, "h1");
  const std::string find = std::string(kFind) + "?appId=shop&serviceName=cart";
  EXPECT_EQ(Get(find).Header("X-Skep-Expiry-Protection"), "(none)");
  time_->Advance(std::chrono::seconds(120));
  EXPECT_EQ(Get(find).Header("X-Skep-Expiry-Protection"), "on");
  EXPECT_THAT(Get("/metrics").body, HasSubstr("skep_expiry_protection 1"));
  time_->Advance(std::chrono::minutes(5));
  EXPECT_EQ(Get(find).Header("X-Skep-Expiry-Protection"), "(none)");
  EXPECT_THAT(Get("/metrics").body, HasSubstr("skep_kept_instances_total 1"));
}

}  // namespace
}  // namespace skep::testing
