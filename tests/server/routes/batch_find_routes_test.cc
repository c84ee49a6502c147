#include "server/routes/batch_find_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/server/routes/route_fixture.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;

class BatchFindRoutesTest : public RouteFixture {
 protected:
  static constexpr std::string_view kPath = "/v4/default/registry/instances/action?type=query";
  static constexpr std::string_view kCart =
      R"({"services":[{"service":{"appId":"shop","serviceName":"cart"}}]})";

  const std::string cart_ = AddService("cart");
};

TEST_F(BatchFindRoutesTest, SmallAndLargeListsHoldWhatFindSays) {
  for (int i = 0; i < 20; ++i) {
    AddInstance(cart_, "h" + std::to_string(i));
    const Answer find = Get(std::string(kFind) + "?appId=shop&serviceName=cart");
    const std::string rev = find.Header("X-Resource-Revision");
    EXPECT_EQ(Post(kPath, kCart).body, R"({"services":{"updated":[{"index":0,"rev":")" + rev +
                                           R"(",)" + find.body.substr(1) + "]}}");
  }
}

TEST_F(BatchFindRoutesTest, AllFailedIsStill200) {
  const Answer answer = Post(kPath, kCart, {{"X-ConsumerId", "nosuch"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.ErrorCode(), "400012");
}

TEST_F(BatchFindRoutesTest, RecordsForTheConsumer) {
  const std::string web = AddService("web");
  Post(kPath, kCart, {{"X-ConsumerId", web}});
  EXPECT_EQ(Get(std::string(kServices) + "/" + cart_ + "/consumers").Text("serviceId"), web);
}

TEST_F(BatchFindRoutesTest, Errors) {
  constexpr std::string_view kAction = "/v4/default/registry/instances/action";
  EXPECT_EQ(Post(kAction, kCart).ErrorCode(), "400001");
  EXPECT_EQ(Post(std::string(kAction) + "?type=delete", kCart).ErrorCode(), "400001");
  EXPECT_EQ(Post(kPath, "{}").ErrorCode(), "400001");
  EXPECT_EQ(Post(kPath, R"({"services":[{"service":{"appId":"shop"}}]})").ErrorCode(), "400001");
}

}  // namespace
}  // namespace skep::testing
