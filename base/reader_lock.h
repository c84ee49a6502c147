// ReaderLock: a reader-writer lock whose readers share no cache line.
//
// A reader writes the lock's address into its own thread's line, and then looks whether a writer is
// there; if so it withdraws and reads under the writers' mutex instead. A writer raises its flag
// and waits until no line names its lock. So a read costs one exchange on a line that nobody else
// writes, and a write costs a walk over the lines of all threads: right for tables that are read
// thousands of times for each change.
//
// A thread reads under one ReaderLock at a time (its line holds one address), and blocks nowhere
// while it does. Threads beyond kThreadIndexMax read under the mutex.
//
//   { ReaderLock::Reader reading(&shard.lock); ... look, copy out ... }
//   { MutexLock writing(shard.lock.mutex()); ReaderLock::Writer alone(&shard.lock); ... change ...
//   }
//
// The mutex alone keeps other writers away and leaves readers undisturbed: whoever holds it may
// read what only writers change.
#ifndef SKEP_BASE_READER_LOCK_H_
#define SKEP_BASE_READER_LOCK_H_

#include <atomic>
#include <cstdint>

#include "base/mutex.h"
#include "base/thread_index.h"

namespace skep::base {

class ABSL_LOCKABLE ReaderLock {
 public:
  class Reader;
  class Writer;

  ReaderLock() = default;
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;

  Mutex* mutex() ABSL_LOCK_RETURNED(mu_) { return &mu_; }

 private:
  struct alignas(64) Line {
    std::atomic<const ReaderLock*> reading{nullptr};
  };
  static Line lines_[kThreadIndexMax];

  void DrainReaders() const;

  std::atomic<bool> writing_{false};
  Mutex mu_;
};

class ABSL_SCOPED_LOCKABLE ReaderLock::Reader {
 public:
  explicit Reader(ReaderLock* lock) ABSL_SHARED_LOCK_FUNCTION(lock) : lock_(lock) {
    const std::uint32_t index = ThreadIndex();
    if (index != kNoThreadIndex) [[likely]] {
      line_ = &lines_[index];
      line_->reading.exchange(lock_, std::memory_order_seq_cst);
      if (!lock_->writing_.load(std::memory_order_seq_cst)) [[likely]]
        return;
    }
    WaitForWriter();
  }
  ~Reader() ABSL_UNLOCK_FUNCTION() {
    if (line_ != nullptr) [[likely]] {
      line_->reading.store(nullptr, std::memory_order_release);
    } else {
      LeaveMutex();
    }
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

 private:
  void WaitForWriter();
  void LeaveMutex();

  ReaderLock* const lock_;
  Line* line_ = nullptr;  ///< Null: reading under the mutex.
};

/// Excludes readers. REQUIRES: the lock's mutex is held.
class ABSL_SCOPED_LOCKABLE ReaderLock::Writer {
 public:
  explicit Writer(ReaderLock* lock) ABSL_EXCLUSIVE_LOCK_FUNCTION(lock) : lock_(lock) {
    lock_->writing_.store(true, std::memory_order_seq_cst);
    lock_->DrainReaders();
  }
  ~Writer() ABSL_UNLOCK_FUNCTION() { lock_->writing_.store(false, std::memory_order_release); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

 private:
  ReaderLock* const lock_;
};

}  // namespace skep::base

#endif  // SKEP_BASE_READER_LOCK_H_
