#include "skep/clock.h"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/mutex.h"

namespace skep {
namespace {

using base::CondVar;
using base::Mutex;
using base::MutexLock;

// Scheduled calls in due order, and the rule that Cancel waits for a running one.
class TimerQueue {
 public:
  Clock::TimerId Add(MonotonicTime due, std::function<void()> fn)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    const auto id = Clock::TimerId{++last_id_};
    due_of_.emplace(id, due);
    calls_.emplace(std::pair(due, id), std::move(fn));
    return id;
  }

  void Cancel(Clock::TimerId id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    if (id == Clock::TimerId::kNone) return;  // As running_ is while nothing runs.
    if (const auto at = due_of_.find(id); at != due_of_.end()) {
      calls_.erase(std::pair(at->second, id));
      due_of_.erase(at);
      return;
    }
    while (running_ == id && runner_ != std::this_thread::get_id()) ended_.Wait(&mu);
  }

  std::optional<MonotonicTime> NextDue() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    if (calls_.empty()) return std::nullopt;
    return calls_.begin()->first.first;
  }

  // Runs the first call, with `mu` released meanwhile.
  void RunFirst() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    const auto first = calls_.begin();
    running_ = first->first.second;
    runner_ = std::this_thread::get_id();
    std::function<void()> fn = std::move(first->second);
    due_of_.erase(running_);
    calls_.erase(first);
    mu.Unlock();
    fn();
    fn = nullptr;
    mu.Lock();
    running_ = Clock::TimerId::kNone;
    ended_.NotifyAll();
  }

  Mutex mu;

 private:
  std::uint64_t last_id_ ABSL_GUARDED_BY(mu) = 0;
  std::map<std::pair<MonotonicTime, Clock::TimerId>, std::function<void()>> calls_
      ABSL_GUARDED_BY(mu);
  absl::flat_hash_map<Clock::TimerId, MonotonicTime> due_of_ ABSL_GUARDED_BY(mu);
  Clock::TimerId running_ ABSL_GUARDED_BY(mu) = Clock::TimerId::kNone;
  std::thread::id runner_ ABSL_GUARDED_BY(mu);
  CondVar ended_;
};

MonotonicTime ReadMonotonic(clockid_t id) {
  timespec now;
  clock_gettime(id, &now);
  return MonotonicTime(Millis(now.tv_sec * 1000 + now.tv_nsec / 1'000'000));
}

class SystemClockImpl final : public Clock {
 public:
  ~SystemClockImpl() override {
    {
      MutexLock lock(&timers_.mu);
      stopping_ = true;
      wake_.NotifyAll();
    }
    if (thread_.joinable()) thread_.join();
  }

  MonotonicTime Now() const override { return ReadMonotonic(CLOCK_MONOTONIC_COARSE); }
  WallTime WallNow() const override {
    return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  }
  bool is_manual() const override { return false; }

  TimerId Schedule(MonotonicTime due, std::function<void()> fn) override {
    MutexLock lock(&timers_.mu);
    if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
    const TimerId id = timers_.Add(due, std::move(fn));
    if (timers_.NextDue() == due) wake_.NotifyAll();
    return id;
  }

  void Cancel(TimerId id) override {
    MutexLock lock(&timers_.mu);
    timers_.Cancel(id);
  }

 private:
  void Run() {
    MutexLock lock(&timers_.mu);
    while (!stopping_) {
      const std::optional<MonotonicTime> due = timers_.NextDue();
      const MonotonicTime now = Now();
      if (!due.has_value()) {
        wake_.Wait(&timers_.mu);
      } else if (*due > now) {
        wake_.WaitFor(&timers_.mu, *due - now);
      } else {
        timers_.RunFirst();
      }
    }
  }

  TimerQueue timers_;
  CondVar wake_;
  bool stopping_ ABSL_GUARDED_BY(timers_.mu) = false;
  std::thread thread_;  // Written under timers_.mu, joined by the destructor.
};

class ManualClockImpl final : public ManualClock {
 public:
  MonotonicTime Now() const override {
    return MonotonicTime(Millis(now_ms_.load(std::memory_order_acquire)));
  }
  WallTime WallNow() const override {
    using namespace std::chrono;
    constexpr sys_days kStart = year(2024) / January / 1;
    return kStart + Millis(now_ms_.load(std::memory_order_acquire)) - kEpoch;
  }
  bool is_manual() const override { return true; }

  TimerId Schedule(MonotonicTime due, std::function<void()> fn) override {
    MutexLock lock(&timers_.mu);
    return timers_.Add(due, std::move(fn));
  }

  void Cancel(TimerId id) override {
    MutexLock lock(&timers_.mu);
    timers_.Cancel(id);
  }

  void Advance(std::chrono::nanoseconds by) override {
    MutexLock one_at_a_time(&advancing_);
    MutexLock lock(&timers_.mu);
    left_over_ += std::max(by, std::chrono::nanoseconds(0));
    const Millis step = std::chrono::duration_cast<Millis>(left_over_);
    left_over_ -= step;
    const MonotonicTime target = Now() + step;
    while (true) {
      const std::optional<MonotonicTime> due = timers_.NextDue();
      if (!due.has_value() || *due > target) break;
      SetNow(std::max(*due, Now()));
      timers_.RunFirst();
    }
    SetNow(target);
  }

 private:
  // Monotonic time does not start at zero, so that "a minute ago" is a time too.
  static constexpr Millis kEpoch = std::chrono::hours(1);

  void SetNow(MonotonicTime time) {
    now_ms_.store(time.time_since_epoch().count(), std::memory_order_release);
  }

  std::atomic<std::int64_t> now_ms_{kEpoch.count()};
  Mutex advancing_;
  std::chrono::nanoseconds left_over_ ABSL_GUARDED_BY(timers_.mu){0};
  TimerQueue timers_;
};

}  // namespace

std::shared_ptr<Clock> SystemClock::Create() { return std::make_shared<SystemClockImpl>(); }

std::shared_ptr<ManualClock> ManualClock::Create() { return std::make_shared<ManualClockImpl>(); }

}  // namespace skep
