#include "skep/registry/microservices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MicroservicesTest : public EngineFixture {
 protected:
  Microservices services() { return registry().microservices(); }

  ExistenceQuery Query(std::string_view name, std::string_view version = "0.0.1") {
    return {.app_id = "shop", .name = name, .version = version};
  }
};

TEST_F(MicroservicesTest, RegisterFillsInDefaults) {
  const auto id = services().Register({.name = "bare"}).value();
  const MicroservicePtr bare = services().Get(id).value();
  EXPECT_EQ(bare->app_id, "default");
  EXPECT_EQ(bare->version, "0.0.1");
  EXPECT_EQ(bare->level, ServiceLevel::kBack);
  EXPECT_EQ(bare->status, ServiceStatus::kUp);
  EXPECT_EQ(bare->environment, "");
  EXPECT_EQ(bare->created, std::chrono::sys_days(std::chrono::year(2024) / 1 / 1));
  EXPECT_EQ(bare->modified, bare->created);
  EXPECT_EQ(bare->revision, id.revision);
}

// The manual's own examples: ids are the SHA-1 of the key, so clients may compare them across
// servers.
TEST_F(MicroservicesTest, IdIsTheHashOfTheKey) {
  EXPECT_EQ(services().Register({.app_id = "default", .name = "test", .version = "1.0.0"})->str(),
            "8aed80ea052ac04a64dfc79c24f2170224d074f5");
  EXPECT_EQ(services().Register({.app_id = "test", .name = "test1", .version = "1.0.0"})->str(),
            "dcc6c1073eab3cadb47cea2e1a874b7883b02a63");
  EXPECT_EQ(services()
                .Register({.app_id = "default",
                           .name = "SERVICECENTER",
                           .version = "2.4.8",
                           .environment = "development"})
                ->str(),
            "819706e21b7173306797d19922ce4231441c17c5");
}

TEST_F(MicroservicesTest, RegisterAgainChangesNothing) {
  const auto id =
      services().Register({.app_id = "shop", .name = "cart", .description = "a"}).value();
  const Revision before = engine().revision();
  const auto again =
      services().Register({.app_id = "shop", .name = "cart", .description = "b"}).value();
  EXPECT_EQ(again.str(), id.str());
  EXPECT_EQ(again.revision, id.revision);
  EXPECT_EQ(engine().revision(), before);
  EXPECT_EQ(services().Get(id).value()->description, "a");
}

TEST_F(MicroservicesTest, GivenIdIsKept) {
  const Microservice own{.id = ServiceId("my-own"), .app_id = "shop", .name = "own"};
  EXPECT_EQ(services().Register(own)->str(), "my-own");
  EXPECT_EQ(services().Register(own)->str(), "my-own");
  EXPECT_EQ(services().Register({.app_id = "shop", .name = "own"})->str(), "my-own");
}

TEST_F(MicroservicesTest, AnotherIdForTheSameKeyIsAConflict) {
  const auto id = services().Register({.app_id = "shop", .name = "own"}).value();
  const auto other =
      services().Register({.id = ServiceId("other"), .app_id = "shop", .name = "own"});
  ASSERT_THAT(other, ErrorIs(RegistryErrc::kServiceAlreadyExists));
  EXPECT_EQ(other.error().rests_on(), id.revision);
}

TEST_F(MicroservicesTest, TakenIdForAnotherKeyIsAConflict) {
  services().Register({.id = ServiceId("x"), .app_id = "shop", .name = "own"}).value();
  EXPECT_THAT(services().Register({.id = ServiceId("x"), .app_id = "shop", .name = "own2"}),
              ErrorIs(RegistryErrc::kServiceAlreadyExists));
}

TEST_F(MicroservicesTest, OwnerOfTheAliasIsReturned) {
  const auto owner =
      services().Register({.app_id = "shop", .name = "long-name", .alias = "shop:short"}).value();
  const auto other =
      services().Register({.app_id = "shop", .name = "other", .alias = "shop:short"}).value();
  EXPECT_EQ(other.str(), owner.str());
  EXPECT_THAT(services().Exists(Query("other")), ErrorIs(RegistryErrc::kServiceNotExists));
}

TEST_F(MicroservicesTest, ExistsByNameThenByAlias) {
  const auto id =
      services().Register({.app_id = "shop", .name = "long-name", .alias = "shop:short"}).value();
  EXPECT_EQ(services().Exists(Query("long-name")).value(), id);
  EXPECT_EQ(services().Exists(Query("shop:short")).value(), id);
  EXPECT_THAT(services().Exists(Query("long-name", "2.0.0")),
              ErrorIs(RegistryErrc::kServiceVersionNotExists));
  EXPECT_THAT(services().Exists(Query("nope")), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(services().Exists(Query("long-name", "latest")),
              ErrorIs(RegistryErrc::kInvalidParams));
}

// Versions are texts: 1.0 is not 1.0.0.
TEST_F(MicroservicesTest, ExistsComparesVersionsAsTexts) {
  services().Register({.app_id = "shop", .name = "cart", .version = "1.0"}).value();
  EXPECT_THAT(services().Exists(Query("cart", "1.0.0")),
              ErrorIs(RegistryErrc::kServiceVersionNotExists));
}

TEST_F(MicroservicesTest, EnvironmentsAreApart) {
  services().Register({.app_id = "shop", .name = "cart", .environment = "production"}).value();
  EXPECT_THAT(services().Exists(Query("cart")), ErrorIs(RegistryErrc::kServiceNotExists));
}

TEST_F(MicroservicesTest, GetOfUnknownNamesIdAndTenant) {
  EXPECT_THAT(services().Get(ServiceId("nosuch")),
              ErrorIs(RegistryErrc::kServiceNotExists, HasSubstr("\"nosuch\" in default/default")));
  EXPECT_THAT(services().Get(ServiceId("")), ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_THAT(services().Get(ServiceId("a b")), ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(MicroservicesTest, TenantsAreApart) {
  Registry other = engine().registry({"acme", "shop"});
  const auto here = services().Register({.id = ServiceId("x"), .name = "cart"}).value();
  EXPECT_THAT(other.microservices().List(), IsEmpty());
  EXPECT_THAT(other.microservices().Get(here), ErrorIs(RegistryErrc::kServiceNotExists));
  const auto there = other.microservices()
                         .Register({.id = ServiceId("x"), .name = "cart", .version = "2"})
                         .value();
  EXPECT_EQ(other.microservices().Get(there).value()->version, "2");
  EXPECT_EQ(services().Get(here).value()->version, "0.0.1");
}

TEST_F(MicroservicesTest, ReadingAnUnknownTenantMakesNone) {
  EXPECT_THAT(engine().registry({"no", "one"}).microservices().List(), IsEmpty());
  EXPECT_EQ(engine().metrics().tenants, 1U);
}

TEST_F(MicroservicesTest, TenantsHaveALimit) {
  Reopen({.tenants_max = 2});
  EXPECT_THAT(engine().registry({"a", "b"}).microservices().Register({.name = "x"}), IsOk());
  EXPECT_THAT(engine().registry({"a", "c"}).microservices().Register({.name = "x"}),
              ErrorIs(RegistryErrc::kNotEnoughQuota));
  EXPECT_THAT(engine().registry({"", "c"}).microservices().Register({.name = "x"}),
              ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(MicroservicesTest, ListHidesSharedOnes) {
  services().Register({.name = "SERVICECENTER", .environment = "development"}).value();
  AddService("cart");
  EXPECT_THAT(services().List(), SizeIs(1));
  EXPECT_THAT(services().List(SharedServices::kShow), SizeIs(2));
}

// Wire compatibility: the quota is asked before anything else.
TEST_F(MicroservicesTest, QuotaRefusesEvenWhatExists) {
  Reopen({.services_max = 1});
  EXPECT_THAT(services().Register({.name = "SERVICECENTER"}), IsOk());  // Shared: not counted.
  EXPECT_THAT(services().Register({.name = "one"}), IsOk());
  EXPECT_THAT(services().Register({.name = "two"}), ErrorIs(RegistryErrc::kNotEnoughQuota));
  EXPECT_THAT(services().Register({.name = "one"}), ErrorIs(RegistryErrc::kNotEnoughQuota));
}

TEST_F(MicroservicesTest, DeleteMakesRoomForTheSameKey) {
  const ServiceId cart = AddService("cart");
  const Revision deleted = services().Delete(cart).value();
  EXPECT_EQ(deleted, engine().revision());
  EXPECT_THAT(services().Get(cart), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(services().Delete(cart), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(services().List(), IsEmpty());
  EXPECT_EQ(AddService("cart"), cart);
}

TEST_F(MicroservicesTest, DeleteIsRefusedWhileInstancesLive) {
  const ServiceId cart = AddService("cart");
  const InstanceId a = AddInstance(cart, "a");
  EXPECT_THAT(services().Delete(cart), ErrorIs(RegistryErrc::kServiceHasInstances));
  ASSERT_THAT(services().Delete(cart, DeleteMode::kForce), IsOk());
  EXPECT_THAT(registry().instances().Heartbeat(cart, a), ErrorIs(RegistryErrc::kInstanceNotExists));
  EXPECT_EQ(engine().metrics().instances, 0U);
}

TEST_F(MicroservicesTest, DeleteIsRefusedWhileOthersDependOnIt) {
  const ServiceId web = AddService("web");
  const ServiceId cart = AddService("cart");
  registry().discovery().Find(web, {.app_id = "shop", .name = "cart"}).value();
  EXPECT_THAT(services().Delete(cart), ErrorIs(RegistryErrc::kServiceHasConsumers));
  ASSERT_THAT(services().Delete(web), IsOk());
  EXPECT_THAT(services().Delete(cart), IsOk());
}

TEST_F(MicroservicesTest, FindingItselfDoesNotHoldIt) {
  const ServiceId self = AddService("self");
  registry().discovery().Find(self, {.app_id = "shop", .name = "self"}).value();
  EXPECT_THAT(services().Delete(self), IsOk());
}

TEST_F(MicroservicesTest, PropertiesAreReplacedAsAWhole) {
  const auto id =
      services()
          .Register({.app_id = "shop", .name = "cart", .properties = {{"a", "1"}, {"b", "2"}}})
          .value();
  clock().Advance(std::chrono::seconds(5));
  const Revision changed = services().SetProperties(id, {{"c", "3"}}).value();
  const MicroservicePtr cart = services().Get(id).value();
  EXPECT_EQ(cart->properties, (Properties{{"c", "3"}}));
  EXPECT_EQ(cart->modified, cart->created + std::chrono::seconds(5));
  EXPECT_EQ(cart->revision, changed);
  ASSERT_THAT(services().SetProperties(id, {}), IsOk());
  EXPECT_THAT(services().Get(id).value()->properties, IsEmpty());
  EXPECT_THAT(services().SetProperties(ServiceId("nosuch"), {}),
              ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(services().SetProperties(ServiceId("a b"), {}),
              ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(MicroservicesTest, PropertiesOpenAndCloseAMicroserviceToOtherApps) {
  const ServiceId web = AddService("web");
  const auto rates = services().Register({.app_id = "bank", .name = "rates"}).value();
  AddInstance(rates, "h");
  const FindQuery query{.app_id = "bank", .name = "rates"};
  const auto find = [&] { return registry().discovery().Find(web, query).value(); };
  const std::string before = find().version().str();
  ASSERT_THAT(services().SetProperties(rates, {{"x", "y"}}), IsOk());
  EXPECT_EQ(find().version().str(), before) << "no other answer, no other version";
  ASSERT_THAT(services().SetProperties(rates, {{"allowCrossApp", "True"}}), IsOk());
  EXPECT_THAT(find().instances(), SizeIs(1));
  ASSERT_THAT(services().SetProperties(rates, {}), IsOk());
  EXPECT_THAT(find().instances(), IsEmpty());
}

TEST_F(MicroservicesTest, DeleteManyTellsOfEach) {
  const ServiceId a = AddService("a");
  const ServiceId b = AddService("b");
  AddInstance(b, "h");
  const std::vector<std::string_view> ids = {a.str(), b.str(), "nosuch", a.str()};
  const auto done = services().DeleteMany(ids).value();
  ASSERT_THAT(done, SizeIs(3)) << "an id that comes twice once";
  EXPECT_EQ(done[0].id, a.str());
  EXPECT_THAT(done[0].deleted, IsOk());
  EXPECT_THAT(done[1].deleted, ErrorIs(RegistryErrc::kServiceHasInstances));
  EXPECT_THAT(done[2].deleted, ErrorIs(RegistryErrc::kServiceNotExists));
  const std::vector<std::string_view> left = {b.str()};
  EXPECT_THAT(services().DeleteMany(left, DeleteMode::kForce).value()[0].deleted, IsOk());
  EXPECT_THAT(services().List(), IsEmpty());
}

TEST_F(MicroservicesTest, DeleteManyOfABadIdDeletesNone) {
  const ServiceId a = AddService("a");
  const std::vector<std::string_view> ids = {a.str(), "x y"};
  EXPECT_THAT(services().DeleteMany(ids), ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_THAT(services().DeleteMany({}), ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_THAT(services().Get(a), IsOk());
}

TEST_F(MicroservicesTest, WhatStandsForTheProcessIsNotDeleted) {
  const auto center = services().Register({.name = "SERVICECENTER"}).value();
  const auto own =
      registry().instances().Register(center, {.host = "h", .lease = LeaseMode::kNone}).value();
  EXPECT_THAT(services().Delete(center, DeleteMode::kForce), ErrorIs(RegistryErrc::kInvalidParams));
  ASSERT_THAT(registry().instances().Unregister(center, own), IsOk());
  EXPECT_THAT(services().Delete(center), IsOk());
}

}  // namespace
}  // namespace skep::testing
