// WatchHub: who watches what, and how a change gets to them.
//
// Two steps. Under the engine's writer lock a change only appends its entries to a list (Publish),
// and says when they are all there (Seal). When that lock is free again, whoever published
// distributes what is in the list (Deliver), one thread at a time and in the list's order, so that
// every watcher sees revisions in order; then it calls the functions of those who have something to
// pull, with no lock held. Where nobody has ever watched, a change costs one branch (is_watched).
//
// All entries of one revision are distributed in one go: what a watcher sees of a revision it sees
// whole. So what is not sealed is not distributed, whoever delivers meanwhile.
//
// Topics are what can be watched, each with its watchers. What an entry is to a topic, the hub that
// is derived from this one says; so it does of the topics that an entry can concern at all.
//
// Why a snapshot joins the stream exactly: the watcher first begins to queue; then the items are
// read with no lock; then, with all that was published by then distributed, the queue is folded in.
// An item that changed meanwhile has its last change in the queue, which overrides whatever was
// read; one that did not change was read as it is.
//
// Kind is as in watcher.h, and has besides:
//
//   Topic                what is watched, a WatchTopic<Kind>
//   Entry                what is published, with a revision
//   Closing(), Full(max) the errors of Subscribe
//
// Lock order: order_mu_, then the engine's writer lock, then pending_mu_; order_mu_, then one
// Watcher's. No function of a watcher's is called under any of them.
#ifndef SKEP_BASE_WATCH_HUB_H_
#define SKEP_BASE_WATCH_HUB_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/mutex.h"
#include "base/watcher.h"
#include "base/writer.h"
#include "skep/result.h"
#include "skep/watch.h"

namespace skep::base {

/// What is watched, and by whom. Topics with one key are one.
template <class Kind>
struct WatchTopic {
  std::string key;  ///< Constant.

  // The hub's, under order_mu_.
  std::vector<std::shared_ptr<Watcher<Kind>>> watchers;
  bool removed = false;
  std::vector<typename Kind::Event> batch;  ///< Of the revision that is being distributed.
  bool batch_resets = false;
};

/// What a hub needs of the part of the engine that is watched.
template <class Kind>
class WatchSource {
 public:
  using Topic = typename Kind::Topic;

  virtual ~WatchSource() = default;
  /// The items that belong to the topic now. Locking: none, or the writer's.
  virtual std::vector<typename Kind::Item> CollectWatched(const Topic& topic) const = 0;
  /// Calls `fn` under the engine's writer lock.
  virtual void WhileNobodyWrites(const std::function<void()>& fn) = 0;
  /// Whether it may be watched; fills in what a new topic has in view. Under the writer lock.
  virtual Status PrepareWatch(const std::shared_ptr<Topic>&) { return {}; }
  /// The topic is watched no more. Under the writer lock.
  virtual void ForgetWatch(const Topic&) {}
};

struct WatchLimits {
  std::size_t watches_max = 0;
  std::size_t queue_max = 0;
  std::size_t entries_kept = 0;
};

template <class Kind>
class WatchHub : public std::enable_shared_from_this<WatchHub<Kind>> {
 public:
  using Batch = typename Kind::Batch;
  using Entry = typename Kind::Entry;
  using Event = typename Kind::Event;
  using Topic = typename Kind::Topic;
  using WatcherPtr = std::shared_ptr<Watcher<Kind>>;

  /// All outlive Close.
  WatchHub(WatchSource<Kind>* source, Clock* clock, const RevisionCounter* revisions,
           const WatchLimits& limits)
      : revisions_(revisions), source_(source), clock_(clock), limits_(limits) {}
  virtual ~WatchHub() = default;

  // For the engine's writer, under its lock.

  bool is_watched() const { return watched_.load(std::memory_order_relaxed); }
  /// REQUIRES: revisions do not fall.
  void Publish(Entry entry) { open_.push_back(std::move(entry)); }
  /// What was published is all of its revisions. Called before the writer lock is free again. False
  /// where there is nothing new to deliver.
  bool Seal();

  /// Whether there is something to deliver; any thread.
  bool has_pending() const { return has_pending_.load(std::memory_order_relaxed); }

  /// Distributes what was sealed. Called with no lock held. When it returns, whatever the caller
  /// had sealed is in the queues of those who watch it.
  void Deliver();

  void Remove(Watcher<Kind>* watcher);

  /// Nothing where the watch has ended.
  std::optional<Batch> ReadSnapshot(Watcher<Kind>* watcher);

  /// Every watch ends with its last event; no other begins.
  void Close();
  /// After Close: frees what queues still hold of the engine's memory.
  void Abandon();

  std::size_t size() const { return count_.load(std::memory_order_relaxed); }

 protected:
  /// Begins a watch of the topic, or of the one that has its key already. Errors: what PrepareWatch
  /// says; Kind::Full; Kind::Closing.
  Result<WatcherPtr> Subscribe(std::shared_ptr<Topic> topic, const WatchOptions& options);

  /// Adds the entry to the batches of those whom it concerns, and keeps it.
  virtual void Route(const Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_) = 0;
  /// What a kept entry is to the topic; nothing where it does not concern it.
  virtual std::optional<Event> EventFor(const Topic& topic, const Entry& entry) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_) = 0;
  /// Files a topic where Route finds it; and takes it away again.
  virtual void File(Topic* topic) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_) = 0;
  virtual void Unfile(Topic* topic) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_) = 0;
  /// Whether the entries after the revision, if they are kept, are all that the topic needs.
  virtual bool MayResume(const Topic&, Revision) const { return true; }

  /// Null: nobody watches it.
  Topic* FindTopic(std::string_view key) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void AddTo(Topic* topic, Event event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  /// What its watchers have seen does not hold any more.
  void Reset(Topic* topic) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  /// For those who resume. Whole revisions are kept, or dropped.
  void Keep(const Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);

  Mutex order_mu_;
  const RevisionCounter* const revisions_;

 private:
  enum class Writers : std::uint8_t { kGoOn, kWait };
  enum class Attempt : std::uint8_t {
    kDone,
    kAgain,  ///< The queue was given up meanwhile.
    kEnded,  ///< The watch has ended.
  };

  std::vector<Entry> TakePending();
  void Distribute(std::span<const Entry> pending, ReadyCalls* calls)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void OfferBatches(ReadyCalls* calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void Touch(Topic* topic) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  /// Subscribe, which leaves the calls to its caller.
  Result<WatcherPtr> SubscribeInOrder(std::shared_ptr<Topic> topic, const WatchOptions& options,
                                      ReadyCalls* calls);
  /// The newest revision from which on the topic's changes are its watcher's own.
  Result<Revision> Enter(const std::shared_ptr<Topic>& topic, ReadyCalls* calls)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  WatcherPtr MakeWatcher(const Topic& topic, const WatchOptions& options, Revision now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  bool KeepsAllAfter(Revision after, const Topic& topic) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void Replay(const Topic& topic, Revision after, Watcher<Kind>* watcher)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void Attach(Topic* topic, WatcherPtr watcher) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void DropTopic(Topic* topic) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  /// Null where the watch has ended.
  std::shared_ptr<Topic> TopicOf(const Watcher<Kind>& watcher);
  Attempt TrySnapshot(Watcher<Kind>* watcher, Writers writers, Batch* batch);
  /// Joins what was read with what has changed meanwhile.
  Attempt JoinSnapshot(Watcher<Kind>* watcher, const Topic& topic, Writers writers, Batch* batch,
                       ReadyCalls* calls);

  WatchSource<Kind>* const source_;
  Clock* const clock_;
  const WatchLimits limits_;

  std::atomic<bool> watched_{false};
  std::atomic<bool> has_pending_{false};
  std::atomic<std::size_t> count_{0};

  /// By key, which is the topic's own.
  absl::flat_hash_map<std::string_view, std::shared_ptr<Topic>> topics_ ABSL_GUARDED_BY(order_mu_);
  std::vector<Topic*> touched_ ABSL_GUARDED_BY(order_mu_);  ///< With a batch.
  std::deque<Entry> kept_ ABSL_GUARDED_BY(order_mu_);
  Revision floor_ ABSL_GUARDED_BY(order_mu_);  ///< All distributed entries after it are kept.
  bool closed_ ABSL_GUARDED_BY(order_mu_) = false;

  std::vector<Entry> open_;  ///< Published and not sealed; the engine's writer's.

  Mutex pending_mu_;
  std::vector<Entry> pending_ ABSL_GUARDED_BY(pending_mu_);
};

// ------------------------------------------------------------------------------------------------
// From the writer to the queues

template <class Kind>
bool WatchHub<Kind>::Seal() {
  if (open_.empty()) return false;
  MutexLock lock(&pending_mu_);
  if (pending_.empty()) {
    pending_.swap(open_);
  } else {
    std::ranges::move(open_, std::back_inserter(pending_));
  }
  open_.clear();
  has_pending_.store(true, std::memory_order_relaxed);
  return true;
}

template <class Kind>
auto WatchHub<Kind>::TakePending() -> std::vector<Entry> {
  MutexLock lock(&pending_mu_);
  has_pending_.store(false, std::memory_order_relaxed);
  return std::exchange(pending_, {});
}

template <class Kind>
void WatchHub<Kind>::Deliver() {
  ReadyCalls calls;
  {
    MutexLock lock(&order_mu_);
    Distribute(TakePending(), &calls);
  }
  CallAll(calls);
}

template <class Kind>
void WatchHub<Kind>::Distribute(std::span<const Entry> pending, ReadyCalls* calls) {
  while (!pending.empty()) {
    const Revision revision = pending.front().revision;
    std::size_t size = 0;
    for (; size < pending.size() && pending[size].revision == revision; ++size) {
      Route(pending[size]);
    }
    OfferBatches(calls);
    pending = pending.subspan(size);
  }
}

template <class Kind>
void WatchHub<Kind>::Touch(Topic* topic) {
  if (topic->batch.empty() && !topic->batch_resets) touched_.push_back(topic);
}

template <class Kind>
void WatchHub<Kind>::AddTo(Topic* topic, Event event) {
  Touch(topic);
  topic->batch.push_back(std::move(event));
}

template <class Kind>
void WatchHub<Kind>::Reset(Topic* topic) {
  Touch(topic);
  topic->batch_resets = true;
}

template <class Kind>
void WatchHub<Kind>::OfferBatches(ReadyCalls* calls) {
  for (Topic* topic : touched_) {
    for (const WatcherPtr& watcher : topic->watchers) {
      topic->batch_resets ? watcher->OfferReset(calls) : watcher->Offer(topic->batch, calls);
    }
    topic->batch.clear();
    topic->batch_resets = false;
  }
  touched_.clear();
}

template <class Kind>
void WatchHub<Kind>::Keep(const Entry& entry) {
  kept_.push_back(entry);
  if (kept_.size() <= limits_.entries_kept) return;
  floor_ = kept_.front().revision;
  while (!kept_.empty() && kept_.front().revision == floor_) kept_.pop_front();
}

// ------------------------------------------------------------------------------------------------
// Subscribing

template <class Kind>
auto WatchHub<Kind>::Subscribe(std::shared_ptr<Topic> topic, const WatchOptions& options)
    -> Result<WatcherPtr> {
  ReadyCalls calls;
  Result<WatcherPtr> watcher = SubscribeInOrder(std::move(topic), options, &calls);
  CallAll(calls);
  return watcher;
}

template <class Kind>
auto WatchHub<Kind>::SubscribeInOrder(std::shared_ptr<Topic> topic, const WatchOptions& options,
                                      ReadyCalls* calls) -> Result<WatcherPtr> {
  MutexLock lock(&order_mu_);
  if (closed_) return Kind::Closing();
  if (size() >= limits_.watches_max) return Kind::Full(limits_.watches_max);
  const auto known = topics_.find(topic->key);
  const bool is_new = known == topics_.end();
  if (!is_new) topic = known->second;
  const Result<Revision> now = Enter(topic, calls);
  if (!now.ok()) return now.error();
  if (is_new) {
    topics_.emplace(topic->key, topic);
    File(topic.get());
  }
  WatcherPtr watcher = MakeWatcher(*topic, options, *now);
  Attach(topic.get(), watcher);
  return watcher;
}

template <class Kind>
Result<Revision> WatchHub<Kind>::Enter(const std::shared_ptr<Topic>& topic, ReadyCalls* calls) {
  Status good;
  Revision now;
  bool is_first = false;
  std::vector<Entry> pending;
  source_->WhileNobodyWrites([&] {
    good = source_->PrepareWatch(topic);
    now = revisions_->last();
    pending = TakePending();
    if (good.ok()) is_first = !watched_.exchange(true, std::memory_order_relaxed);
  });
  if (is_first) floor_ = now;
  // What was published before is nothing to this watcher, but to those that were there.
  Distribute(pending, calls);
  if (!good.ok()) return good.error();
  return now;
}

template <class Kind>
auto WatchHub<Kind>::MakeWatcher(const Topic& topic, const WatchOptions& options, Revision now)
    -> WatcherPtr {
  const bool resumes = options.start == WatchOptions::Start::kAfter;
  const bool is_kept = resumes && KeepsAllAfter(options.after, topic);
  Revision seen = now;
  // One that is still to come is of another engine.
  if (resumes) seen = options.after <= now ? options.after : Revision();
  auto watcher = std::make_shared<Watcher<Kind>>(
      this->weak_from_this(), clock_, options.start, seen,
      options.queue_max != 0 ? options.queue_max : limits_.queue_max);
  ReadyCalls none;  // It has no function yet.
  if (is_kept) Replay(topic, options.after, watcher.get());
  if (resumes && !is_kept) watcher->OfferReset(&none);
  return watcher;
}

template <class Kind>
bool WatchHub<Kind>::KeepsAllAfter(Revision after, const Topic& topic) const {
  return after >= floor_ && after <= revisions_->last() && MayResume(topic, after);
}

template <class Kind>
void WatchHub<Kind>::Replay(const Topic& topic, Revision after, Watcher<Kind>* watcher) {
  ReadyCalls none;  // As above.
  auto at = std::ranges::upper_bound(kept_, after, {}, &Entry::revision);
  while (at != kept_.end()) {
    std::vector<Event> batch;
    const Revision revision = at->revision;
    for (; at != kept_.end() && at->revision == revision; ++at) {
      if (std::optional<Event> event = EventFor(topic, *at)) batch.push_back(*std::move(event));
    }
    if (!batch.empty()) watcher->Offer(batch, &none);
  }
}

template <class Kind>
auto WatchHub<Kind>::FindTopic(std::string_view key) const -> Topic* {
  const auto at = topics_.find(key);
  return at == topics_.end() ? nullptr : at->second.get();
}

template <class Kind>
void WatchHub<Kind>::Attach(Topic* topic, WatcherPtr watcher) {
  watcher->topic = topic;
  watcher->slot = topic->watchers.size();
  topic->watchers.push_back(std::move(watcher));
  count_.fetch_add(1, std::memory_order_relaxed);
}

template <class Kind>
void WatchHub<Kind>::Remove(Watcher<Kind>* watcher) {
  MutexLock lock(&order_mu_);
  Topic* topic = watcher->topic;
  if (topic == nullptr) return;
  watcher->topic = nullptr;
  std::vector<WatcherPtr>& watchers = topic->watchers;
  watchers.back()->slot = watcher->slot;
  watchers[watcher->slot].swap(watchers.back());
  watchers.pop_back();
  count_.fetch_sub(1, std::memory_order_relaxed);
  if (watchers.empty()) DropTopic(topic);
}

template <class Kind>
void WatchHub<Kind>::DropTopic(Topic* topic) {
  topic->removed = true;
  Unfile(topic);
  if (!closed_) source_->WhileNobodyWrites([&] { source_->ForgetWatch(*topic); });
  const std::shared_ptr<Topic> held = topics_.at(topic->key);  // The key goes after its entry.
  topics_.erase(topic->key);
}

// ------------------------------------------------------------------------------------------------
// Snapshots, and the end

template <class Kind>
auto WatchHub<Kind>::ReadSnapshot(Watcher<Kind>* watcher) -> std::optional<Batch> {
  Batch batch;
  batch.part = WatchPart::kSnapshot;
  // The last attempt keeps writers out, so that nothing can outgrow the queue meanwhile.
  Attempt end = Attempt::kAgain;
  for (const Writers writers : {Writers::kGoOn, Writers::kGoOn, Writers::kWait}) {
    end = TrySnapshot(watcher, writers, &batch);
    if (end != Attempt::kAgain) break;
  }
  if (end != Attempt::kDone) return std::nullopt;
  return batch;
}

template <class Kind>
auto WatchHub<Kind>::TopicOf(const Watcher<Kind>& watcher) -> std::shared_ptr<Topic> {
  MutexLock lock(&order_mu_);
  if (closed_ || watcher.topic == nullptr) return nullptr;
  return topics_.at(watcher.topic->key);
}

template <class Kind>
auto WatchHub<Kind>::TrySnapshot(Watcher<Kind>* watcher, Writers writers, Batch* batch) -> Attempt {
  if (!watcher->BeginSnapshot()) return Attempt::kEnded;
  const std::shared_ptr<Topic> topic = TopicOf(*watcher);
  if (topic == nullptr) return Attempt::kEnded;
  if (writers == Writers::kGoOn) Kind::ItemsOf(*batch) = source_->CollectWatched(*topic);
  ReadyCalls calls;
  const Attempt end = JoinSnapshot(watcher, *topic, writers, batch, &calls);
  CallAll(calls);
  return end;
}

template <class Kind>
auto WatchHub<Kind>::JoinSnapshot(Watcher<Kind>* watcher, const Topic& topic, Writers writers,
                                  Batch* batch, ReadyCalls* calls) -> Attempt {
  MutexLock lock(&order_mu_);
  if (closed_ || watcher->topic == nullptr) return Attempt::kEnded;
  std::vector<Entry> pending;
  source_->WhileNobodyWrites([&] {
    batch->revision = revisions_->last();
    pending = TakePending();
    if (writers == Writers::kWait) Kind::ItemsOf(*batch) = source_->CollectWatched(topic);
  });
  Distribute(pending, calls);
  // What was read with the writers out needs no events before it.
  if (writers == Writers::kWait && !watcher->BeginSnapshot()) return Attempt::kEnded;
  const bool done = watcher->EndSnapshot(batch);
  return done ? Attempt::kDone : Attempt::kAgain;
}

template <class Kind>
void WatchHub<Kind>::Close() {
  ReadyCalls calls;
  {
    MutexLock lock(&order_mu_);
    if (std::exchange(closed_, true)) return;
    Distribute(TakePending(), &calls);
    for (const auto& [key, topic] : topics_) {
      for (const WatcherPtr& watcher : topic->watchers) watcher->Close(&calls);
    }
    kept_.clear();
  }
  CallAll(calls);
}

template <class Kind>
void WatchHub<Kind>::Abandon() {
  std::vector<WatcherPtr> left;
  {
    MutexLock lock(&order_mu_);
    for (const auto& [key, topic] : topics_) {
      for (WatcherPtr& watcher : topic->watchers) {
        watcher->topic = nullptr;
        left.push_back(std::move(watcher));
      }
      Unfile(topic.get());
    }
    topics_.clear();
    count_.store(0, std::memory_order_relaxed);
  }
  for (const WatcherPtr& watcher : left) watcher->Cancel();
}

}  // namespace skep::base

#endif  // SKEP_BASE_WATCH_HUB_H_
