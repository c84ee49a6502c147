// Expiry as on the system clock (timers are late on purpose, and ends come at a limited rate), on a
// clock that runs only as far as the test lets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "skep/skep.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A manual clock that says it is none, and counts the calls that it still owes.
class RunningClock final : public Clock {
 public:
  MonotonicTime Now() const override { return time_->Now(); }
  WallTime WallNow() const override { return time_->WallNow(); }
  bool is_manual() const override { return false; }

  TimerId Schedule(MonotonicTime due, std::function<void()> fn) override {
    const auto id = std::make_shared<TimerId>(TimerId::kNone);
    *id = time_->Schedule(due, [this, id, fn = std::move(fn)] {
      owed_.erase(*id);
      fn();
    });
    owed_.insert(*id);
    return *id;
  }
  void Cancel(TimerId id) override {
    owed_.erase(id);
    time_->Cancel(id);
  }

  void Run(Millis by) { time_->Advance(by); }
  std::size_t owed() const { return owed_.size(); }

 private:
  const std::shared_ptr<ManualClock> time_ = ManualClock::Create();
  std::set<TimerId> owed_;
};

class RunningClockTest : public ::testing::Test {
 protected:
  void Open(RegistryOptions options = {}) {
    engine_ = Engine::Open({.clock = clock_,
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
  Open({.expiries_per_second_max = 100});
  for (int i = 0; i < 2000; ++i) Add();
  clock_->Run(seconds(20));
  int rounds = 0;
  for (; alive() > 1 && rounds < 200; ++rounds) {
    clock_->Run(milliseconds(100));
    Add();
    EXPECT_THAT(engine_->registry().instances().Unregister(service_, Add()), IsOk());
  }
  EXPECT_THAT(log_, ::testing::IsEmpty());
  // Ends come in batches of 64 at least every 10 ms.
  EXPECT_LT(rounds, 10);
}

// A closed engine leaves no call to itself with its clock, at whatever moment it is closed.
TEST_F(RunningClockTest, ClosedEngineOwesNothing) {
  for (int moment = 0; moment < 40; ++moment) {
    Open({.expiries_per_second_max = 100});
    for (int i = 0; i < 500; ++i) Add();
    clock_->Run(seconds(20));
    clock_->Run(milliseconds(240 + moment));
    Add(6);
    clock_->Run(milliseconds(moment % 4));
    Add(5);
    engine_.reset();
    ASSERT_EQ(clock_->owed(), 0u) << "moment " << moment;
    clock_->Run(hours(1));
  }
}

}  // namespace
}  // namespace skep::testing
