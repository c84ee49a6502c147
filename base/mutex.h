// Mutex: absl::Mutex with its annotations, made known to ThreadSanitizer.
//
// Debian's Abseil is built without ThreadSanitizer, so its mutexes order nothing in that tool's eyes.
// Here each lock and unlock says so itself. Not for hot paths: that Abseil also runs deadlock
// detection, about 30 ns a lock; reads of the hot tables use base/reader_lock.h.
#ifndef SKEP_BASE_MUTEX_H_
#define SKEP_BASE_MUTEX_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

#if defined(__SANITIZE_THREAD__)
#define SKEP_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SKEP_TSAN 1
#endif
#endif

#if defined(SKEP_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace skep::base {

class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    mu_.Lock();
    Acquired();
  }
  void Unlock() ABSL_UNLOCK_FUNCTION() {
    Releasing();
    mu_.Unlock();
  }
  void AssertHeld() const ABSL_ASSERT_EXCLUSIVE_LOCK() { mu_.AssertHeld(); }

 private:
  friend class CondVar;

  void Acquired() {
#if defined(SKEP_TSAN)
    __tsan_acquire(this);
#endif
  }
  void Releasing() {
#if defined(SKEP_TSAN)
    __tsan_release(this);
#endif
  }

  absl::Mutex mu_;
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
  void Wait(Mutex* mu) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    mu->Releasing();
    cv_.Wait(&mu->mu_);
    mu->Acquired();
  }
  /// Returns after `timeout` at the latest; may return for no reason.
  void WaitFor(Mutex* mu, absl::Duration timeout) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    mu->Releasing();
    cv_.WaitWithTimeout(&mu->mu_, timeout);
    mu->Acquired();
  }
  void NotifyAll() { cv_.SignalAll(); }

 private:
  absl::CondVar cv_;
};

}  // namespace skep::base

#endif  // SKEP_BASE_MUTEX_H_
