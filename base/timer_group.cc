#include "base/timer_group.h"

#include <utility>

namespace skep::base {

void TimerGroup::Schedule(MonotonicTime due, std::function<void()> fn) {
  MutexLock lock(&mu_);
  if (closed_) return;
  const std::uint64_t timer = ++last_;
  pending_.emplace(timer, clock_->Schedule(due, [this, timer, fn = std::move(fn)] {
    Begin(timer);
    fn();
  }));
}

void TimerGroup::Begin(std::uint64_t timer) {
  MutexLock lock(&mu_);
  const auto at = pending_.find(timer);
  if (at == pending_.end()) return;  // Close has taken it, and waits.
  begun_ = at->second;
  pending_.erase(at);
}

void TimerGroup::Close() {
  absl::flat_hash_map<std::uint64_t, Clock::TimerId> pending;
  Clock::TimerId begun = Clock::TimerId::kNone;
  {
    MutexLock lock(&mu_);
    closed_ = true;
    pending.swap(pending_);
    begun = begun_;
  }
  for (const auto& [timer, id] : pending) clock_->Cancel(id);
  clock_->Cancel(begun);
}

}  // namespace skep::base
