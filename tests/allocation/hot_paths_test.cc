// What a service does thousands of times a second takes nothing from the heap.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "skep/skep.h"
#include "tests/allocation/counted_heap.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

constexpr int kTimes = 1'000;

// Allocations of the calling thread in kTimes calls. The first calls of all are not counted: they
// may give the thread its number, or note that a consumer depends on a provider.
template <class Fn>
std::uint64_t AllocationsIn(Fn&& fn) {
  fn();
  const std::uint64_t before = AllocationsOfThisThread();
  for (int i = 0; i < kTimes; ++i) fn();
  return AllocationsOfThisThread() - before;
}

class HotPathsTest : public EngineFixture {
 protected:
  Instances instances() { return registry().instances(); }
  MonotonicTime now() { return clock().Now(); }

  const ServiceId provider_ = AddService("cart");
  const ServiceId consumer_ = AddService("shop-front");
  const InstanceId instance_ = AddInstance(provider_, "h1");
};

TEST_F(HotPathsTest, TheCountIsOfThisThreadsAllocations) {
  // Called by name, since the compiler may leave out a new whose delete it sees.
  EXPECT_EQ(AllocationsIn([] { ::operator delete(::operator new(4)); }), kTimes);
  EXPECT_EQ(AllocationsIn([] { EXPECT_EQ(std::string(100, 'a').size(), 100U); }), kTimes);
}

TEST_F(HotPathsTest, HeartbeatByLeaseAllocatesNothing) {
  const LeaseRef lease = instances().Lease(provider_, instance_).value();
  EXPECT_EQ(AllocationsIn([&] { EXPECT_TRUE(instances().Renew(lease, now())); }), 0U);
}

TEST_F(HotPathsTest, HeartbeatByIdsAllocatesNothing) {
  const std::string hex = instance_.str();
  EXPECT_EQ(AllocationsIn([&] {
              EXPECT_TRUE(instances().Heartbeat(provider_, instance_).ok());
              EXPECT_TRUE(
                  instances().Heartbeat(ServiceIdView(provider_.str()), InstanceIdView(hex)).ok());
            }),
            0U);
}

TEST_F(HotPathsTest, HeartbeatOfAnIdThatTheClientChoseAllocatesNothing) {
  InstanceSpec spec{.host = "h2", .endpoints = {"rest://h2:8080"}};
  spec.id = InstanceId("an-id-of-the-clients-own-which-is-long");
  const InstanceId id = instances().Register(provider_, spec).value();
  EXPECT_EQ(AllocationsIn([&] { EXPECT_TRUE(instances().Heartbeat(provider_, id).ok()); }), 0U);
}

TEST_F(HotPathsTest, AnonymousFindAllocatesNothing) {
  EXPECT_EQ(AllocationsIn([&] {
              const auto found = registry().discovery().Find({.app_id = "shop", .name = "cart"});
              EXPECT_EQ(found->instances().size(), 1U);
            }),
            0U);
}

TEST_F(HotPathsTest, FindByAKnownConsumerAllocatesNothing) {
  EXPECT_EQ(AllocationsIn([&] {
              const auto found =
                  registry().discovery().Find(consumer_, {.app_id = "shop", .name = "cart"});
              EXPECT_EQ(found->instances().size(), 1U);
            }),
            0U);
}

}  // namespace
}  // namespace skep::testing
