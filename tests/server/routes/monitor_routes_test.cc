#include "server/routes/monitor_routes.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/server/routes/route_fixture.h"

namespace skep::testing {
namespace {

class MonitorRoutesTest : public RouteFixture {
 protected:
  static constexpr std::string_view kPath = "/v2/default/csemonitor/metric";

  static std::string Of(std::string_view service, std::string_view instance) {
    return std::string(R"({"name":"cart","serviceId":")")
        .append(service)
        .append(R"(","instanceId":")")
        .append(instance)
        .append(R"(","cpu":0.25})");
  }

  const std::string cart_ = AddService("cart");
};

TEST_F(MonitorRoutesTest, ReportIsReadInProcess) {
  const std::string id = AddInstance(cart_, "h1");
  const Answer answer = Post(kPath, Of(cart_, id));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  const auto latest =
      engine().registry().monitor().Latest(ServiceIdView(cart_), InstanceIdView(id));
  EXPECT_EQ(latest.value()->cpu, 0.25);
}

TEST_F(MonitorRoutesTest, Errors) {
  EXPECT_EQ(Post(kPath, "").ErrorCode(), "400001");
  EXPECT_EQ(Post(kPath, Of(cart_, "")).ErrorCode(), "400001");
  EXPECT_EQ(Post(kPath, Of(cart_, "nosuch")).ErrorCode(), "400017");
  EXPECT_EQ(Post(kPath, std::string(64 * 1024 + 1, ' ')).ErrorCode(), "400001");
}

}  // namespace
}  // namespace skep::testing
