#include "server/routes/router.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace skep::server {
namespace {

void Nothing(Call&) {}

constexpr Route kRoutes[] = {
    {Verb::kGet, "/a/{x}/c", "A", Nothing, Permission::kService, Priority::kFind},
    {Verb::kPut, "/a/{x}/c", "B", Nothing, Permission::kService, Priority::kFind},
    {Verb::kPost, "/a/b/{y}", "C", Nothing, Permission::kService, Priority::kFind, 10},
    {Verb::kGet, "/a", "D", Nothing, Permission::kService, Priority::kFind},
    {Verb::kGet, "/{x}/{y}/{z}/{w}", "E", Nothing, Permission::kService, Priority::kFind},
};

class RouterTest : public ::testing::Test {
 protected:
  RouteMatch Find(Verb verb, std::string_view text) {
    EXPECT_EQ(path_.Split(text), PathKind::kGood);
    return router_.Find(verb, path_);
  }
  std::string_view NameOf(Verb verb, std::string_view text) {
    const RouteMatch match = Find(verb, text);
    return match.route == nullptr ? "none" : match.route->name;
  }

  const Router router_{kRoutes};
  Path path_;
};

TEST_F(RouterTest, LiteralsMatchExactlyAndParametersAnything) {
  EXPECT_EQ(NameOf(Verb::kGet, "/a/1/c"), "A");
  EXPECT_EQ(NameOf(Verb::kPut, "/a/1/c"), "B");
  EXPECT_EQ(NameOf(Verb::kPost, "/a/b/c"), "C");
  EXPECT_EQ(NameOf(Verb::kGet, "/a"), "D");
  EXPECT_EQ(NameOf(Verb::kGet, "/A"), "none");
  EXPECT_EQ(NameOf(Verb::kGet, "/a/1"), "none");
  EXPECT_EQ(NameOf(Verb::kGet, "/a/1/c/d/e"), "none");
}

TEST_F(RouterTest, ParametersComeInOrder) {
  const RouteMatch match = Find(Verb::kGet, "/1/2/3/%34");
  EXPECT_EQ(match.parameters, (PathParameters{"1", "2", "3", "4"}));
}

TEST_F(RouterTest, AllowNamesEveryVerbOfThePath) {
  EXPECT_EQ(Find(Verb::kDelete, "/a/b/c").allow, "GET, PUT, POST");
  EXPECT_EQ(Find(Verb::kPatch, "/a/x/c").allow, "GET, PUT");
  EXPECT_EQ(Find(Verb::kHead, "/a").allow, "GET");
}

TEST_F(RouterTest, UnknownPathAllowsNothing) { EXPECT_EQ(Find(Verb::kGet, "/b").allow, ""); }

TEST_F(RouterTest, OwnBodyLimitsAreKnownByVerb) {
  EXPECT_TRUE(router_.HasOwnBodyLimits(Verb::kPost));
  EXPECT_FALSE(router_.HasOwnBodyLimits(Verb::kPut));
}

}  // namespace
}  // namespace skep::server
