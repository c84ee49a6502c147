#include "base/timer_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

namespace skep::base {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

TEST(TimerGroup, CallsInDueOrder) {
  const auto clock = ManualClock::Create();
  std::vector<int> calls;
  TimerGroup group(clock.get());
  group.Schedule(clock->Now() + seconds(2), [&] { calls.push_back(2); });
  group.Schedule(clock->Now() + seconds(1), [&] { calls.push_back(1); });
  clock->Advance(seconds(3));
  EXPECT_THAT(calls, ElementsAre(1, 2));
}

TEST(TimerGroup, NothingIsCalledOnceItIsClosed) {
  const auto clock = ManualClock::Create();
  int calls = 0;
  TimerGroup group(clock.get());
  group.Schedule(clock->Now() + seconds(1), [&] { ++calls; });
  group.Close();
  group.Schedule(clock->Now() + seconds(1), [&] { ++calls; });
  clock->Advance(seconds(2));
  EXPECT_EQ(calls, 0);
}

TEST(TimerGroup, OthersOfTheClockGoOn) {
  const auto clock = ManualClock::Create();
  int calls = 0;
  TimerGroup other(clock.get());
  other.Schedule(clock->Now() + seconds(1), [&] { ++calls; });
  {
    TimerGroup group(clock.get());
    group.Schedule(clock->Now() + seconds(1), [&] { calls += 10; });
  }
  clock->Advance(seconds(2));
  EXPECT_EQ(calls, 1);
}

TEST(TimerGroup, ACallMayCloseIt) {
  const auto clock = ManualClock::Create();
  int calls = 0;
  TimerGroup group(clock.get());
  group.Schedule(clock->Now() + seconds(1), [&] {
    ++calls;
    group.Close();
  });
  group.Schedule(clock->Now() + seconds(2), [&] { ++calls; });
  clock->Advance(seconds(3));
  EXPECT_EQ(calls, 1);
}

// The running call has set its successor: the successor's id alone would not tell of it.
TEST(TimerGroup, CloseWaitsForTheRunningCall) {
  const auto clock = SystemClock::Create();
  TimerGroup group(clock.get());
  std::promise<void> started;
  std::promise<void> go_on;
  std::atomic<bool> ended = false;
  group.Schedule(clock->Now(), [&] {
    group.Schedule(clock->Now() + seconds(1000), [] {});
    started.set_value();
    go_on.get_future().wait();
    ended = true;
  });
  started.get_future().wait();
  std::thread other([&] { go_on.set_value(); });
  group.Close();
  EXPECT_TRUE(ended);
  other.join();
}

}  // namespace
}  // namespace skep::base
