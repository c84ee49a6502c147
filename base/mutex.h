// Mutex: absl::Mutex with its annotations, made known to ThreadSanitizer.
//
// Debian's Abseil is built without ThreadSanitizer, so its mutexes order nothing in that tool's
// eyes. Here each lock and unlock says so itself, and the tool looks away while the library is at
// work (between before and after), whose own data it would take for unguarded. Not for hot paths:
// that Abseil also runs deadlock detection, about 30 ns a lock; reads of the hot tables use
// base/reader_lock.h.
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
#if defined(SKEP_TSAN)
  ~Mutex() { __tsan_mutex_destroy(this, 0); }
#endif
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    BeforeLock();
    mu_.Lock();
    AfterLock();
  }
  void Unlock() ABSL_UNLOCK_FUNCTION() {
    BeforeUnlock();
    mu_.Unlock();
    AfterUnlock();
  }
  /// Others may share it meanwhile, but nobody has it alone.
  void LockShared() ABSL_SHARED_LOCK_FUNCTION() {
    BeforeLock(kShared);
    mu_.ReaderLock();
    AfterLock(kShared);
  }
  void UnlockShared() ABSL_UNLOCK_FUNCTION() {
    BeforeUnlock(kShared);
    mu_.ReaderUnlock();
    AfterUnlock(kShared);
  }
  void AssertHeld() const ABSL_ASSERT_EXCLUSIVE_LOCK() { mu_.AssertHeld(); }

 private:
  friend class CondVar;

#if defined(SKEP_TSAN)
  static constexpr unsigned kAlone = 0;
  static constexpr unsigned kShared = __tsan_mutex_read_lock;
  void BeforeLock(unsigned how = kAlone) { __tsan_mutex_pre_lock(this, how); }
  void AfterLock(unsigned how = kAlone) { __tsan_mutex_post_lock(this, how, 0); }
  void BeforeUnlock(unsigned how = kAlone) { __tsan_mutex_pre_unlock(this, how); }
  void AfterUnlock(unsigned how = kAlone) { __tsan_mutex_post_unlock(this, how); }
#else
  enum How { kAlone, kShared };
  void BeforeLock(How = kAlone) {}
  void AfterLock(How = kAlone) {}
  void BeforeUnlock(How = kAlone) {}
  void AfterUnlock(How = kAlone) {}
#endif

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

class ABSL_SCOPED_LOCKABLE SharedMutexLock {
 public:
  explicit SharedMutexLock(Mutex* mu) ABSL_SHARED_LOCK_FUNCTION(mu) : mu_(mu) { mu_->LockShared(); }
  ~SharedMutexLock() ABSL_UNLOCK_FUNCTION() { mu_->UnlockShared(); }
  SharedMutexLock(const SharedMutexLock&) = delete;
  SharedMutexLock& operator=(const SharedMutexLock&) = delete;

 private:
  Mutex* const mu_;
};

class CondVar {
 public:
  void Wait(Mutex* mu) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    BeforeWait(mu);
    cv_.Wait(&mu->mu_);
    mu->AfterLock();
  }
  /// Returns after `timeout` at the latest; may return for no reason.
  void WaitFor(Mutex* mu, absl::Duration timeout) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu) {
    BeforeWait(mu);
    cv_.WaitWithTimeout(&mu->mu_, timeout);
    mu->AfterLock();
  }
  void NotifyAll() { cv_.SignalAll(); }

 private:
  // A wait unlocks, and locks again.
  static void BeforeWait(Mutex* mu) {
    mu->BeforeUnlock();
    mu->AfterUnlock();
    mu->BeforeLock();
  }

  absl::CondVar cv_;
};

}  // namespace skep::base

#endif  // SKEP_BASE_MUTEX_H_
