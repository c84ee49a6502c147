#include "server/routes/tag_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/server/routes/route_fixture.h"

namespace skep::server {
namespace {

using skep::testing::Answer;
using ::testing::HasSubstr;

class TagRoutes : public skep::testing::RouteFixture {
 protected:
  static std::string TagsOf(std::string_view service_id) {
    return std::string(kServices).append("/").append(service_id).append("/tags");
  }
};

TEST_F(TagRoutes, AddReadChangeDelete) {
  const std::string tags = TagsOf(AddService("cart"));
  EXPECT_EQ(Get(tags).body, "{}");
  const Answer added = Post(tags, R"({"tags":{"a":"x","b":"y"}})");
  EXPECT_EQ(added.status, 200);
  EXPECT_EQ(added.body, "");
  EXPECT_EQ(Put(tags + "/a?value=z").status, 200);
  EXPECT_EQ(Get(tags).body, R"({"tags":{"a":"z","b":"y"}})");
  EXPECT_EQ(Delete(tags + "/a,b").status, 200);
  EXPECT_EQ(Get(tags).body, "{}");
}

TEST_F(TagRoutes, ErrorsHaveTheirNumbers) {
  const std::string tags = TagsOf(AddService("cart"));
  Post(tags, R"({"tags":{"a":"x"}})");
  EXPECT_EQ(Put(tags + "/q?value=z").ErrorCode(), "400018");
  EXPECT_EQ(Put(tags + "/a?value=").ErrorCode(), "400001");
  EXPECT_EQ(Put(tags + "/a").ErrorCode(), "400001");
  EXPECT_EQ(Delete(tags + "/a,q").ErrorCode(), "400018");
  EXPECT_EQ(Delete(tags + "/a,").ErrorCode(), "400001");
  EXPECT_EQ(Post(tags, R"({"tags":{"1c":"x"}})").ErrorCode(), "400001");
  EXPECT_EQ(Post(tags, "").ErrorCode(), "400001");
  EXPECT_EQ(Get(tags).body, R"({"tags":{"a":"x"}})");
  const std::string none = TagsOf("nosuch");
  EXPECT_EQ(Get(none).ErrorCode(), "400012");
  EXPECT_EQ(Post(none, R"({"tags":{}})").ErrorCode(), "400012");
  EXPECT_EQ(Put(none + "/a?value=b").ErrorCode(), "400012");
  EXPECT_EQ(Delete(none + "/a").ErrorCode(), "400012");
}

TEST_F(TagRoutes, BodyOverTheLimitIsInvalid) {
  Serve({.body_bytes_max = 100});
  EXPECT_EQ(Post(TagsOf("s"), std::string(101, ' ')).Text("detail"),
            "http: request body too large");
}

TEST_F(TagRoutes, FindListAndGetFilterByKeys) {
  const std::string id = AddService("cart");
  const std::string instance = AddInstance(id, "h1");
  Post(TagsOf(id), R"({"tags":{"a":"x","b":"y"}})");
  const std::string find = std::string(kFind) + "?appId=shop&serviceName=cart&tags=";
  EXPECT_THAT(Get(find + "a,b").body, HasSubstr("h1"));
  EXPECT_EQ(Get(find + "a,c").body, "{}");
  EXPECT_EQ(Get(find + "1").ErrorCode(), "400001");
  EXPECT_THAT(Get(InstancesOf(id) + "?tags=a").body, HasSubstr("h1"));
  EXPECT_EQ(Get(InstancesOf(id) + "?tags=c").ErrorCode(), "400012");
  EXPECT_THAT(Get(InstanceOf(id, instance) + "?tags=a").body, HasSubstr("h1"));
  EXPECT_EQ(Get(InstanceOf(id, instance) + "?tags=a,c").ErrorCode(), "400017");
}

}  // namespace
}  // namespace skep::server
