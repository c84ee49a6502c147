#include "server/routes/dependency_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/server/routes/route_fixture.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;

class DependencyRoutesTest : public RouteFixture {
 protected:
  static constexpr std::string_view kPath = "/v4/default/registry/dependencies";

  static std::string Body(std::string_view providers) {
    return std::string(R"({"dependencies":[{"consumer":{"appId":"shop","serviceName":"web",)"
                       R"("version":"0.0.1"},"providers":[)")
        .append(providers)
        .append("]}]}");
  }
  static std::string Of(std::string_view id, std::string_view what) {
    return std::string(kServices).append("/").append(id).append("/").append(what);
  }

  const std::string web_ = AddService("web");
  const std::string cart_ = AddService("cart");
};

TEST_F(DependencyRoutesTest, PostAddsAndPutOverrides) {
  const Answer added = Post(kPath, Body(R"({"serviceName":"cart"},{"serviceName":"web"})"));
  EXPECT_EQ(added.status, 200);
  EXPECT_EQ(added.body, "");
  EXPECT_EQ(added.Header("Deprecation"), "version=\"v4\"");
  EXPECT_THAT(Get(Of(web_, "providers")).body, HasSubstr(cart_));
  EXPECT_EQ(Get(Of(cart_, "consumers")).Text("serviceId"), web_);
  EXPECT_EQ(Get(Of(web_, "consumers?noSelf=1")).body, "{}");
  EXPECT_EQ(Get(Of(web_, "consumers?noSelf=true")).Text("serviceId"), web_);
  EXPECT_EQ(Put(kPath, Body("")).status, 200);
  EXPECT_EQ(Get(Of(web_, "providers?sameDomain=1")).body, "{}");
}

TEST_F(DependencyRoutesTest, Errors) {
  EXPECT_EQ(Post(kPath, Body("")).ErrorCode(), "400001");
  EXPECT_EQ(Put(kPath, "").ErrorCode(), "400001");
  EXPECT_EQ(Put(kPath, R"({"dependencies":[]})").ErrorCode(), "400001");
  EXPECT_EQ(Put("/v4/empty/registry/dependencies", Body("")).ErrorCode(), "400012");
  EXPECT_EQ(Get(Of("nosuch", "providers")).ErrorCode(), "400012");
  EXPECT_EQ(Get(Of("nosuch", "consumers")).ErrorCode(), "400012");
}

}  // namespace
}  // namespace skep::testing
