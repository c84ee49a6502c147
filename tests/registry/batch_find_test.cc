#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using ::testing::SizeIs;

class BatchFindTest : public EngineFixture {
 protected:
  Result<BatchFound> Find(std::vector<FindQuery> services,
                          std::vector<InstanceQuery> instances = {},
                          std::string_view consumer = {}) {
    return registry().discovery().BatchFind(ServiceIdView(consumer),
                                            {.services = services, .instances = instances});
  }

  const ServiceId cart_ = AddService("cart");
  const InstanceId a_ = AddInstance(cart_, "a");
};

TEST_F(BatchFindTest, EachElementByItself) {
  const Result<BatchFound> found =
      Find({{.app_id = "shop", .name = "cart"}, {.app_id = "shop", .name = "nope"}},
           {{cart_, a_}, {cart_, InstanceIdView("nosuch")}, {ServiceIdView("nosuch"), a_}});
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(found->services[0]->instances(), SizeIs(1));
  EXPECT_TRUE(found->services[0]->whole());
  EXPECT_THAT(found->services[1], ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_EQ(found->instances[0]->instances()[0].host(), "a");
  EXPECT_THAT(found->instances[1], ErrorIs(RegistryErrc::kInstanceNotExists));
  EXPECT_THAT(found->instances[2], ErrorIs(RegistryErrc::kServiceNotExists));
}

TEST_F(BatchFindTest, KnownVersions) {
  const Result<BatchFound> first = Find({{.app_id = "shop", .name = "cart"}}, {{cart_, a_}});
  const std::string list = first->services[0]->version().str();
  const std::string one = first->instances[0]->version().str();
  const auto again = [&] {
    return Find({{.app_id = "shop", .name = "cart", .known = list}}, {{cart_, a_, one}});
  };
  EXPECT_TRUE(again()->services[0]->not_modified());
  EXPECT_TRUE(again()->instances[0]->not_modified());
  ASSERT_THAT(registry().instances().SetStatus(cart_, a_, InstanceStatus::kDown), IsOk());
  EXPECT_FALSE(again()->services[0]->not_modified());
  EXPECT_FALSE(again()->instances[0]->not_modified());
}

TEST_F(BatchFindTest, AliasesAreNotFollowed) {
  ASSERT_THAT(
      registry().microservices().Register({.app_id = "shop", .name = "store", .alias = "depot"}),
      IsOk());
  const Result<BatchFound> found = Find({{.app_id = "shop", .name = "depot"}});
  EXPECT_THAT(found->services[0], ErrorIs(RegistryErrc::kServiceNotExists));
}

TEST_F(BatchFindTest, ServicesOfAConsumerAreRecorded) {
  const ServiceId web = AddService("web");
  ASSERT_THAT(Find({}, {{cart_, a_}}, web.str()), IsOk());
  EXPECT_THAT(registry().dependencies().Providers(web).value(), SizeIs(0));
  ASSERT_THAT(Find({{.app_id = "shop", .name = "cart"}}, {}, web.str()), IsOk());
  EXPECT_THAT(registry().dependencies().Providers(web).value(), SizeIs(1));
}

TEST_F(BatchFindTest, UnknownConsumerFailsEachElement) {
  const Result<BatchFound> found = Find({{.app_id = "shop", .name = "cart"}}, {{cart_, a_}}, "no");
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(found->services[0], ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(found->instances[0], ErrorIs(RegistryErrc::kServiceNotExists));
}

TEST_F(BatchFindTest, OneBadElementSpoilsAll) {
  const FindQuery good{.app_id = "shop", .name = "cart"};
  EXPECT_THAT(Find({good, {.app_id = "shop"}}), ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_THAT(Find({good, {.environment = "moon", .app_id = "shop", .name = "cart"}}),
              ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_THAT(Find({good}, {{cart_, InstanceIdView("")}}), ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_THAT(Find({}), ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_THAT(Find(std::vector<FindQuery>(kBatchFindElementsMax + 1, good)),
              ErrorIs(RegistryErrc::kInvalidParams));
}

}  // namespace
}  // namespace skep::testing
