#include "skep/clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace skep {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ManualClock, StartsAtTheYear2024AndStandsStill) {
  using namespace std::chrono;
  const auto clock = ManualClock::Create();
  EXPECT_TRUE(clock->is_manual());
  EXPECT_EQ(clock->WallNow(), WallTime(sys_days(year(2024) / January / 1)));
  EXPECT_EQ(clock->Now(), clock->Now());
}

TEST(ManualClock, AdvanceMovesBothTimesByTheSame) {
  const auto clock = ManualClock::Create();
  const MonotonicTime now = clock->Now();
  const WallTime wall = clock->WallNow();
  clock->Advance(hours(30));
  EXPECT_EQ(clock->Now() - now, hours(30));
  EXPECT_EQ(clock->WallNow() - wall, hours(30));
}

TEST(ManualClock, AdvanceByLessThanAMillisecondAddsUp) {
  const auto clock = ManualClock::Create();
  const MonotonicTime start = clock->Now();
  for (int i = 0; i < 3; ++i) clock->Advance(nanoseconds(400'000));
  EXPECT_EQ(clock->Now() - start, milliseconds(1));
  for (int i = 0; i < 2; ++i) clock->Advance(nanoseconds(400'000));
  EXPECT_EQ(clock->Now() - start, milliseconds(2));
}

TEST(ManualClock, AdvanceByANegativeTimeStaysAndRunsWhatIsDue) {
  const auto clock = ManualClock::Create();
  const MonotonicTime start = clock->Now();
  int calls = 0;
  clock->Schedule(start, [&] { ++calls; });
  clock->Advance(seconds(-5));
  EXPECT_EQ(clock->Now(), start);
  EXPECT_EQ(calls, 1);
}

TEST(ManualClock, CallsRunInDueOrderEachAtItsTime) {
  const auto clock = ManualClock::Create();
  const MonotonicTime start = clock->Now();
  std::vector<std::string> calls;
  auto call = [&](const char* name) {
    return [&, name] { calls.push_back(name + std::to_string((clock->Now() - start).count())); };
  };
  clock->Schedule(start + milliseconds(300), call("c"));
  clock->Schedule(start + milliseconds(100), call("a"));
  clock->Schedule(start + milliseconds(200), call("b"));
  clock->Schedule(start + milliseconds(200), call("bb"));
  clock->Schedule(start + milliseconds(301), call("late"));
  clock->Advance(milliseconds(300));
  EXPECT_THAT(calls, ElementsAre("a100", "b200", "bb200", "c300"));
  EXPECT_EQ(clock->Now() - start, milliseconds(300));
}

TEST(ManualClock, ScheduleInThePastRunsAtTheNextAdvanceAndNotWithinSchedule) {
  const auto clock = ManualClock::Create();
  bool called = false;
  clock->Schedule(clock->Now() - seconds(5), [&] { called = true; });
  EXPECT_FALSE(called);
  clock->Advance(nanoseconds(0));
  EXPECT_TRUE(called);
}

TEST(ManualClock, CallsAddedOnTheWayRunInTheSameAdvance) {
  const auto clock = ManualClock::Create();
  const MonotonicTime start = clock->Now();
  std::vector<std::int64_t> times;
  std::function<void()> every_second = [&] {
    times.push_back((clock->Now() - start) / seconds(1));
    clock->Schedule(clock->Now() + seconds(1), every_second);
  };
  clock->Schedule(start + seconds(1), every_second);
  clock->Advance(milliseconds(3500));
  EXPECT_THAT(times, ElementsAre(1, 2, 3));
}

TEST(ManualClock, CancelledDoesNotRun) {
  const auto clock = ManualClock::Create();
  bool called = false;
  const Clock::TimerId id = clock->Schedule(clock->Now() + seconds(1), [&] { called = true; });
  clock->Cancel(id);
  clock->Advance(seconds(2));
  EXPECT_FALSE(called);
}

TEST(ManualClock, CancelOfUnknownAndPastIdsIsFine) {
  const auto clock = ManualClock::Create();
  const Clock::TimerId id = clock->Schedule(clock->Now(), [] {});
  clock->Advance(seconds(1));
  clock->Cancel(id);
  clock->Cancel(Clock::TimerId::kNone);
  clock->Cancel(Clock::TimerId{4711});
}

TEST(ManualClock, CancelOfNoTimerIsFine) {
  const auto clock = ManualClock::Create();
  clock->Cancel(Clock::TimerId::kNone);
  SystemClock::Create()->Cancel(Clock::TimerId::kNone);
}

TEST(ManualClock, CallMayCancelItselfAndOthers) {
  const auto clock = ManualClock::Create();
  std::vector<int> calls;
  Clock::TimerId self = Clock::TimerId::kNone;
  Clock::TimerId other = Clock::TimerId::kNone;
  self = clock->Schedule(clock->Now() + seconds(1), [&] {
    calls.push_back(1);
    clock->Cancel(self);
    clock->Cancel(other);
  });
  other = clock->Schedule(clock->Now() + seconds(2), [&] { calls.push_back(2); });
  clock->Advance(seconds(3));
  EXPECT_THAT(calls, ElementsAre(1));
}

TEST(ManualClock, TwoAdvancesAtOnceRunOneAfterTheOther) {
  const auto clock = ManualClock::Create();
  const MonotonicTime start = clock->Now();
  int running = 0;  // Not atomic: calls run one at a time, under the eyes of the thread sanitizer.
  int calls = 0;
  for (int i = 1; i <= 100; ++i) {
    clock->Schedule(start + milliseconds(i), [&] {
      EXPECT_EQ(++running, 1);
      ++calls;
      --running;
    });
  }
  std::thread other([&] { clock->Advance(milliseconds(50)); });
  clock->Advance(milliseconds(50));
  other.join();
  EXPECT_EQ(calls, 100);
  EXPECT_EQ(clock->Now() - start, milliseconds(100));
}

TEST(SystemClock, IsNotManualAndDoesNotFall) {
  const auto clock = SystemClock::Create();
  EXPECT_FALSE(clock->is_manual());
  const MonotonicTime first = clock->Now();
  EXPECT_LE(first, clock->Now());
  EXPECT_GT(clock->WallNow().time_since_epoch(), hours(24 * 365 * 50));
}

TEST(SystemClock, DueCallsRunInOrderOnOneOtherThread) {
  const auto clock = SystemClock::Create();
  std::promise<void> go;
  std::promise<void> done;
  std::vector<int> calls;
  std::vector<std::thread::id> threads;
  auto call = [&](int name) {
    return [&, name] {
      calls.push_back(name);
      threads.push_back(std::this_thread::get_id());
    };
  };
  const MonotonicTime now = clock->Now();
  // The first call holds the thread up until all others are in the queue.
  clock->Schedule(now - seconds(4), [&] { go.get_future().wait(); });
  clock->Schedule(now - seconds(1), call(3));
  clock->Schedule(now - seconds(3), call(1));
  clock->Schedule(now - seconds(2), call(2));
  clock->Schedule(now, [&] { done.set_value(); });
  go.set_value();
  done.get_future().wait();
  EXPECT_THAT(calls, ElementsAre(1, 2, 3));
  EXPECT_EQ(threads.front(), threads.back());
  EXPECT_NE(threads.front(), std::this_thread::get_id());
}

TEST(SystemClock, FutureCallRunsNotBeforeItsTime) {
  const auto clock = SystemClock::Create();
  const MonotonicTime due = clock->Now() + milliseconds(20);
  std::promise<MonotonicTime> ran_at;
  clock->Schedule(due + hours(1), [] { FAIL() << "an hour early"; });
  clock->Schedule(due, [&] { ran_at.set_value(clock->Now()); });
  EXPECT_GE(ran_at.get_future().get(), due);
}

TEST(SystemClock, CancelWaitsForTheRunningCall) {
  const auto clock = SystemClock::Create();
  std::promise<void> started;
  std::promise<void> go_on;
  std::atomic<bool> ended = false;
  const Clock::TimerId id = clock->Schedule(clock->Now(), [&] {
    started.set_value();
    go_on.get_future().wait();
    ended = true;
  });
  started.get_future().wait();
  std::thread other([&] { go_on.set_value(); });
  clock->Cancel(id);
  EXPECT_TRUE(ended);
  other.join();
}

TEST(SystemClock, CancelWithinItsOwnCallReturnsAtOnce) {
  const auto clock = SystemClock::Create();
  std::promise<Clock::TimerId> id;
  std::promise<void> done;
  id.set_value(clock->Schedule(clock->Now(), [&] {
    clock->Cancel(id.get_future().get());
    done.set_value();
  }));
  done.get_future().wait();
}

TEST(SystemClock, WhatACallHoldsIsFreedBeforeCancelReturns) {
  const auto clock = SystemClock::Create();
  const auto held = std::make_shared<int>(1);
  std::promise<void> started;
  const Clock::TimerId id =
      clock->Schedule(clock->Now(), [held, &started] { started.set_value(); });
  started.get_future().wait();
  clock->Cancel(id);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(SystemClock, EndsWithCallsStillWaiting) {
  const auto held = std::make_shared<int>(1);
  {
    const auto clock = SystemClock::Create();
    clock->Schedule(clock->Now() + hours(1), [held] { FAIL() << "an hour early"; });
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace skep
