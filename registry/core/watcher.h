// Watcher: one subscription's queue, between the hub that fills it and whoever pulls.
//
// Until the snapshot is begun nothing is queued: it will hold what happened. While it is being put
// together events are queued, and folded in at its end (watch_hub.h says why that is exact).
//
// Of an instance that has two events in the queue, the older one is dropped when the queue is full:
//
//   a+ b+ a* c+ b-   limit 4   ->   a* c+ b-       lagging
//
// Where more than half of the limit is left then, the queue is dropped and a reset is due: so the
// next time is far enough away that dropping costs little for each event.
//
// Locking: mu_ is taken under the hub's locks, and no other lock under it but the clock's.
#ifndef SKEP_REGISTRY_CORE_WATCHER_H_
#define SKEP_REGISTRY_CORE_WATCHER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/mutex.h"
#include "skep/clock.h"
#include "skep/registry/watch.h"

namespace skep::core {

class WatchHub;
struct WatchTopic;

/// Functions that are due, to be called once no lock is held.
using ReadyCalls = std::vector<std::shared_ptr<const std::function<void()>>>;
void CallAll(const ReadyCalls& calls);

/// What one instance is called for as long as it is registered.
struct WatchedId {
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;
  std::uint64_t service = 0;  ///< Serial.

  static WatchedId Of(const Instance& instance);
  friend bool operator==(const WatchedId&, const WatchedId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const WatchedId& id) {
    return H::combine(std::move(h), id.hi, id.lo, id.service);
  }
};

class Watcher : public std::enable_shared_from_this<Watcher> {
 public:
  /// Events up to `after` are not its own. `clock` outlives every blocking Next.
  Watcher(std::weak_ptr<WatchHub> hub, Clock* clock, WatchOptions::Start start, Revision after,
          std::size_t queue_max);

  // For the hub, one call at a time and in the order of revisions.

  /// Events of one revision.
  void Offer(std::span<const InstanceEventPtr> events, ReadyCalls* calls);
  /// What it has seen does not hold any more.
  void OfferReset(ReadyCalls* calls);
  /// The last event.
  void Close(ReadyCalls* calls);

  /// Begins to queue. False: it was closed.
  bool BeginSnapshot();
  /// Folds what is queued into `instances`, which then is the state at `revision`. False where the
  /// queue was given up meanwhile; begin again.
  bool EndSnapshot(Revision revision, std::vector<Instance>* instances);

  // For whoever pulls.

  WatchBatch Next();
  WatchBatch Next(MonotonicTime deadline);
  void OnReady(std::function<void()> fn);
  /// False: it was cancelled before.
  bool Cancel();
  WatchLag lag() const;

  // The hub's.
  const std::weak_ptr<WatchHub> hub;
  WatchTopic* topic = nullptr;
  std::size_t slot = 0;  ///< In its topic's list.

 private:
  enum class Stage : std::uint8_t {
    kStreaming,
    kResetDue,
    kSnapshotDue,
    kReading,  ///< A snapshot is being put together.
    kClosed,
  };

  std::size_t size() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return queue_.size() - head_; }
  bool HasMore() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void NoteReady(ReadyCalls* calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ShedOvertaken() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void GiveUp() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void DropQueue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  WatchBatch TakeChange() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  /// Nothing where a snapshot is due.
  std::optional<WatchBatch> Take();
  void WaitUntil(MonotonicTime deadline);

  Clock* const clock_;
  const std::size_t queue_max_;

  mutable base::Mutex mu_;
  Stage stage_ ABSL_GUARDED_BY(mu_);
  bool lagging_ ABSL_GUARDED_BY(mu_) = false;
  bool gave_up_ ABSL_GUARDED_BY(mu_) = false;  ///< While reading.
  bool closing_ ABSL_GUARDED_BY(mu_) = false;  ///< Closed once the queue is empty.
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  bool wanted_ ABSL_GUARDED_BY(mu_) = true;  ///< The function is to be called at the next event.
  Revision seen_ ABSL_GUARDED_BY(mu_);       ///< Pulled, or not its own.
  std::vector<InstanceEventPtr> queue_ ABSL_GUARDED_BY(mu_);
  std::size_t head_ ABSL_GUARDED_BY(mu_) = 0;  ///< The first so many were pulled.
  std::uint64_t coalesced_ ABSL_GUARDED_BY(mu_) = 0;
  std::uint64_t resets_ ABSL_GUARDED_BY(mu_) = 0;
  std::shared_ptr<const std::function<void()>> ready_ ABSL_GUARDED_BY(mu_);
  base::CondVar changed_;
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_WATCHER_H_
