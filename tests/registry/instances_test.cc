#include "skep/registry/instances.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class InstancesTest : public EngineFixture {
 protected:
  Instances instances() { return registry().instances(); }
  Instance Get(ServiceIdView service, InstanceIdView id) {
    return instances().Get(service, id).value();
  }

  const ServiceId cart_ = AddService("cart");
};

TEST_F(InstancesTest, RegisterFillsInDefaults) {
  const auto id =
      instances().Register(cart_, {.host = "h1", .endpoints = {"rest://127.0.0.1:8080"}}).value();
  const Instance made = Get(cart_, id);
  EXPECT_EQ(made.id().str(), id.str());
  EXPECT_EQ(id.str().size(), 32U);
  EXPECT_EQ(made.service_id(), cart_.str());
  EXPECT_EQ(made.host(), "h1");
  EXPECT_THAT(std::vector<std::string>(made.endpoints().begin(), made.endpoints().end()),
              ElementsAre("rest://127.0.0.1:8080"));
  EXPECT_EQ(made.status(), InstanceStatus::kUp);
  EXPECT_TRUE(made.properties().empty());
  EXPECT_EQ(made.health_check_mode(), HealthCheckMode::kPush);
  EXPECT_EQ(made.health_check_interval_s(), 30);
  EXPECT_EQ(made.health_check_times(), 3);
  EXPECT_FALSE(made.has_data_center());
  EXPECT_EQ(made.version(), "0.0.1");
  EXPECT_EQ(made.lease(), 120s);
  EXPECT_EQ(made.revision(), id.revision);
}

TEST_F(InstancesTest, EveryFieldComesBack) {
  const auto id =
      instances()
          .Register(cart_, {.id = InstanceId("own-id"),
                            .host = "h",
                            .endpoints = {"rest://a:1", "highway://a:2"},
                            .status = InstanceStatus::kStarting,
                            .properties = {{"b", "2"}, {"a", "1"}},
                            .health_check =
                                HealthCheck{.port = 80, .interval_s = 10, .times = 5, .url = "/up"},
                            .data_center = DataCenterInfo{"dc", "r1", "az1"}})
          .value();
  const Instance made = Get(cart_, id);
  EXPECT_EQ(made.id().str(), "own-id");
  EXPECT_EQ(made.status(), InstanceStatus::kStarting);
  EXPECT_THAT(std::vector<std::string>(made.properties().begin(), made.properties().end()),
              ElementsAre("a", "1", "b", "2"));
  EXPECT_EQ(made.health_check_port(), 80);
  EXPECT_EQ(made.health_check_url(), "/up");
  EXPECT_EQ(made.lease(), 60s);
  EXPECT_EQ(made.data_center_name(), "dc");
  EXPECT_EQ(made.data_center_region(), "r1");
  EXPECT_EQ(made.data_center_zone(), "az1");
}

TEST_F(InstancesTest, LowPushValuesAreRaisedAndPullIsFixed) {
  const auto push =
      instances()
          .Register(cart_, {.host = "a", .health_check = HealthCheck{.interval_s = 1, .times = 0}})
          .value();
  EXPECT_EQ(Get(cart_, push).lease(), 20s);
  const auto pull =
      instances()
          .Register(cart_,
                    {.host = "b",
                     .health_check =
                         HealthCheck{.mode = HealthCheckMode::kPull, .interval_s = 7, .times = 9}})
          .value();
  EXPECT_EQ(Get(cart_, pull).lease(), 120s);
}

TEST_F(InstancesTest, EqualEndpointsOfAHostKeepTheId) {
  const auto first =
      instances().Register(cart_, {.host = "h", .endpoints = {"rest://a:1", "rest://a:2"}}).value();
  const Revision before = engine().revision();
  const auto again =
      instances().Register(cart_, {.host = "h", .endpoints = {"rest://a:1", "rest://a:2"}}).value();
  EXPECT_EQ(again.str(), first.str());
  EXPECT_EQ(engine().revision(), before) << "equal content is a heartbeat";
  const auto swapped =
      instances().Register(cart_, {.host = "h", .endpoints = {"rest://a:2", "rest://a:1"}}).value();
  EXPECT_EQ(swapped.str(), first.str()) << "a set has no order";
  const auto other =
      instances().Register(cart_, {.host = "i", .endpoints = {"rest://a:1", "rest://a:2"}}).value();
  EXPECT_NE(other.str(), first.str()) << "another host is another instance";
}

TEST_F(InstancesTest, EqualEndpointsKeepATextId) {
  instances()
      .Register(cart_, {.id = InstanceId("own"), .host = "h", .endpoints = {"rest://a:1"}})
      .value();
  const auto again =
      instances()
          .Register(cart_, {.host = "h", .endpoints = {"rest://a:1"}, .properties = {{"k", "v"}}})
          .value();
  EXPECT_EQ(again.str(), "own");
  EXPECT_EQ(Get(cart_, again).properties().size(), 2U);
  EXPECT_EQ(engine().metrics().instances, 1U);
}

TEST_F(InstancesTest, NoEndpointsAreNobodysEndpoints) {
  const auto a = instances().Register(cart_, {.host = "h"}).value();
  const auto b = instances().Register(cart_, {.host = "h"}).value();
  EXPECT_NE(a.str(), b.str());
}

// Of two live instances with the same endpoints, the one that is left keeps them.
TEST_F(InstancesTest, EndpointsOfATwinOutliveTheOther) {
  const InstanceSpec spec{.host = "h", .endpoints = {"rest://a:1"}};
  InstanceSpec one = spec;
  one.id = InstanceId("one");
  InstanceSpec two = spec;
  two.id = InstanceId("two");
  instances().Register(cart_, one).value();
  instances().Register(cart_, two).value();
  ASSERT_THAT(instances().Unregister(cart_, InstanceId("two")), IsOk());
  EXPECT_EQ(instances().Register(cart_, spec)->str(), "one");
}

TEST_F(InstancesTest, EndpointReuseCanBeTurnedOff) {
  Reopen({.reuse_id_of_equal_endpoints = false});
  const ServiceId cart = AddService("cart");
  EXPECT_NE(AddInstance(cart, "a"), AddInstance(cart, "a"));
}

TEST_F(InstancesTest, RegisterWithALiveIdOverwrites) {
  const auto id = instances().Register(cart_, {.id = InstanceId("own"), .host = "h1"}).value();
  const auto created = Get(cart_, id).created();
  clock().Advance(60s);
  const auto again = instances().Register(cart_, {.id = InstanceId("own"), .host = "h9"}).value();
  EXPECT_GT(again.revision, id.revision);
  const Instance now = Get(cart_, id);
  EXPECT_EQ(now.host(), "h9");
  EXPECT_EQ(now.created(), created);
  EXPECT_EQ(now.modified(), created + 60s);
  EXPECT_EQ(engine().metrics().instances, 1U);
}

TEST_F(InstancesTest, OneIdUnderTwoServicesIsTwoInstances) {
  const ServiceId pay = AddService("pay");
  const InstanceId id("0123456789abcdef0123456789abcdef");
  instances().Register(cart_, {.id = id, .host = "a"}).value();
  instances().Register(pay, {.id = id, .host = "b"}).value();
  EXPECT_EQ(Get(cart_, id).host(), "a");
  EXPECT_EQ(Get(pay, id).host(), "b");
  ASSERT_THAT(instances().Unregister(cart_, id), IsOk());
  EXPECT_THAT(instances().Heartbeat(cart_, id), ErrorIs(RegistryErrc::kInstanceNotExists));
  EXPECT_THAT(instances().Heartbeat(pay, id), IsOk());
}

TEST_F(InstancesTest, UnknownServiceIsTold) {
  EXPECT_THAT(instances().Register(ServiceId("nosuch"), {.host = "h"}),
              ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(instances().List(ServiceId("nosuch")), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(instances().Get(ServiceId("nosuch"), InstanceId("i")),
              ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(instances().Heartbeat(ServiceId("nosuch"), InstanceId("i")),
              ErrorIs(RegistryErrc::kInstanceNotExists));
}

TEST_F(InstancesTest, UnregisterEndsIt) {
  const InstanceId a = AddInstance(cart_, "a");
  const Revision revision = instances().Unregister(cart_, a).value();
  EXPECT_EQ(revision, engine().revision());
  EXPECT_THAT(instances().Unregister(cart_, a), ErrorIs(RegistryErrc::kInstanceNotExists));
  EXPECT_THAT(instances().Get(cart_, a), ErrorIs(RegistryErrc::kInstanceNotExists));
  EXPECT_THAT(instances().List(cart_)->instances(), IsEmpty());
}

TEST_F(InstancesTest, SetStatusIsSeenAndLeavesTheRest) {
  const InstanceId a = AddInstance(cart_, "a");
  const ListVersion before = instances().List(cart_)->version();
  clock().Advance(60s);
  const Revision revision = instances().SetStatus(cart_, a, InstanceStatus::kOutOfService).value();
  const Instance now = Get(cart_, a);
  EXPECT_EQ(now.status(), InstanceStatus::kOutOfService);
  EXPECT_EQ(now.revision(), revision);
  EXPECT_EQ(now.modified(), now.created() + 60s);
  EXPECT_EQ(now.host(), "a");
  EXPECT_NE(instances().List(cart_)->version(), before);
  EXPECT_EQ(AddInstance(cart_, "a"), a) << "its endpoints are still its own";
}

TEST_F(InstancesTest, SetStatusIsNoHeartbeat) {
  const InstanceId a = AddInstance(cart_, "a");
  clock().Advance(60s);
  ASSERT_THAT(instances().SetStatus(cart_, a, InstanceStatus::kDown), IsOk());
  clock().Advance(60s - 1ms);
  EXPECT_EQ(engine().metrics().instances, 1U);
  clock().Advance(1ms);
  EXPECT_EQ(engine().metrics().instances, 0U);
}

TEST_F(InstancesTest, SetStatusOfNobodyOrToNothing) {
  EXPECT_THAT(instances().SetStatus(cart_, InstanceId("nosuch"), InstanceStatus::kUp),
              ErrorIs(RegistryErrc::kInstanceNotExists));
  const InstanceId a = AddInstance(cart_, "a");
  EXPECT_THAT(instances().SetStatus(cart_, a, InstanceStatus::kUnset),
              ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(InstancesTest, QuotaHolds) {
  Reopen({.instances_max = 2});
  const ServiceId cart = AddService("cart");
  AddInstance(cart, "a");
  const InstanceId b = AddInstance(cart, "b");
  EXPECT_THAT(instances().Register(cart, {.host = "c"}), ErrorIs(RegistryErrc::kNotEnoughQuota));
  EXPECT_EQ(AddInstance(cart, "b"), b) << "one that is there needs no quota";
  ASSERT_THAT(instances().Unregister(cart, b), IsOk());
  EXPECT_THAT(instances().Register(cart, {.host = "c"}), IsOk());
}

TEST_F(InstancesTest, HeartbeatSetTellsWhoIsThere) {
  const InstanceId a = AddInstance(cart_, "a");
  const std::vector<HeartbeatTarget> targets = {
      {cart_, a}, {cart_, InstanceIdView("nosuch")}, {ServiceIdView("nosuch"), a}};
  EXPECT_THAT(instances().HeartbeatSet(targets), ElementsAre(true, false, false));
}

TEST_F(InstancesTest, HeartbeatChangesNoRevision) {
  const InstanceId a = AddInstance(cart_, "a");
  const Revision before = engine().revision();
  const ListVersion version = instances().List(cart_)->version();
  ASSERT_THAT(instances().Heartbeat(cart_, a), IsOk());
  EXPECT_EQ(engine().revision(), before);
  EXPECT_EQ(instances().List(cart_)->version(), version);
}

TEST_F(InstancesTest, ListHasOneServiceOnly) {
  const ServiceId newer = registry()
                              .microservices()
                              .Register({.app_id = "shop", .name = "cart", .version = "2"})
                              .value();
  AddInstance(cart_, "a");
  const InstanceId b = AddInstance(newer, "b");
  const FindResult list = instances().List(newer).value();
  ASSERT_THAT(list.instances(), SizeIs(1));
  EXPECT_EQ(list.instances()[0].id(), b);
  EXPECT_NE(list.version(), instances().List(cart_)->version());
  EXPECT_TRUE(instances().List(newer, {.known = list.version().str()})->not_modified());
}

TEST_F(InstancesTest, ConsumerOfAnotherAppSeesNothing) {
  const ServiceId bank =
      registry().microservices().Register({.app_id = "bank", .name = "rates"}).value();
  const InstanceId a = AddInstance(bank, "a");
  EXPECT_THAT(instances().List(bank, {.consumer = cart_}),
              ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(instances().Get(bank, a, cart_), ErrorIs(RegistryErrc::kInstanceNotExists));
  EXPECT_THAT(instances().Get(bank, a, ServiceId("nosuch")),
              ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(instances().Get(bank, a), IsOk());
}

TEST_F(InstancesTest, SameSeedSameIds) {
  auto open = [] { return Engine::Open({.clock = ManualClock::Create(), .id_seed = 7}).value(); };
  auto first_id = [](Engine& engine) {
    const auto cart = engine.registry().microservices().Register({.name = "cart"}).value();
    return engine.registry().instances().Register(cart, {.host = "a"})->str();
  };
  EXPECT_EQ(first_id(*open()), first_id(*open()));
}

}  // namespace
}  // namespace skep::testing
