#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LeasesTest : public EngineFixture {
 protected:
  std::size_t Live() { return registry().instances().List(cart_)->instances().size(); }

  const ServiceId cart_ = AddService("cart");
};

TEST_F(LeasesTest, EndToTheMillisecond) {
  AddInstance(cart_, "a");
  clock().Advance(120s - 1ms);
  EXPECT_EQ(Live(), 1U);
  clock().Advance(1ms);
  EXPECT_EQ(Live(), 0U);
  EXPECT_EQ(engine().metrics().expired_instances, 1U);
}

TEST_F(LeasesTest, HeartbeatGivesAFullPeriod) {
  const InstanceId a = AddInstance(cart_, "a");
  clock().Advance(100s);
  ASSERT_THAT(registry().instances().Heartbeat(cart_, a), IsOk());
  clock().Advance(120s - 1ms);
  EXPECT_EQ(Live(), 1U);
  clock().Advance(1ms);
  EXPECT_EQ(Live(), 0U);
}

TEST_F(LeasesTest, HeartbeatAfterTheEndIsTold) {
  const InstanceId a = AddInstance(cart_, "a");
  clock().Advance(120s);
  EXPECT_THAT(registry().instances().Heartbeat(cart_, a),
              ErrorIs(RegistryErrc::kInstanceNotExists));
}

TEST_F(LeasesTest, LeaseRefRenewsAndSeesTheEnd) {
  const InstanceId a = AddInstance(cart_, "a");
  const LeaseRef lease = registry().instances().Lease(cart_, a).value();
  for (int i = 0; i < 5; ++i) {
    clock().Advance(100s);
    EXPECT_TRUE(registry().instances().Renew(lease, engine().clock().Now()));
  }
  clock().Advance(120s);
  EXPECT_FALSE(registry().instances().Renew(lease, engine().clock().Now()));
}

TEST_F(LeasesTest, TextIdsHaveLeasesToo) {
  const auto own =
      registry().instances().Register(cart_, {.id = InstanceId("own"), .host = "a"}).value();
  clock().Advance(100s);
  ASSERT_THAT(registry().instances().Heartbeat(cart_, own), IsOk());
  clock().Advance(100s);
  EXPECT_EQ(Live(), 1U);
  clock().Advance(20s);
  EXPECT_EQ(Live(), 0U);
}

TEST_F(LeasesTest, RegisteringAgainRenewsAndTakesTheNewLease) {
  InstanceSpec spec{.id = InstanceId("own"), .host = "a"};
  registry().instances().Register(cart_, spec).value();
  clock().Advance(100s);
  spec.health_check = HealthCheck{.interval_s = 5};
  registry().instances().Register(cart_, spec).value();
  clock().Advance(20s - 1ms);
  EXPECT_EQ(Live(), 1U);
  clock().Advance(1ms);
  EXPECT_EQ(Live(), 0U);
}

TEST_F(LeasesTest, EqualContentRenews) {
  AddInstance(cart_, "a");
  clock().Advance(100s);
  AddInstance(cart_, "a");
  clock().Advance(100s);
  EXPECT_EQ(Live(), 1U);
}

TEST_F(LeasesTest, NoneNeverEnds) {
  registry().instances().Register(cart_, {.host = "a", .lease = LeaseMode::kNone}).value();
  clock().Advance(24h * 365);
  EXPECT_EQ(Live(), 1U);
}

TEST_F(LeasesTest, ExpiryIsAChangeLikeAnyOther) {
  AddInstance(cart_, "a");
  const std::string known =
      registry().discovery().Find({.app_id = "shop", .name = "cart"})->version().str();
  const Revision before = engine().revision();
  clock().Advance(120s);
  EXPECT_EQ(engine().revision(), before + 1);
  const auto found =
      registry().discovery().Find({.app_id = "shop", .name = "cart", .known = known}).value();
  EXPECT_FALSE(found.not_modified());
  EXPECT_THAT(found.instances(), IsEmpty());
}

// One Advance over many ends: each in its turn, whatever the order of registration.
TEST_F(LeasesTest, ManyEndInOneAdvance) {
  std::vector<InstanceId> ids;
  for (int i = 0; i < 1000; ++i) {
    ids.push_back(
        registry()
            .instances()
            .Register(cart_, {.host = "h" + std::to_string(i),
                              .health_check = HealthCheck{.interval_s = 5 + i * 37 % 500}})
            .value());
  }
  clock().Advance(1000s);
  // Leases are (5 .. 504) * 4 s; those of up to 250 s intervals have ended.
  std::size_t live = 0;
  for (int i = 0; i < 1000; ++i) {
    if ((5 + i * 37 % 500) * 4 > 1000) ++live;
  }
  EXPECT_EQ(Live(), live);
  clock().Advance(2000s);
  EXPECT_EQ(Live(), 0U);
}

TEST_F(LeasesTest, HundredsOfEnginesShareAClock) {
  std::vector<std::unique_ptr<Engine>> engines;
  const auto clock = ManualClock::Create();
  for (int i = 0; i < 100; ++i) {
    engines.push_back(Engine::Open({.clock = clock}).value());
    const auto id = engines.back()->registry().microservices().Register({.name = "x"}).value();
    engines.back()->registry().instances().Register(id, {.host = "h"}).value();
  }
  engines[3]->Close().value();
  clock->Advance(120s);
  EXPECT_EQ(engines[2]->metrics().instances, 0U);
  EXPECT_EQ(engines[3]->metrics().instances, 1U) << "closed: nothing ends any more";
}

}  // namespace
}  // namespace skep::testing
