// Mutex and CondVar: the standard library's, with annotations for clang's thread-safety analysis.
//
// Whoever finds it taken looks again for a moment before sleeping: what is done under a lock is
// shorter than a sleep. Not absl::Mutex: Debian builds it with deadlock detection, which is two
// thirds of the time of a free lock, and so that ThreadSanitizer cannot see it. Reads of hot tables
// use base/reader_lock.h.
#ifndef SKEP_BASE_MUTEX_H_
#define SKEP_BASE_MUTEX_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/base/thread_annotations.h"

namespace skep::base {

class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    if (!mu_.try_lock()) [[unlikely]]
      LockBusy();
  }
  void Unlock() ABSL_UNLOCK_FUNCTION() { mu_.unlock(); }
  /// Tells the analysis what it cannot see, as in a callback. Does nothing.
  void AssertHeld() const ABSL_ASSERT_EXCLUSIVE_LOCK() {}

 private:
  friend class CondVar;

  void LockBusy();

  std::mutex mu_;
};

class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex* mu) ABSL_EXCLUSIVE_LOCK_FUNCTION(mu) : mu_(mu) { mu_->Lock(); }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mu_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mu_;
};

class CondVar {
 public:
  /// May return for no reason, as WaitFor.
  void Wait(Mutex* mu) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    std::unique_lock<std::mutex> lock(mu->mu_, std::adopt_lock);
    cv_.wait(lock);
    lock.release();
  }
  /// Returns after `timeout` at the latest.
  void WaitFor(Mutex* mu, std::chrono::milliseconds timeout) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    std::unique_lock<std::mutex> lock(mu->mu_, std::adopt_lock);
    cv_.wait_for(lock, std::min<std::chrono::milliseconds>(timeout, kWaitMax));
    lock.release();
  }
  void NotifyAll() { cv_.notify_all(); }

 private:
  // Far from where the end of a wait overflows.
  static constexpr std::chrono::hours kWaitMax{24};

  std::condition_variable cv_;
};

}  // namespace skep::base

#endif  // SKEP_BASE_MUTEX_H_
