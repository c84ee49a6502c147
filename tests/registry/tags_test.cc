#include "skep/registry/tags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Keys = std::vector<std::string_view>;

class TagsTest : public EngineFixture {
 protected:
  Tags tags() { return registry().tags(); }

  std::vector<std::string> Hosts(const FindResult& found) {
    std::vector<std::string> hosts;
    for (const Instance& instance : found.instances()) hosts.emplace_back(instance.host());
    return hosts;
  }
};

TEST_F(TagsTest, ReplaceSetAndDelete) {
  const ServiceId cart = AddService("cart");
  EXPECT_THAT(*tags().Get(cart).value(), IsEmpty());
  ASSERT_THAT(tags().Replace(cart, {{"a", "x"}, {"b", "y"}}), IsOk());
  ASSERT_THAT(tags().Set(cart, "a", "z"), IsOk());
  EXPECT_EQ(*tags().Get(cart).value(), (Properties{{"a", "z"}, {"b", "y"}}));
  ASSERT_THAT(tags().Replace(cart, {{"b", "w"}, {"c", "x"}}), IsOk());
  EXPECT_EQ(*tags().Get(cart).value(), (Properties{{"b", "w"}, {"c", "x"}}));
  ASSERT_THAT(tags().Delete(cart, Keys{"b", "c"}), IsOk());
  EXPECT_THAT(*tags().Get(cart).value(), IsEmpty());
}

TEST_F(TagsTest, DeleteIsAllOrNothing) {
  const ServiceId cart = AddService("cart");
  ASSERT_THAT(tags().Replace(cart, {{"a", "x"}, {"b", "y"}}), IsOk());
  EXPECT_THAT(tags().Delete(cart, Keys{"a", "q"}),
              ErrorIs(RegistryErrc::kTagNotExists, HasSubstr("\"q\"")));
  EXPECT_EQ(*tags().Get(cart).value(), (Properties{{"a", "x"}, {"b", "y"}}));
  EXPECT_THAT(tags().Delete(cart, Keys{"a", "a"}), IsOk()) << "twice the same is that one";
}

TEST_F(TagsTest, SetKnowsOnlyWhatIsThere) {
  const ServiceId cart = AddService("cart");
  EXPECT_THAT(tags().Set(cart, "a", "x"), ErrorIs(RegistryErrc::kTagNotExists));
  EXPECT_THAT(*tags().Get(cart).value(), IsEmpty());
}

TEST_F(TagsTest, KeysAndValuesFollowTheRule) {
  const ServiceId cart = AddService("cart");
  const std::string longest(64, 'a');
  EXPECT_THAT(tags().Replace(cart, {{longest, longest}}), IsOk());
  for (const std::string& bad : {std::string(65, 'a'), std::string("1c"), std::string(""),
                                 std::string("a b"), std::string("_a")}) {
    EXPECT_THAT(tags().Replace(cart, {{bad, "x"}}), ErrorIs(RegistryErrc::kInvalidParams)) << bad;
    EXPECT_THAT(tags().Replace(cart, {{"x", bad}}), ErrorIs(RegistryErrc::kInvalidParams)) << bad;
    EXPECT_THAT(tags().Set(cart, longest, bad), ErrorIs(RegistryErrc::kInvalidParams)) << bad;
    EXPECT_THAT(tags().Delete(cart, Keys{bad}), ErrorIs(RegistryErrc::kInvalidParams)) << bad;
  }
  EXPECT_THAT(tags().Delete(cart, {}), ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_EQ(*tags().Get(cart).value(), (Properties{{longest, longest}}));
}

TEST_F(TagsTest, TheirNumberHasALimit) {
  Reopen({.tags_max = 2});
  const ServiceId cart = AddService("cart");
  EXPECT_THAT(tags().Replace(cart, {{"a", "x"}, {"b", "x"}}), IsOk());
  EXPECT_THAT(tags().Replace(cart, {{"a", "x"}, {"b", "x"}, {"c", "x"}}),
              ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(TagsTest, UnknownMicroserviceIsAnError) {
  const ServiceId no("nosuch");
  EXPECT_THAT(tags().Get(no), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(tags().Replace(no, {}), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(tags().Set(no, "a", "b"), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(tags().Delete(no, Keys{"a"}), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(tags().Get(ServiceId("a b")), ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(TagsTest, FindSelectsMicroservicesThatHaveAllKeys) {
  const auto v1 = registry().microservices().Register({.app_id = "shop", .name = "pay"}).value();
  const auto v2 = registry()
                      .microservices()
                      .Register({.app_id = "shop", .name = "pay", .version = "2"})
                      .value();
  AddInstance(v1, "h1");
  AddInstance(v2, "h2");
  ASSERT_THAT(tags().Replace(v1, {{"a", "x"}}), IsOk());
  ASSERT_THAT(tags().Replace(v2, {{"a", "x"}, {"b", "x"}}), IsOk());
  const ServiceId web = AddService("web");
  const auto discovery = registry().discovery();
  for (const auto& consumer : {ServiceId(), web}) {
    const auto hosts = [&](const Keys& keys) {
      return Hosts(
          discovery.Find(consumer, {.app_id = "shop", .name = "pay", .tags = keys}).value());
    };
    EXPECT_THAT(hosts({"a"}), UnorderedElementsAre("h1", "h2"));
    EXPECT_THAT(hosts({"a", "b"}), UnorderedElementsAre("h2"));
    EXPECT_THAT(hosts({"c"}), IsEmpty());
  }
}

TEST_F(TagsTest, ListAndGetAskForTheKeysToo) {
  const ServiceId pay = AddService("pay");
  const InstanceId h1 = AddInstance(pay, "h1");
  ASSERT_THAT(tags().Replace(pay, {{"a", "x"}}), IsOk());
  const auto instances = registry().instances();
  const ServiceIdView nobody{std::string_view()};
  EXPECT_THAT(instances.List(pay, {.tags = Keys{"a"}}), IsOk());
  EXPECT_THAT(instances.List(pay, {.tags = Keys{"b"}}), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(instances.Get(pay, h1, nobody, Keys{"a"}), IsOk());
  EXPECT_THAT(instances.Get(pay, h1, nobody, Keys{"a", "b"}),
              ErrorIs(RegistryErrc::kInstanceNotExists));
  EXPECT_THAT(instances.Get(pay, h1, nobody, Keys{"1"}), ErrorIs(RegistryErrc::kInvalidParams));
}

// A change of tags alters what a caller with a filter is told, so every version moves; equal tags
// are no change.
TEST_F(TagsTest, VersionsMoveWithEveryChangeAlone) {
  const ServiceId pay = AddService("pay");
  AddInstance(pay, "h1");
  const auto find = [&] {
    return registry().discovery().Find({.app_id = "shop", .name = "pay"})->version().str();
  };
  std::string before = find();
  ASSERT_THAT(tags().Replace(pay, {}), IsOk());
  EXPECT_EQ(find(), before);
  ASSERT_THAT(tags().Replace(pay, {{"a", "x"}}), IsOk());
  EXPECT_NE(find(), before);
  before = find();
  const Revision revision = engine().revision();
  ASSERT_THAT(tags().Replace(pay, {{"a", "x"}}), IsOk());
  ASSERT_THAT(tags().Set(pay, "a", "x"), IsOk());
  EXPECT_EQ(find(), before);
  EXPECT_EQ(engine().revision(), revision);
  ASSERT_THAT(tags().Delete(pay, Keys{"a"}), IsOk());
  EXPECT_NE(find(), before);
}

TEST_F(TagsTest, TimeOfModificationStays) {
  const ServiceId pay = AddService("pay");
  clock().Advance(std::chrono::seconds(5));
  ASSERT_THAT(tags().Replace(pay, {{"a", "x"}}), IsOk());
  const MicroservicePtr record = registry().microservices().Get(pay).value();
  EXPECT_EQ(record->modified, record->created);
}

TEST_F(TagsTest, TheyEndWithTheMicroservice) {
  const ServiceId pay = AddService("pay");
  ASSERT_THAT(tags().Replace(pay, {{"a", "x"}}), IsOk());
  ASSERT_THAT(registry().microservices().Delete(pay), IsOk());
  EXPECT_THAT(*tags().Get(AddService("pay")).value(), IsEmpty());
}

}  // namespace
}  // namespace skep::testing
