// Expiry as on the system clock (timers are late on purpose, and ends come at a limited rate), on a
// clock that runs only as far as the test lets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/skep.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A clock for one thread that says it is not manual, and can be made to miss what is due.
class RunningClock final : public Clock {
 public:
  MonotonicTime Now() const override { return now_; }
  WallTime WallNow() const override { return WallTime(now_.time_since_epoch()); }
  bool is_manual() const override { return false; }

  TimerId Schedule(MonotonicTime due, std::function<void()> fn) override {
    const auto id = TimerId{++last_id_};
    calls_.emplace(std::pair(due, id), std::move(fn));
    return id;
  }
  void Cancel(TimerId id) override {
    std::erase_if(calls_, [id](const auto& call) { return call.first.second == id; });
  }

  void Run(Millis by) {
    const MonotonicTime end = now_ + by;
    while (!calls_.empty() && calls_.begin()->first.first <= end) {
      auto call = calls_.extract(calls_.begin());
      now_ = std::max(now_, call.key().first);
      call.mapped()();
    }
    now_ = end;
  }

  /// As when the process is stopped and goes on: what was due meanwhile comes late.
  void Stop(Millis by) {
    now_ += by;
    Run(Millis(0));
  }

  /// The calls that were not made yet.
  std::size_t owed() const { return calls_.size(); }

 private:
  MonotonicTime now_{hours(1)};
  std::uint64_t last_id_ = 0;
  std::map<std::pair<MonotonicTime, TimerId>, std::function<void()>> calls_;
};

class RunningClockTest : public ::testing::Test {
 protected:
  void Open(RegistryOptions options = {}) {
    engine_ =
        Engine::Open({.clock = clock_,
                      .log = [this](LogLevel, std::string_view line) { log_.emplace_back(line); },
                      .registry = std::move(options)})
            .value();
    service_ = engine_->registry().microservices().Register({.name = "cart"}).value();
  }

  InstanceId Add(int interval_s = 5) {
    InstanceSpec spec{.host = "h"};
    spec.health_check = HealthCheck{.interval_s = interval_s};
    return engine_->registry().instances().Register(service_, std::move(spec)).value();
  }

  std::size_t alive() const { return engine_->metrics().instances; }

  const std::shared_ptr<RunningClock> clock_ = std::make_shared<RunningClock>();
  std::vector<std::string> log_;
  std::unique_ptr<Engine> engine_;
  ServiceId service_;
};

// A lease ends at most a second late, whenever it began: the wheel may have stood still for long.
TEST_F(RunningClockTest, EndsWithinASecondAfterAnIdleTime) {
  for (const Millis idle : {Millis(0), Millis(40'000), Millis(70'000), Millis(500'000)}) {
    Open();
    clock_->Run(idle);
    const InstanceId id = Add();
    clock_->Run(milliseconds(19'999));
    EXPECT_EQ(alive(), 1u) << "after " << idle.count();
    clock_->Run(seconds(1));
    EXPECT_EQ(alive(), 0u) << "after " << idle.count();
    EXPECT_THAT(log_, ::testing::IsEmpty());
  }
}

// Ends that wait for their turn are no sign of a stopped process: whoever registers meanwhile makes
// no lease longer.
TEST_F(RunningClockTest, RegistrationsDuringManyEndsMakeNoLeaseLonger) {
  Open({.expiries_per_second_max = 6400});
  constexpr int kEnded = 20'000;
  for (int i = 0; i < kEnded; ++i) Add();
  clock_->Run(seconds(20));
  int rounds = 0;
  for (; engine_->metrics().expired_instances < kEnded && rounds < 200; ++rounds) {
    clock_->Run(milliseconds(100));
    Add();
  }
  EXPECT_THAT(log_, ::testing::IsEmpty());
  // 64 every 10 ms, the first of them within a quarter of a second: 3.1 to 3.4 s.
  EXPECT_GE(rounds, 31);
  EXPECT_LE(rounds, 35);
}

TEST_F(RunningClockTest, EndsAreNoMoreThanTheLimitAllows) {
  Open({.expiries_per_second_max = 500});
  for (int i = 0; i < 300; ++i) Add();
  clock_->Run(seconds(20) + milliseconds(250));
  const std::size_t before = alive();
  clock_->Run(milliseconds(100));
  EXPECT_EQ(before - alive(), 50u);
}

// After a stop of the process every lease is longer by as much as the first timer came late.
TEST_F(RunningClockTest, StopOfTheProcessMakesLeasesLonger) {
  Open();
  Add(5);                         // Of 20 s: its timer is the one that comes late.
  const InstanceId id = Add(30);  // Of 120 s.
  clock_->Run(seconds(10));
  clock_->Stop(seconds(300));
  EXPECT_THAT(log_, ::testing::SizeIs(1));
  clock_->Run(seconds(99));
  EXPECT_THAT(engine_->registry().instances().Get(service_, id), IsOk());
  clock_->Run(seconds(2));
  EXPECT_EQ(alive(), 0u);
}

// A closed engine leaves no call to itself with its clock, at whatever moment it is closed.
TEST_F(RunningClockTest, ClosedEngineOwesNothing) {
  for (int moment = 0; moment < 700; moment += 23) {
    Open({.expiries_per_second_max = 6400});
    for (int i = 0; i < 3000; ++i) Add();
    clock_->Run(seconds(20));
    for (int ms = 0; ms < moment; ++ms) {
      clock_->Run(milliseconds(1));
      Add();
    }
    engine_.reset();
    ASSERT_EQ(clock_->owed(), 0u) << "moment " << moment;
    clock_->Run(hours(1));
  }
}

}  // namespace
}  // namespace skep::testing
