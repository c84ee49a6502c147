// Engines that come and go while their clock runs on: none leaves a timer behind that would call
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
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

void OpenUseAndClose(const std::shared_ptr<Clock>& clock, int instances) {
  EngineOptions options{.clock = clock};
  options.registry.interval_s_min = 1;
  options.registry.times_min = 0;
  options.registry.expiries_per_second_max = 100;
  const auto engine = Engine::Open(std::move(options)).value();
  Registry& registry = engine->registry();
  const ServiceId service = registry.microservices().Register({.name = "cart"}).value();
  for (int i = 0; i < instances; ++i) {
    InstanceSpec spec{.host = "h" + std::to_string(i)};
    spec.health_check = HealthCheck{.interval_s = 1 + i % 3, .times = 0};
    EXPECT_THAT(registry.instances().Register(service, std::move(spec)), IsOk());
  }
}

void ComeAndGo(const std::shared_ptr<Clock>& clock, int rounds) {
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&clock, rounds, t] {
      for (int round = 0; round < rounds; ++round) OpenUseAndClose(clock, 10 * t + round % 100);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(EnginesStress, ComeAndGoOnAClockThatIsMoved) {
  const auto clock = ManualClock::Create();
  std::atomic<bool> stop = false;
  std::thread mover([&] {
    while (!stop) clock->Advance(Millis(100));
  });
  ComeAndGo(clock, 60);
  stop = true;
  mover.join();
  clock->Advance(seconds(1000));
}

TEST(EnginesStress, ComeAndGoOnTheSystemClock) { ComeAndGo(SystemClock::Create(), 60); }

TEST(EnginesStress, ComeAndGoEachWithAClockOfItsOwn) { ComeAndGo(nullptr, 60); }

}  // namespace
}  // namespace skep::testing
