#include "server/routes/config_v3_routes.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/server/routes/route_fixture.h"

// The former configuration center's path, answered from the present one's items.
namespace skep::server {
namespace {

using testing::Answer;

class ConfigV3Test : public testing::RouteFixture {
 protected:
  void Add(std::string key, std::string value, Labels labels,
           KvStatus status = KvStatus::kEnabled) {
    engine()
        .config()
        .Create({.key = std::move(key),
                 .value = std::move(value),
                 .labels = std::move(labels),
                 .status = status})
        .value();
  }

  Answer Items(std::string_view query, const Fields& fields = {}) {
    return Get(std::string("/v3/default/configuration/items?").append(query), fields);
  }
};

TEST_F(ConfigV3Test, EachScopeIsADimension) {
  Add("a", "1", {{"app", "mall"}, {"environment", ""}});
  Add("b", "2", {{"app", "mall"}, {"environment", ""}, {"service", "cart"}});
  Add("c", "3", {{"app", "mall"}, {"environment", ""}, {"service", "cart"}, {"version", "1.0.0"}});
  Add("d", "4", {{"app", "mall"}, {"environment", ""}, {"service", "other"}});
  Add("e", "5", {{"app", "mall"}, {"environment", ""}, {"service", "darklaunch"}});
  EXPECT_EQ(Items("dimensionsInfo=cart%40mall%231.0.0").body,
            R"({"application":{"a":"1"},"cart@mall":{"b":"2"},"darklaunch@mall":{"e":"5"},)"
            R"("cart@mall#1.0.0":{"c":"3"}})");
  EXPECT_EQ(Items("dimensionsInfo=other@mall").body,
            R"({"application":{"a":"1"},"other@mall":{"d":"4"},"darklaunch@mall":{"e":"5"}})");
  EXPECT_EQ(Items("dimensionsInfo=x@nosuch").body, "{}");
}

TEST_F(ConfigV3Test, TheEnvironmentIsALabel) {
  Add("a", "none", {{"app", "mall"}, {"environment", ""}});
  Add("a", "prod", {{"app", "mall"}, {"environment", "production"}});
  const auto with = [&](std::string_view environment) {
    return Items("dimensionsInfo=x@mall", {{"x-environment", environment}}).body;
  };
  EXPECT_EQ(with("production"), R"({"application":{"a":"prod"}})");
  EXPECT_EQ(with("testing"), "{}");
  EXPECT_EQ(with("nonsense"), R"({"application":{"a":"none"}})");
}

TEST_F(ConfigV3Test, DisabledItemsAndOtherKeysAreLeftOut) {
  Add("on.a", "1", {{"app", "mall"}, {"environment", ""}});
  Add("on.b", "2", {{"app", "mall"}, {"environment", ""}});
  Add("off", "3", {{"app", "mall"}, {"environment", ""}}, KvStatus::kDisabled);
  EXPECT_EQ(Items("dimensionsInfo=x@mall&keyFilter=a%24").body, R"({"application":{"on.a":"1"}})");
  EXPECT_EQ(Items("dimensionsInfo=x@mall").body, R"({"application":{"on.a":"1","on.b":"2"}})");
  EXPECT_EQ(Items("dimensionsInfo=x@mall&keyFilter=(").ErrorCode(), "400001");
}

TEST_F(ConfigV3Test, TheRevisionIsShownWhereOneIsSentAndEndsInNotModified) {
  Add("a", "1", {{"app", "mall"}, {"environment", ""}});
  for (const char* first : {"0", "null", "default"}) {
    EXPECT_EQ(Items(std::string("dimensionsInfo=x@mall&revision=") + first).body,
              R"({"application":{"a":"1"},"revision":{"version":"1"}})");
  }
  const Answer same = Items("dimensionsInfo=x@mall&revision=1");
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(Items("dimensionsInfo=x@mall").content_type, "application/json");
}

TEST_F(ConfigV3Test, BadDimensionsAreRefused) {
  for (const char* query : {"revision=0", "dimensionsInfo=", "dimensionsInfo=cart",
                            "dimensionsInfo=@mall", "dimensionsInfo=cart@&revision=0",
                            "dimensionsInfo=a%20b@mall", "dimensionsInfo=a%2Fb@mall"}) {
    EXPECT_EQ(Items(query).ErrorCode(), "400001") << query;
  }
}

TEST_F(ConfigV3Test, AFilterThatCannotBeReadIsRefused) {
  Add("a", "1", {{"app", "mall"}, {"environment", ""}});
  EXPECT_EQ(Items("dimensionsInfo=cart@mall&keyFilter=b").body, "{}");
  EXPECT_EQ(Items("dimensionsInfo=cart@mall&keyFilter=b%zz").ErrorCode(), "400001");
  EXPECT_EQ(Items("dimensionsInfo=cart@mall&keyFilter=b;c").ErrorCode(), "400001");
}

TEST_F(ConfigV3Test, ItsHealthIsAnswered) {
  EXPECT_EQ(Get("/v3/default/configuration/health?mode=readiness").status, 200);
}

}  // namespace
}  // namespace skep::server
