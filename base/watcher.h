// Watcher: one subscription's queue, between the hub that fills it and whoever pulls.
//
// Until the snapshot is begun nothing is queued: it will hold what happened. While it is being put
// together events are queued, and folded in at its end (watch_hub.h says why that is exact).
//
// Of an item that has two events in the queue, the older one is dropped when the queue is full:
//
//   a+ b+ a* c+ b-   limit 4   ->   a* c+ b-       lagging
//
// Where more than half of the limit is left then, the queue is dropped and a reset is due: so the
// next time is far enough away that dropping costs little for each event.
//
// Who has a list of its own and no resets needs to hear of what has gone nevertheless. So the
// events of items that go between a reset and its snapshot are kept apart, the newest of them up to
// a limit, and one of each group as far as that is possible.
//
// Kind says what is watched:
//
//   Item, Event          what snapshots and changes are made of; cheap to copy
//   Batch                what Next yields, with a part, a revision and events
//   Id                   what an item is called; hashed
//   ItemsOf(Batch&)      the batch's items
//   ItemOf(const Event&), IdOf(const Item&), RevisionOf(const Event&), IsGone(const Event&)
//   GoneOf(Batch&), GroupOf(const Event&)
//                        where what has gone behind a reset is told: the place for it in the batch,
//                        and what the item belongs to; hashed
//
// Locking: mu_ is taken under the hub's locks, and no other lock under it but the clock's.
#ifndef SKEP_BASE_WATCHER_H_
#define SKEP_BASE_WATCHER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/mutex.h"
#include "skep/clock.h"
#include "skep/watch.h"

namespace skep::base {

template <class Kind>
class WatchHub;

/// Functions that are due, to be called once no lock is held.
using ReadyCalls = std::vector<std::shared_ptr<const std::function<void()>>>;

inline void CallAll(const ReadyCalls& calls) {
  for (const auto& call : calls) (*call)();
}

template <class Kind>
concept TellsGone = requires(typename Kind::Batch& batch, const typename Kind::Event& event) {
  Kind::GoneOf(batch);
  Kind::GroupOf(event);
};

template <class Kind>
class Watcher final : public core::Subscription<typename Kind::Batch>,
                      public std::enable_shared_from_this<Watcher<Kind>> {
 public:
  using Batch = typename Kind::Batch;
  using Event = typename Kind::Event;
  using Item = typename Kind::Item;

  /// Events up to `after` are not its own. `clock` outlives every blocking Next.
  Watcher(std::weak_ptr<WatchHub<Kind>> of, Clock* clock, WatchOptions::Start start, Revision after,
          std::size_t queue_max)
      : hub(std::move(of)),
        clock_(clock),
        queue_max_(queue_max),
        stage_(start == WatchOptions::Start::kSnapshot ? Stage::kSnapshotDue : Stage::kStreaming),
        seen_(after) {}

  // For the hub, one call at a time and in the order of revisions.

  /// Events of one revision.
  void Offer(std::span<const Event> events, ReadyCalls* calls);
  /// What it has seen does not hold any more.
  void OfferReset(ReadyCalls* calls);
  /// The last event.
  void Close(ReadyCalls* calls);

  /// Begins to queue. False: it was closed.
  bool BeginSnapshot();
  /// Folds what is queued into the batch's items, which then are the state at its revision. False
  /// where the queue was given up meanwhile; begin again.
  bool EndSnapshot(Batch* batch);

  // For whoever pulls.

  Batch Next() override;
  Batch Next(MonotonicTime deadline) override;
  void OnReady(std::function<void()> fn) override;
  void Cancel() override;
  WatchLag lag() const override;

  // The hub's.
  const std::weak_ptr<WatchHub<Kind>> hub;
  typename Kind::Topic* topic = nullptr;
  std::size_t slot = 0;  ///< In its topic's list.

 private:
  enum class Stage : std::uint8_t {
    kStreaming,
    kResetDue,
    kSnapshotDue,
    kReading,  ///< A snapshot is being put together.
    kClosed,
  };

  // A queue that has grown beyond this gives its memory back once it is empty.
  static constexpr std::size_t kKeptQueueMax = 16;
  // So many events of what has gone are kept however short the queue is.
  static constexpr std::size_t kGoneMin = 5'000;

  std::size_t gone_max() const { return std::max(queue_max_, kGoneMin); }
  std::size_t size() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return queue_.size() - head_; }
  bool HasMore() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void NoteReady(ReadyCalls* calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ShedOvertaken() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void GiveUp() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void DropQueue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void NoteGone(std::span<const Event> events) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void ShedGone() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void MoveGoneTo(Batch* batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  Batch TakeChange() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void FoldQueueInto(std::vector<Item>* items) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  /// Nothing where a snapshot is due.
  std::optional<Batch> Take();
  /// Returns when there may be more, or it is late.
  void WaitUntil(MonotonicTime deadline);
  /// False: it was cancelled before.
  bool End();

  static Batch Only(WatchPart part, Revision revision) {
    Batch batch;
    batch.part = part;
    batch.revision = revision;
    return batch;
  }

  Clock* const clock_;
  const std::size_t queue_max_;

  mutable Mutex mu_;
  Stage stage_ ABSL_GUARDED_BY(mu_);
  bool lagging_ ABSL_GUARDED_BY(mu_) = false;
  bool gave_up_ ABSL_GUARDED_BY(mu_) = false;  ///< While reading.
  bool closing_ ABSL_GUARDED_BY(mu_) = false;  ///< Closed once the queue is empty.
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
  bool wanted_ ABSL_GUARDED_BY(mu_) = true;  ///< The function is to be called at the next event.
  Revision seen_ ABSL_GUARDED_BY(mu_);       ///< Pulled, or not its own.
  bool behind_reset_ ABSL_GUARDED_BY(mu_) = false;  ///< Until the snapshot has been pulled.
  std::vector<Event> gone_ ABSL_GUARDED_BY(mu_);    ///< Behind the reset.
  std::vector<Event> queue_ ABSL_GUARDED_BY(mu_);
  std::size_t head_ ABSL_GUARDED_BY(mu_) = 0;  ///< The first so many were pulled.
  std::uint64_t coalesced_ ABSL_GUARDED_BY(mu_) = 0;
  std::uint64_t resets_ ABSL_GUARDED_BY(mu_) = 0;
  std::shared_ptr<const std::function<void()>> ready_ ABSL_GUARDED_BY(mu_);
  CondVar changed_;
};

// ------------------------------------------------------------------------------------------------

template <class Kind>
bool Watcher<Kind>::HasMore() const {
  if (stage_ == Stage::kReading) return false;
  return stage_ != Stage::kStreaming || size() > 0 || closing_;
}

template <class Kind>
void Watcher<Kind>::NoteReady(ReadyCalls* calls) {
  changed_.NotifyAll();
  if (ready_ == nullptr || !std::exchange(wanted_, false)) return;
  calls->push_back(ready_);
}

template <class Kind>
void Watcher<Kind>::DropQueue() {
  NoteGone(std::span<const Event>(queue_).subspan(head_));
  queue_.clear();
  queue_.shrink_to_fit();
  head_ = 0;
}

template <class Kind>
void Watcher<Kind>::GiveUp() {
  ++resets_;
  if (stage_ == Stage::kReading) {
    gave_up_ = true;
  } else {
    stage_ = Stage::kResetDue;
    behind_reset_ = true;
  }
  DropQueue();
}

template <class Kind>
void Watcher<Kind>::NoteGone(std::span<const Event> events) {
  if constexpr (TellsGone<Kind>) {
    if (!behind_reset_) return;
    std::ranges::copy_if(events, std::back_inserter(gone_), &Kind::IsGone);
    if (gone_.size() > 2 * gone_max()) ShedGone();
  }
}

// Leaves the newest, and of each group the newest where there is room. A quarter is free then.
template <class Kind>
void Watcher<Kind>::ShedGone() {
  if constexpr (TellsGone<Kind>) {
    absl::flat_hash_set<typename Kind::Id> later;
    absl::flat_hash_set<std::decay_t<decltype(Kind::GroupOf(gone_.front()))>> groups;
    std::vector<Event> kept;
    for (std::size_t i = gone_.size(); i > 0; --i) {
      Event& event = gone_[i - 1];
      if (!later.insert(Kind::IdOf(Kind::ItemOf(event))).second) continue;
      const bool is_first = groups.insert(Kind::GroupOf(event)).second;
      const std::size_t room = is_first ? gone_max() + gone_max() / 2 : gone_max();
      if (kept.size() < room) kept.push_back(std::move(event));
    }
    std::ranges::reverse(kept);
    gone_ = std::move(kept);
  }
}

template <class Kind>
void Watcher<Kind>::MoveGoneTo(Batch* batch) {
  behind_reset_ = false;
  if constexpr (TellsGone<Kind>) {
    if (gone_.empty()) return;
    absl::flat_hash_set<typename Kind::Id> there;
    for (const Item& item : Kind::ItemsOf(*batch)) there.insert(Kind::IdOf(item));
    // What has come again is there; what has gone twice is told once.
    std::erase_if(gone_, [&there](const Event& event) {
      return !there.insert(Kind::IdOf(Kind::ItemOf(event))).second;
    });
    Kind::GoneOf(*batch) = std::exchange(gone_, {});
  }
}

// Leaves of each item its last event.
template <class Kind>
void Watcher<Kind>::ShedOvertaken() {
  lagging_ = true;
  absl::flat_hash_set<typename Kind::Id> later;
  std::vector<Event> kept;
  for (std::size_t i = queue_.size(); i > head_; --i) {
    Event& event = queue_[i - 1];
    if (later.insert(Kind::IdOf(Kind::ItemOf(event))).second) kept.push_back(std::move(event));
  }
  std::ranges::reverse(kept);
  coalesced_ += size() - kept.size();
  queue_ = std::move(kept);
  head_ = 0;
}

template <class Kind>
void Watcher<Kind>::Offer(std::span<const Event> events, ReadyCalls* calls) {
  MutexLock lock(&mu_);
  const bool queues = stage_ == Stage::kStreaming || (stage_ == Stage::kReading && !gave_up_);
  if (!queues && !closing_) NoteGone(events);
  if (!queues || closing_ || Kind::RevisionOf(events.front()) <= seen_) return;
  if (head_ > 0 && head_ >= size()) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
  queue_.insert(queue_.end(), events.begin(), events.end());
  if (size() > queue_max_) {
    ShedOvertaken();
    if (size() > queue_max_ / 2) GiveUp();
  }
  if (stage_ != Stage::kReading) NoteReady(calls);
}

template <class Kind>
void Watcher<Kind>::OfferReset(ReadyCalls* calls) {
  MutexLock lock(&mu_);
  if ((stage_ != Stage::kStreaming && stage_ != Stage::kReading) || closing_) return;
  GiveUp();
  if (stage_ != Stage::kReading) NoteReady(calls);
}

template <class Kind>
void Watcher<Kind>::Close(ReadyCalls* calls) {
  MutexLock lock(&mu_);
  if (closing_ || stage_ == Stage::kClosed) return;
  closing_ = true;
  if (stage_ == Stage::kReading) gave_up_ = true;
  NoteReady(calls);
}

template <class Kind>
bool Watcher<Kind>::BeginSnapshot() {
  MutexLock lock(&mu_);
  if (closing_ || stage_ == Stage::kClosed) return false;
  stage_ = Stage::kReading;
  gave_up_ = false;
  DropQueue();
  return true;
}

template <class Kind>
void Watcher<Kind>::FoldQueueInto(std::vector<Item>* items) {
  absl::flat_hash_map<typename Kind::Id, std::size_t> places;
  for (std::size_t i = 0; i < items->size() && size() > 0; ++i) {
    places.emplace(Kind::IdOf((*items)[i]), i);
  }
  std::vector<bool> gone(items->size());
  for (const Event& event : queue_) {
    const Item& item = Kind::ItemOf(event);
    const auto [at, is_new] = places.emplace(Kind::IdOf(item), items->size());
    if (is_new) {
      items->push_back(item);
      gone.push_back(false);
    }
    (*items)[at->second] = item;
    gone[at->second] = Kind::IsGone(event);
  }
  std::size_t place = 0;
  std::erase_if(*items, [&](const Item&) { return gone[place++]; });
}

template <class Kind>
bool Watcher<Kind>::EndSnapshot(Batch* batch) {
  MutexLock lock(&mu_);
  if (stage_ != Stage::kReading) return true;  // Closed; nobody will ask for it.
  if (gave_up_) return false;
  FoldQueueInto(&Kind::ItemsOf(*batch));
  DropQueue();
  MoveGoneTo(batch);
  stage_ = Stage::kStreaming;
  lagging_ = false;
  seen_ = std::max(seen_, batch->revision);
  return true;
}

template <class Kind>
auto Watcher<Kind>::TakeChange() -> Batch {
  Batch batch = Only(WatchPart::kChanges, Kind::RevisionOf(queue_[head_]));
  while (head_ < queue_.size() && Kind::RevisionOf(queue_[head_]) == batch.revision) {
    batch.events.push_back(std::move(queue_[head_++]));
  }
  seen_ = batch.revision;
  if (size() > 0) return batch;
  lagging_ = false;
  queue_.clear();
  head_ = 0;
  if (queue_.capacity() > kKeptQueueMax) queue_.shrink_to_fit();
  return batch;
}

template <class Kind>
auto Watcher<Kind>::Take() -> std::optional<Batch> {
  MutexLock lock(&mu_);
  if (stage_ == Stage::kStreaming && size() > 0) return TakeChange();
  if (closing_ || stage_ == Stage::kClosed) {
    stage_ = Stage::kClosed;
    behind_reset_ = false;
    gone_ = {};
    DropQueue();
    return Only(WatchPart::kClosed, seen_);
  }
  if (stage_ == Stage::kSnapshotDue) return std::nullopt;
  if (stage_ == Stage::kResetDue) {
    stage_ = Stage::kSnapshotDue;
    return Only(WatchPart::kReset, seen_);
  }
  wanted_ = true;
  return Batch{};
}

template <class Kind>
auto Watcher<Kind>::Next() -> Batch {
  std::optional<Batch> batch = Take();
  if (batch.has_value()) return *std::move(batch);
  if (const std::shared_ptr<WatchHub<Kind>> from = hub.lock()) {
    if (std::optional<Batch> snapshot = from->ReadSnapshot(this)) return *std::move(snapshot);
  }
  ReadyCalls none;
  Close(&none);
  return *Take();
}

template <class Kind>
void Watcher<Kind>::WaitUntil(MonotonicTime deadline) {
  Clock::TimerId timer = Clock::TimerId::kNone;
  if (deadline != MonotonicTime::max()) {
    timer = clock_->Schedule(deadline, [weak = this->weak_from_this()] {
      const std::shared_ptr<Watcher> self = weak.lock();
      if (self == nullptr) return;
      MutexLock lock(&self->mu_);
      self->changed_.NotifyAll();
    });
  }
  {
    MutexLock lock(&mu_);
    while (!HasMore() && clock_->Now() < deadline) changed_.Wait(&mu_);
  }
  if (timer != Clock::TimerId::kNone) clock_->Cancel(timer);
}

template <class Kind>
auto Watcher<Kind>::Next(MonotonicTime deadline) -> Batch {
  while (true) {
    Batch batch = Next();
    if (batch || clock_->Now() >= deadline) return batch;
    WaitUntil(deadline);
  }
}

template <class Kind>
void Watcher<Kind>::OnReady(std::function<void()> fn) {
  std::shared_ptr<const std::function<void()>> old;  // Freed with no lock held.
  ReadyCalls calls;
  {
    MutexLock lock(&mu_);
    if (cancelled_) return;
    old = std::move(ready_);
    ready_ = fn ? std::make_shared<const std::function<void()>>(std::move(fn)) : nullptr;
    wanted_ = true;
    if (HasMore()) NoteReady(&calls);
  }
  CallAll(calls);
}

template <class Kind>
bool Watcher<Kind>::End() {
  std::shared_ptr<const std::function<void()>> fn;
  std::vector<Event> queue;
  std::vector<Event> gone;
  {
    MutexLock lock(&mu_);
    if (std::exchange(cancelled_, true)) return false;
    closing_ = true;
    stage_ = Stage::kClosed;
    fn = std::move(ready_);
    queue.swap(queue_);
    gone.swap(gone_);
    head_ = 0;
    changed_.NotifyAll();
  }
  return true;
}

template <class Kind>
void Watcher<Kind>::Cancel() {
  if (!End()) return;
  if (const std::shared_ptr<WatchHub<Kind>> from = hub.lock()) from->Remove(this);
}

template <class Kind>
WatchLag Watcher<Kind>::lag() const {
  MutexLock lock(&mu_);
  return {.queued = size(), .lagging = lagging_, .coalesced = coalesced_, .resets = resets_};
}

}  // namespace skep::base

#endif  // SKEP_BASE_WATCHER_H_
