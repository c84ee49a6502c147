#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using namespace std::chrono_literals;

class ExpiryProtectionTest : public EngineFixture {
 protected:
  ExpiryProtectionTest() {
    Reopen({.expiry_protection = {.enabled = true, .share = 0.5, .leases_min = 10, .hold = 300s}});
    cart_ = AddService("cart");
  }

  void AddInstances(int count) {
    for (int i = 0; i < count; ++i) {
      ids_.push_back(AddInstance(cart_, "h" + std::to_string(ids_.size())));
    }
  }
  void BeatAllFrom(std::size_t first) {
    for (std::size_t i = first; i < ids_.size(); ++i) {
      ASSERT_THAT(registry().instances().Heartbeat(cart_, ids_[i]), IsOk());
    }
  }
  std::size_t Live() { return registry().instances().List(cart_)->instances().size(); }
  bool IsOn() { return registry().expiry_protection_on(); }

  ServiceId cart_;
  std::vector<InstanceId> ids_;
};

TEST_F(ExpiryProtectionTest, KeepsAllUntilTheHoldIsOver) {
  AddInstances(10);
  clock().Advance(120s - 1ms);
  EXPECT_FALSE(IsOn());
  clock().Advance(1ms);
  EXPECT_TRUE(IsOn());
  EXPECT_EQ(Live(), 10U);
  EXPECT_EQ(engine().metrics().expiry_protections, 1U);
  EXPECT_EQ(engine().metrics().kept_instances, 10U);
  clock().Advance(300s - 1ms);
  EXPECT_TRUE(IsOn());
  EXPECT_EQ(Live(), 10U);
  clock().Advance(1ms);
  EXPECT_FALSE(IsOn());
  EXPECT_EQ(Live(), 0U);
  EXPECT_EQ(engine().metrics().expired_instances, 10U);
  EXPECT_EQ(engine().metrics().expiry_protections, 1U);
}

TEST_F(ExpiryProtectionTest, BeginsBeforeTheFirstIsLost) {
  // Each a second after the other: the first end sees that the rest is about to follow.
  for (int i = 0; i < 12; ++i) {
    AddInstances(1);
    clock().Advance(1s);
  }
  clock().Advance(110s);
  EXPECT_TRUE(IsOn());
  EXPECT_EQ(Live(), 12U);
}

TEST_F(ExpiryProtectionTest, WhoComesBackLivesOn) {
  AddInstances(10);
  clock().Advance(120s);
  ASSERT_TRUE(IsOn());
  for (int i = 0; i < 5; ++i) {
    clock().Advance(60s);
    BeatAllFrom(4);
  }
  EXPECT_FALSE(IsOn());
  EXPECT_EQ(Live(), 6U);
}

TEST_F(ExpiryProtectionTest, ASmallShareEndsAsEver) {
  AddInstances(10);
  clock().Advance(60s);
  BeatAllFrom(4);
  clock().Advance(60s);
  EXPECT_FALSE(IsOn());
  EXPECT_EQ(Live(), 6U);
}

TEST_F(ExpiryProtectionTest, FewLeasesEndAsEver) {
  AddInstances(9);
  clock().Advance(120s);
  EXPECT_FALSE(IsOn());
  EXPECT_EQ(Live(), 0U);
}

TEST_F(ExpiryProtectionTest, HealthyShortLeasesDoNotCount) {
  AddInstances(4);
  for (int i = 0; i < 10; ++i) {
    ids_.push_back(registry()
                       .instances()
                       .Register(cart_, {.host = "s" + std::to_string(i),
                                         .health_check = HealthCheck{.interval_s = 5}})
                       .value());
  }
  for (int i = 0; i < 24; ++i) {
    clock().Advance(5s);
    BeatAllFrom(4);
  }
  EXPECT_FALSE(IsOn());
  EXPECT_EQ(Live(), 10U);
}

TEST_F(ExpiryProtectionTest, UnregisteringWorksAndItStillEnds) {
  AddInstances(10);
  clock().Advance(120s);
  ASSERT_TRUE(IsOn());
  for (const InstanceId& id : ids_) {
    ASSERT_THAT(registry().instances().Unregister(cart_, id), IsOk());
  }
  EXPECT_EQ(Live(), 0U);
  EXPECT_TRUE(IsOn());
  clock().Advance(300s);
  EXPECT_FALSE(IsOn());
}

TEST_F(ExpiryProtectionTest, BeginsAnewAfterABetterTime) {
  AddInstances(10);
  clock().Advance(120s + 300s);
  ASSERT_EQ(Live(), 0U);
  ids_.clear();
  AddInstances(12);
  clock().Advance(60s);
  BeatAllFrom(1);
  clock().Advance(60s);  // One ends alone: a survey finds a small share.
  EXPECT_EQ(Live(), 11U);
  clock().Advance(60s);
  EXPECT_TRUE(IsOn());
  EXPECT_EQ(engine().metrics().expiry_protections, 2U);
}

using NoExpiryProtectionTest = EngineFixture;

TEST_F(NoExpiryProtectionTest, IsOffByDefault) {
  const ServiceId cart = AddService("cart");
  for (int i = 0; i < 30; ++i) AddInstance(cart, "h" + std::to_string(i));
  clock().Advance(120s);
  EXPECT_FALSE(registry().expiry_protection_on());
  EXPECT_EQ(registry().instances().List(cart)->instances().size(), 0U);
}

TEST(ExpiryProtectionOptions, AreChecked) {
  for (const double share : {0.0, -1.0, 1.5}) {
    EXPECT_THAT(Engine::Open({.registry = {.expiry_protection = {.share = share}}}),
                ErrorIs(EngineErrc::kInvalidOptions));
  }
  EXPECT_THAT(Engine::Open({.registry = {.expiry_protection = {.hold = Millis(0)}}}),
              ErrorIs(EngineErrc::kInvalidOptions));
}

}  // namespace
}  // namespace skep::testing
