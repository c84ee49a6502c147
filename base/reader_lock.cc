#include "base/reader_lock.h"

#include <thread>

namespace skep::base {
namespace {

// Which indices are taken, and the watermark of all that ever were.
std::atomic<bool> taken[kThreadIndexMax];
std::atomic<std::uint32_t> index_end{0};

// Gives the index back when its thread ends.
struct IndexReturner {
  ~IndexReturner() {
    const std::uint32_t plus_one = internal::thread_index_plus_one;
    // Destructors of other thread-locals may still read under locks: they go the slow way.
    internal::thread_index_plus_one = kNoThreadIndex + 1;
    if (plus_one != 0 && plus_one <= kThreadIndexMax) {
      taken[plus_one - 1].store(false, std::memory_order_release);
    }
  }
};

thread_local IndexReturner index_returner;

}  // namespace

namespace internal {

constinit thread_local std::uint32_t thread_index_plus_one = 0;

std::uint32_t AssignThreadIndex() {
  for (std::uint32_t i = 0; i < kThreadIndexMax; ++i) {
    bool free = false;
    if (!taken[i].compare_exchange_strong(free, true, std::memory_order_acq_rel)) continue;
    (void)&index_returner;  // Made here, so that it is destroyed at the thread's end.
    thread_index_plus_one = i + 1;
    std::uint32_t end = index_end.load(std::memory_order_acquire);
    // Sequentially consistent: a writer that does not see the new end was there before the index.
    while (end < i + 1 && !index_end.compare_exchange_weak(end, i + 1)) {
    }
    return i;
  }
  return kNoThreadIndex;
}

}  // namespace internal

std::uint32_t ThreadIndexEnd() { return index_end.load(std::memory_order_seq_cst); }

constinit ReaderLock::Line ReaderLock::lines_[kThreadIndexMax];

void ReaderLock::DrainReaders() const {
  const std::uint32_t end = ThreadIndexEnd();
  for (std::uint32_t i = 0; i < end; ++i) {
    for (int spins = 0; lines_[i].reading.load(std::memory_order_seq_cst) == this; ++spins) {
      // A reader that was preempted may need this core.
      if (spins >= 64) std::this_thread::yield();
    }
  }
}

void ReaderLock::Reader::WaitForWriter() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (line_ != nullptr) {
    line_->reading.store(nullptr, std::memory_order_release);
    line_ = nullptr;
  }
  lock_->mu_.Lock();
}

void ReaderLock::Reader::LeaveMutex() ABSL_NO_THREAD_SAFETY_ANALYSIS { lock_->mu_.Unlock(); }

}  // namespace skep::base
