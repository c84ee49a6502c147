// Leases under many threads: a heartbeat that was answered holds, an end comes once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "skep/skep.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using std::chrono::seconds;

constexpr int kThreads = 4;

// Beats every instance of its own once a round, while the other threads' registrations make the
// tables grow and shrink under it. Between the rounds most of a lease passes.
TEST(LeasesStress, NoHeartbeatIsLostWhileTablesGrow) {
  constexpr int kRounds = 12;
  constexpr std::size_t kOwn = 200;
  constexpr std::size_t kGuests = 1500;
  const auto clock = ManualClock::Create();
  const auto engine = Engine::Open({.clock = clock}).value();
  Registry& registry = engine->registry();
  const ServiceId service = registry.microservices().Register({.name = "cart"}).value();

  std::barrier round_done(kThreads, [&]() noexcept { clock->Advance(seconds(100)); });
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      Instances instances = engine->registry().instances();
      std::vector<InstanceId> own;
      for (std::size_t i = 0; i < kOwn; ++i) {
        own.push_back(instances.Register(service, {.host = "own"}).value());
      }
      for (int round = 0; round < kRounds; ++round) {
        std::vector<InstanceId> guests;
        for (std::size_t i = 0; i < kGuests; ++i) {
          guests.push_back(instances.Register(service, {.host = "guest"}).value());
          const InstanceId& id = own[i % kOwn];
          EXPECT_THAT(instances.Heartbeat(service, id), IsOk());
        }
        for (const InstanceId& id : guests) {
          EXPECT_THAT(instances.Unregister(service, id), IsOk());
        }
        round_done.arrive_and_wait();
      }
      for (const InstanceId& id : own) EXPECT_THAT(instances.Heartbeat(service, id), IsOk());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(engine->metrics().instances, kThreads * kOwn);
  EXPECT_EQ(engine->metrics().expired_instances, 0u);
}

// One thread moves time on, the others beat all instances; each ends at most once, and from then on
// no heartbeat is answered.
TEST(LeasesStress, AfterTheEndNoHeartbeatIsAnswered) {
  constexpr std::size_t kInstances = 400;
  const auto clock = ManualClock::Create();
  const auto engine = Engine::Open({.clock = clock}).value();
  Registry& registry = engine->registry();
  const ServiceId service = registry.microservices().Register({.name = "cart"}).value();
  std::vector<InstanceId> ids;
  for (std::size_t i = 0; i < kInstances; ++i) {
    InstanceSpec spec{.host = "h"};
    // Leases of 20 s to 420 s, half of them of instances whose ids are texts.
    spec.health_check = HealthCheck{.interval_s = 5 + static_cast<int>(i) / 4};
    if (i % 2 == 0) spec.id = InstanceId("text-" + std::to_string(i));
    ids.push_back(registry.instances().Register(service, std::move(spec)).value());
  }

  std::atomic<std::size_t> alive = kInstances;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      Instances instances = engine->registry().instances();
      std::vector<bool> ended(kInstances);
      while (alive > 0) {
        std::size_t count = 0;
        for (std::size_t i = 0; i < kInstances; ++i) {
          // Every other one is left alone.
          if (i % 4 >= 2) {
            const bool there = instances.Get(service, ids[i]).ok();
            EXPECT_FALSE(there && ended[i]);
            ended[i] = !there;
            count += there ? 1 : 0;
          } else if (!ended[i]) {
            ended[i] = !instances.Heartbeat(service, ids[i]).ok();
          } else {
            EXPECT_THAT(instances.Heartbeat(service, ids[i]),
                        ErrorIs(RegistryErrc::kInstanceNotExists));
          }
        }
        if (count == 0) alive = 0;
      }
    });
  }
  while (alive > 0) clock->Advance(seconds(1));
  for (std::thread& thread : threads) thread.join();
  clock->Advance(seconds(1000));
  EXPECT_EQ(engine->metrics().instances, 0u);
  EXPECT_EQ(engine->metrics().expired_instances, kInstances);
}

}  // namespace
}  // namespace skep::testing
