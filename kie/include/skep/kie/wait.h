/// Wait: being told once of the next change that a query can match. A long poll's other half.
///
/// Thread-safety: any thread.
#ifndef SKEP_KIE_WAIT_H_
#define SKEP_KIE_WAIT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "skep/revision.h"

namespace skep {

namespace core {
struct KvWaiter;
bool CancelWait(const std::shared_ptr<KvWaiter>& waiter);
}  // namespace core

enum class WaitEnd : std::uint8_t {
  kChanged,   ///< Something that matches changed, or the known revision is not the newest.
  kTimedOut,  ///< Nothing did, in the time given.
  kClosed,    ///< The engine closes.
};

/// Called once. List() within it, or later, is at least as new as the change.
/// Threading: on the thread that published the change, on the clock's (kTimedOut), on the closing
/// one (kClosed), or on the waiting one before Wait returns (the known revision is not the newest).
/// Locking: none held. It must not block and not throw.
using WaitFn = std::function<void(WaitEnd)>;

/// A wait that was begun. Dropping it does not end the wait; Cancel does. Copies name the same.
class KvWait {
 public:
  KvWait() = default;
  explicit KvWait(std::shared_ptr<core::KvWaiter> waiter) : waiter_(std::move(waiter)) {}

  /// True: its function was not called and never will be, and is freed. False: it was called, or is
  /// being called at this moment on another thread. Never blocks. An empty one answers false.
  bool Cancel() const { return waiter_ != nullptr && core::CancelWait(waiter_); }

 private:
  std::shared_ptr<core::KvWaiter> waiter_;
};

}  // namespace skep

#endif  // SKEP_KIE_WAIT_H_
