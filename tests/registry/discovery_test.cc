#include "skep/registry/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class DiscoveryTest : public EngineFixture {
 protected:
  Discovery discovery() { return registry().discovery(); }

  ServiceId Add(std::string app, std::string name, std::string version = "1.0.0",
                std::string environment = {}, Properties properties = {}) {
    return registry()
        .microservices()
        .Register({.app_id = std::move(app),
                   .name = std::move(name),
                   .version = std::move(version),
                   .properties = std::move(properties),
                   .environment = std::move(environment)})
        .value();
  }

  std::vector<std::string> Hosts(const FindResult& found) {
    std::vector<std::string> hosts;
    for (const Instance& instance : found.instances()) hosts.emplace_back(instance.host());
    return hosts;
  }
};

TEST_F(DiscoveryTest, FindsAllVersionsOfItsEnvironment) {
  AddInstance(Add("shop", "pay", "1.0.0"), "h1");
  AddInstance(Add("shop", "pay", "2.0.0"), "h2");
  AddInstance(Add("shop", "pay", "1.0.0", "production"), "h3");
  EXPECT_THAT(Hosts(discovery().Find({.app_id = "shop", .name = "pay"}).value()),
              UnorderedElementsAre("h1", "h2"));
  EXPECT_THAT(
      Hosts(
          discovery().Find({.environment = "production", .app_id = "shop", .name = "pay"}).value()),
      UnorderedElementsAre("h3"));
}

TEST_F(DiscoveryTest, NoInstancesIsAnEmptyAnswer) {
  Add("shop", "pay");
  const FindResult found = discovery().Find({.app_id = "shop", .name = "pay"}).value();
  EXPECT_THAT(found.instances(), IsEmpty());
  EXPECT_FALSE(found.version().str().empty());
}

TEST_F(DiscoveryTest, UnknownAndInvalidAreTwoErrors) {
  EXPECT_THAT(discovery().Find({.app_id = "shop", .name = "nope"}),
              ErrorIs(RegistryErrc::kServiceNotExists, HasSubstr("/shop/nope")));
  EXPECT_THAT(discovery().Find({.app_id = "shop", .name = ""}),
              ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_THAT(discovery().Find({.app_id = "", .name = "pay"}),
              ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_THAT(discovery().Find({.environment = "x", .app_id = "shop", .name = "pay"}),
              ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_THAT(discovery().Find({.app_id = "shop", .name = "a b"}),
              ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(DiscoveryTest, KnownVersionIsNotModifiedUntilAChange) {
  const ServiceId pay = Add("shop", "pay");
  const InstanceId a = AddInstance(pay, "a");
  const std::string known = discovery().Find({.app_id = "shop", .name = "pay"})->version().str();
  const FindQuery query{.app_id = "shop", .name = "pay", .known = known};
  EXPECT_TRUE(discovery().Find(query)->not_modified());
  ASSERT_THAT(registry().instances().Heartbeat(pay, a), IsOk());
  EXPECT_TRUE(discovery().Find(query)->not_modified());
  ASSERT_THAT(registry().instances().Unregister(pay, a), IsOk());
  EXPECT_FALSE(discovery().Find(query)->not_modified());
  EXPECT_FALSE(discovery().Find({.app_id = "shop", .name = "pay", .known = "123"})->not_modified());
}

TEST_F(DiscoveryTest, ResultOutlivesTheChange) {
  const ServiceId pay = Add("shop", "pay");
  const InstanceId a = AddInstance(pay, "a");
  const FindResult before = discovery().Find({.app_id = "shop", .name = "pay"}).value();
  ASSERT_THAT(registry().instances().Unregister(pay, a), IsOk());
  ASSERT_THAT(before.instances(), SizeIs(1));
  EXPECT_EQ(before.instances()[0].host(), "a");
}

TEST_F(DiscoveryTest, AliasFindsWhereNothingHasTheName) {
  const auto pay =
      registry().microservices().Register({.app_id = "shop", .name = "pay", .alias = "p"}).value();
  AddInstance(pay, "a");
  EXPECT_THAT(Hosts(discovery().Find({.app_id = "shop", .name = "p"}).value()),
              UnorderedElementsAre("a"));
  AddInstance(Add("shop", "p"), "b");
  EXPECT_THAT(Hosts(discovery().Find({.app_id = "shop", .name = "p"}).value()),
              UnorderedElementsAre("b"));
}

TEST_F(DiscoveryTest, AliasAnswerMovesWithItsInstances) {
  const auto pay =
      registry().microservices().Register({.app_id = "shop", .name = "pay", .alias = "p"}).value();
  EXPECT_THAT(discovery().Find({.app_id = "shop", .name = "p"})->instances(), IsEmpty());
  AddInstance(pay, "a");
  EXPECT_THAT(discovery().Find({.app_id = "shop", .name = "p"})->instances(), SizeIs(1));
  clock().Advance(120s);
  EXPECT_THAT(discovery().Find({.app_id = "shop", .name = "p"})->instances(), IsEmpty());
}

TEST_F(DiscoveryTest, ConsumerSetsTheEnvironment) {
  const ServiceId web = Add("shop", "web", "1.0.0", "testing");
  AddInstance(Add("shop", "stock", "1.0.0", "testing"), "t");
  AddInstance(Add("shop", "stock", "1.0.0", "production"), "p");
  EXPECT_THAT(Hosts(discovery()
                        .Find(web, {.environment = "production", .app_id = "shop", .name = "stock"})
                        .value()),
              UnorderedElementsAre("t"));
}

TEST_F(DiscoveryTest, EnvironmentIsCheckedThoughAnotherCounts) {
  const ServiceId web = Add("shop", "web");
  AddInstance(Add("shop", "stock"), "h");
  const FindQuery query{.environment = "staging", .app_id = "shop", .name = "stock"};
  EXPECT_THAT(discovery().Find(web, query),
              ErrorIs(RegistryErrc::kInvalidParams, HasSubstr("invalid env \"staging\"")));
  Add("default", "SERVICECENTER", "1.0.0", "development");
  const FindQuery shared{.environment = "staging", .app_id = "default", .name = "SERVICECENTER"};
  EXPECT_THAT(discovery().Find(shared), ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(DiscoveryTest, OtherAppsAreHiddenUnlessTheyOpenUp) {
  const ServiceId web = Add("shop", "web");
  AddInstance(Add("bank", "stock"), "closed");
  AddInstance(Add("bank", "rates", "1", {}, {{"allowCrossApp", "TRUE"}}), "open");
  AddInstance(Add("bank", "rates", "2"), "half");
  EXPECT_THAT(discovery().Find(web, {.app_id = "bank", .name = "stock"})->instances(), IsEmpty());
  const FindResult seen = discovery().Find(web, {.app_id = "bank", .name = "rates"}).value();
  EXPECT_THAT(Hosts(seen), UnorderedElementsAre("open"));
  const FindResult all = discovery().Find({.app_id = "bank", .name = "rates"}).value();
  EXPECT_THAT(Hosts(all), UnorderedElementsAre("open", "half"));
  EXPECT_NE(seen.version(), all.version()) << "different answers, different versions";
}

TEST_F(DiscoveryTest, UnknownConsumerIsAnErrorAndNobodyIsNone) {
  Add("shop", "pay");
  EXPECT_THAT(discovery().Find(ServiceId("nosuch"), {.app_id = "shop", .name = "pay"}),
              ErrorIs(RegistryErrc::kServiceNotExists, HasSubstr("Consumer[nosuch]")));
  EXPECT_THAT(discovery().Find(ServiceId(""), {.app_id = "shop", .name = "pay"}), IsOk());
}

TEST_F(DiscoveryTest, FirstFindRecordsTheDependencyAndOthersWriteNothing) {
  const ServiceId web = Add("shop", "web");
  const ServiceId pay = Add("shop", "pay");
  const Revision before = engine().revision();
  discovery().Find(web, {.app_id = "shop", .name = "pay"}).value();
  EXPECT_EQ(engine().revision(), before + 1);
  discovery().Find(web, {.app_id = "shop", .name = "pay"}).value();
  EXPECT_EQ(engine().revision(), before + 1);
  EXPECT_THAT(registry().microservices().Delete(pay), ErrorIs(RegistryErrc::kServiceHasConsumers));
}

TEST_F(DiscoveryTest, HiddenProviderIsNoDependency) {
  const ServiceId web = Add("shop", "web");
  const ServiceId bank = Add("bank", "stock");
  discovery().Find(web, {.app_id = "bank", .name = "stock"}).value();
  EXPECT_THAT(registry().microservices().Delete(bank), IsOk());
}

TEST_F(DiscoveryTest, ProviderFoundByAliasIsRecordedByItsName) {
  const ServiceId web = Add("shop", "web");
  const auto pay =
      registry().microservices().Register({.app_id = "shop", .name = "pay", .alias = "p"}).value();
  discovery().Find(web, {.app_id = "shop", .name = "p"}).value();
  EXPECT_THAT(registry().microservices().Delete(pay), ErrorIs(RegistryErrc::kServiceHasConsumers));
}

TEST_F(DiscoveryTest, SharedServicesAreFoundWhoeverAsks) {
  const ServiceId web = Add("shop", "web", "1.0.0", "testing");
  const ServiceId center = Add("default", "SERVICECENTER", "1.0.0", "development");
  AddInstance(center, "sc");
  const FindQuery query{.app_id = "default", .name = "SERVICECENTER"};
  EXPECT_THAT(Hosts(discovery().Find(query).value()), UnorderedElementsAre("sc"));
  EXPECT_THAT(Hosts(discovery().Find(web, query).value()), UnorderedElementsAre("sc"));
  EXPECT_THAT(engine().registry({"default", "other"}).discovery().Find(query),
              ErrorIs(RegistryErrc::kServiceNotExists));
}

TEST_F(DiscoveryTest, TagsThatNobodyHasSelectNothing) {
  AddInstance(Add("shop", "pay"), "a");
  const std::vector<std::string_view> tags = {"a"};
  const FindResult none = discovery().Find({.app_id = "shop", .name = "pay", .tags = tags}).value();
  EXPECT_THAT(none.instances(), IsEmpty());
  EXPECT_NE(none.version(), discovery().Find({.app_id = "shop", .name = "pay"})->version());
  const std::vector<std::string_view> bad = {"1a"};
  EXPECT_THAT(discovery().Find({.app_id = "shop", .name = "pay", .tags = bad}),
              ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(DiscoveryTest, ReregisteredFamilyNeverRepeatsAVersion) {
  const ServiceId pay = Add("shop", "pay");
  const std::string known = discovery().Find({.app_id = "shop", .name = "pay"})->version().str();
  ASSERT_THAT(registry().microservices().Delete(pay), IsOk());
  Add("shop", "pay");
  EXPECT_FALSE(discovery().Find({.app_id = "shop", .name = "pay", .known = known})->not_modified());
}

}  // namespace
}  // namespace skep::testing
