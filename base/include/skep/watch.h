/// BasicWatch: a subscription to changes, in order and with no gap. What the registry's Watch and
/// the configuration center's KvWatch have in common; each yields batches of its own.
///
/// A subscription begins with a snapshot and goes on with the changes that follow it; the two join
/// without gap or duplicate. Folding what is pulled gives at any moment what a fresh list would.
///
/// Delivery is by pulling; OnReady says that there is something to pull. What is not pulled waits
/// in a queue with a limit. A full queue keeps the newest state of each item and drops what it has
/// overtaken; where even that is too much, the queue is given up for one kReset, which a fresh
/// snapshot follows. So a slow watcher hurts nobody and ends with the right state all the same.
///
/// Thread-safety: of one watch, Next is one thread's at a time, all else any thread's.
#ifndef SKEP_WATCH_H_
#define SKEP_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "skep/clock.h"
#include "skep/revision.h"

namespace skep {

/// What a batch is. A batch has a `part` and a `revision`; revisions never fall from one to the
/// next, resets included.
enum class WatchPart : std::uint8_t {
  kNothing,   ///< Nothing to pull now.
  kReset,     ///< What was pulled so far is void; the next is a snapshot.
  kSnapshot,  ///< All that is watched, as of `revision`.
  kChanges,   ///< What the change `revision` did: all of it, never a part.
  kClosed,    ///< The last one: the engine closes, or the watch was cancelled.
};

struct WatchOptions {
  enum class Start : std::uint8_t {
    kSnapshot,  ///< First a snapshot, of the moment at which it is pulled.
    kNow,       ///< No snapshot: changes after the subscription alone.
    kAfter,     ///< Changes after `after`, as far as they are kept; else a kReset and a snapshot.
  };

  Start start = Start::kSnapshot;
  /// Of kAfter: the revision of the last kSnapshot or kChanges that was pulled before, or of a
  /// list. Who has pulled neither, or a kReset since, has nothing to go on from and begins anew.
  Revision after{};

  /// Events that may wait in this watch. 0: as many as the options of what is watched say.
  std::size_t queue_max = 0;
};

/// How far behind a watch is.
struct WatchLag {
  std::size_t queued = 0;  ///< Events that wait to be pulled.
  bool lagging = false;    ///< The queue was full; until all is pulled, older states are left out.
  std::uint64_t coalesced = 0;  ///< Events that were overtaken in the queue, ever.
  std::uint64_t resets = 0;     ///< Times that the queue was given up, ever.
};

namespace core {

/// What stands behind a BasicWatch; the engine's.
template <class Batch>
class Subscription {
 public:
  virtual ~Subscription() = default;
  virtual Batch Next() = 0;
  virtual Batch Next(MonotonicTime deadline) = 0;
  virtual void OnReady(std::function<void()> fn) = 0;
  virtual void Cancel() = 0;
  virtual WatchLag lag() const = 0;
};

}  // namespace core

/// A subscription. Movable; its end ends the subscription. It may live longer than its engine, what
/// was pulled from it may not.
template <class Batch>
class BasicWatch {
 public:
  BasicWatch() = default;
  explicit BasicWatch(std::shared_ptr<core::Subscription<Batch>> subscription)
      : subscription_(std::move(subscription)) {}
  BasicWatch(BasicWatch&&) noexcept = default;
  BasicWatch& operator=(BasicWatch&& other) noexcept {
    if (this != &other) Cancel();
    subscription_ = std::move(other.subscription_);
    return *this;
  }
  ~BasicWatch() { Cancel(); }

  explicit operator bool() const { return subscription_ != nullptr; }

  /// What comes next, or kNothing. A kSnapshot is put together here, and takes time with its size;
  /// else it is quick. After kClosed, kClosed again. An empty watch is closed.
  Batch Next() { return subscription_ != nullptr ? subscription_->Next() : Closed(); }

  /// Waits for it until the engine's clock has reached `deadline`; kNothing then. With a
  /// ManualClock another thread must move it.
  Batch Next(MonotonicTime deadline) {
    return subscription_ != nullptr ? subscription_->Next(deadline) : Closed();
  }

  /// From now on `fn` is called when there is something to pull, and then not again until Next has
  /// said kNothing. It takes the place of an earlier one; null: none. Where there is something now,
  /// it is called before OnReady returns.
  /// Threading: on the thread that published the change, that closes the engine, or on the caller's
  /// own; never twice at once for one watch unless Next says kNothing in between.
  /// Locking: none held; it may pull, cancel, subscribe and write. It must not block and not throw.
  /// Lifetime: a call that has begun on another thread when the watch is cancelled may go on; what
  /// `fn` uses must be its own (a shared or weak pointer).
  void OnReady(std::function<void()> fn) {
    if (subscription_ != nullptr) subscription_->OnReady(std::move(fn));
  }

  /// Ends the subscription and frees its queue and function. Also from within the function. Next
  /// says kClosed from now on.
  void Cancel() {
    if (subscription_ != nullptr) subscription_->Cancel();
  }

  WatchLag lag() const { return subscription_ != nullptr ? subscription_->lag() : WatchLag{}; }

 private:
  static Batch Closed() {
    Batch batch;
    batch.part = WatchPart::kClosed;
    return batch;
  }

  std::shared_ptr<core::Subscription<Batch>> subscription_;
};

}  // namespace skep

#endif  // SKEP_WATCH_H_
