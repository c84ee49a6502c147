#include "server/routes/instance_change_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/server/routes/route_fixture.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;

class InstanceChangeRoutesTest : public RouteFixture {
 protected:
  static constexpr std::string_view kStatus = "/v4/default/registry/instances/status";

  const std::string cart_ = AddService("cart");
  const std::string id_ = AddInstance(cart_, "h1");
  const std::string instance_ = InstanceOf(cart_, id_);
};

TEST_F(InstanceChangeRoutesTest, PropertiesOfTheInstanceInThePath) {
  const std::string other = AddInstance(cart_, "h2");
  const Answer answer =
      Put(instance_ + "/properties", R"({"instanceId":")" + other + R"(","properties":{"a":"1"}})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_THAT(Get(instance_).body, HasSubstr(R"("properties":{"a":"1"})"));
  EXPECT_EQ(Get(InstanceOf(cart_, other)).Text("a"), "");
}

TEST_F(InstanceChangeRoutesTest, PropertyErrors) {
  EXPECT_EQ(Put(InstanceOf(cart_, "nosuch") + "/properties", "{}").ErrorCode(), "400017");
  EXPECT_EQ(Put(instance_ + "/properties", "").ErrorCode(), "400001");
  const std::string large(3 * 1024, 'x');
  EXPECT_EQ(
      Put(instance_ + "/properties", R"({"properties":{"a":")" + large + R"("}})").ErrorCode(),
      "400001");
}

TEST_F(InstanceChangeRoutesTest, StatusOfManyByProperties) {
  Put(instance_ + "/properties", R"({"properties":{"zone":"1"}})");
  const std::string other = AddInstance(cart_, "h2");
  const Answer answer = Put(kStatus, R"({"matches":{"properties":{"zone":"1"}},"status":"DOWN"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(Get(instance_).Text("status"), "DOWN");
  EXPECT_EQ(Get(InstanceOf(cart_, other)).Text("status"), "UP");
}

TEST_F(InstanceChangeRoutesTest, StatusOfNobodyIsFine) {
  EXPECT_EQ(Put(kStatus, R"({"matches":{"properties":{"zone":"9"}},"status":"DOWN"})").status, 200);
  EXPECT_EQ(Put("/v4/empty/registry/instances/status", R"({"status":"DOWN"})").status, 200);
}

TEST_F(InstanceChangeRoutesTest, StatusIsValidated) {
  for (const char* body : {R"({"status":"BUSY"})", "{}", R"({"status":""})", ""}) {
    EXPECT_EQ(Put(kStatus, body).ErrorCode(), "400001") << body;
  }
  EXPECT_EQ(Get(instance_).Text("status"), "UP");
}

}  // namespace
}  // namespace skep::testing
