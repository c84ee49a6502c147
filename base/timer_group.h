// TimerGroup: the timers of one owner, which can be ended all at once.
//
// A call that is running may have left its owner's lock already, and may have set the owner's next
// timer; so an owner that knows the ids of its pending timers alone cannot tell when it may go.
// This remembers the one that runs, too.
//
// Thread-safety: any thread. Lock order: whatever Schedule is called under, then mu_, then the
// clock's own.
#ifndef SKEP_BASE_TIMER_GROUP_H_
#define SKEP_BASE_TIMER_GROUP_H_

#include <cstdint>
#include <functional>

#include "absl/container/flat_hash_map.h"
#include "base/mutex.h"
#include "skep/clock.h"

namespace skep::base {

class TimerGroup {
 public:
  /// `clock` outlives the group.
  explicit TimerGroup(Clock* clock) : clock_(clock) {}
  TimerGroup(const TimerGroup&) = delete;
  TimerGroup& operator=(const TimerGroup&) = delete;
  ~TimerGroup() { Close(); }

  /// As Clock::Schedule; nothing once the group is closed.
  void Schedule(MonotonicTime due, std::function<void()> fn);

  /// After it returns no call of the group is running, but for the one that it is called from, and
  /// none ever will. Waits, so call it with no lock held that a call takes.
  void Close();

 private:
  void Begin(std::uint64_t timer);

  Clock* const clock_;
  Mutex mu_;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::uint64_t last_ ABSL_GUARDED_BY(mu_) = 0;
  absl::flat_hash_map<std::uint64_t, Clock::TimerId> pending_ ABSL_GUARDED_BY(mu_);
  /// The last one that began: a clock runs one call at a time.
  Clock::TimerId begun_ ABSL_GUARDED_BY(mu_) = Clock::TimerId::kNone;
};

}  // namespace skep::base

#endif  // SKEP_BASE_TIMER_GROUP_H_
