#include "registry/core/watcher.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "registry/core/instance_record.h"
#include "registry/core/watch_hub.h"

namespace skep::core {
namespace {

// A queue that has grown beyond this gives its memory back once it is empty.
constexpr std::size_t kKeptQueueMax = 16;

}  // namespace

void CallAll(const ReadyCalls& calls) {
  for (const auto& call : calls) (*call)();
}

WatchedId WatchedId::Of(const Instance& instance) {
  const InstanceRecord& record = *instance.record();
  return {record.hi, record.lo, record.service->serial};
}

Watcher::Watcher(std::weak_ptr<WatchHub> of, Clock* clock, WatchOptions::Start start,
                 Revision after, std::size_t queue_max)
    : hub(std::move(of)),
      clock_(clock),
      queue_max_(queue_max),
      stage_(start == WatchOptions::Start::kSnapshot ? Stage::kSnapshotDue : Stage::kStreaming),
      seen_(after) {}

bool Watcher::HasMore() const {
  if (stage_ == Stage::kReading) return false;
  return stage_ != Stage::kStreaming || size() > 0 || closing_;
}

void Watcher::NoteReady(ReadyCalls* calls) {
  changed_.NotifyAll();
  if (ready_ == nullptr || !std::exchange(wanted_, false)) return;
  calls->push_back(ready_);
}

void Watcher::DropQueue() {
  queue_.clear();
  queue_.shrink_to_fit();
  head_ = 0;
}

void Watcher::GiveUp() {
  DropQueue();
  ++resets_;
  if (stage_ == Stage::kReading) {
    gave_up_ = true;
  } else {
    stage_ = Stage::kResetDue;
  }
}

// Leaves of each instance its last event.
void Watcher::ShedOvertaken() {
  lagging_ = true;
  absl::flat_hash_set<WatchedId> later;
  std::vector<InstanceEventPtr> kept;
  for (std::size_t i = queue_.size(); i > head_; --i) {
    InstanceEventPtr& event = queue_[i - 1];
    if (later.insert(WatchedId::Of(event->instance)).second) kept.push_back(std::move(event));
  }
  std::ranges::reverse(kept);
  coalesced_ += size() - kept.size();
  queue_ = std::move(kept);
  head_ = 0;
}

void Watcher::Offer(std::span<const InstanceEventPtr> events, ReadyCalls* calls) {
  base::MutexLock lock(&mu_);
  const bool queues = stage_ == Stage::kStreaming || (stage_ == Stage::kReading && !gave_up_);
  if (!queues || closing_ || events.front()->revision <= seen_) return;
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

void Watcher::OfferReset(ReadyCalls* calls) {
  base::MutexLock lock(&mu_);
  if ((stage_ != Stage::kStreaming && stage_ != Stage::kReading) || closing_) return;
  GiveUp();
  if (stage_ != Stage::kReading) NoteReady(calls);
}

void Watcher::Close(ReadyCalls* calls) {
  base::MutexLock lock(&mu_);
  if (closing_ || stage_ == Stage::kClosed) return;
  closing_ = true;
  if (stage_ == Stage::kReading) gave_up_ = true;
  NoteReady(calls);
}

bool Watcher::BeginSnapshot() {
  base::MutexLock lock(&mu_);
  if (closing_ || stage_ == Stage::kClosed) return false;
  stage_ = Stage::kReading;
  gave_up_ = false;
  DropQueue();
  return true;
}

bool Watcher::EndSnapshot(Revision revision, std::vector<Instance>* instances) {
  base::MutexLock lock(&mu_);
  if (stage_ != Stage::kReading) return true;  // Closed; nobody will ask for it.
  if (gave_up_) return false;
  absl::flat_hash_map<WatchedId, std::size_t> places;
  for (std::size_t i = 0; i < instances->size() && size() > 0; ++i) {
    places.emplace(WatchedId::Of((*instances)[i]), i);
  }
  std::vector<bool> gone(instances->size());
  for (const InstanceEventPtr& event : queue_) {
    const auto [at, is_new] = places.emplace(WatchedId::Of(event->instance), instances->size());
    if (is_new) {
      instances->push_back(event->instance);
      gone.push_back(false);
    }
    (*instances)[at->second] = event->instance;
    gone[at->second] = event->is_gone();
  }
  std::size_t place = 0;
  std::erase_if(*instances, [&](const Instance&) { return gone[place++]; });
  DropQueue();
  stage_ = Stage::kStreaming;
  lagging_ = false;
  seen_ = std::max(seen_, revision);
  return true;
}

WatchBatch Watcher::TakeChange() {
  WatchBatch batch{.part = WatchPart::kChanges, .revision = queue_[head_]->revision};
  while (head_ < queue_.size() && queue_[head_]->revision == batch.revision) {
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

std::optional<WatchBatch> Watcher::Take() {
  base::MutexLock lock(&mu_);
  if (stage_ == Stage::kStreaming && size() > 0) return TakeChange();
  if (closing_ || stage_ == Stage::kClosed) {
    stage_ = Stage::kClosed;
    DropQueue();
    return WatchBatch{.part = WatchPart::kClosed, .revision = seen_};
  }
  if (stage_ == Stage::kSnapshotDue) return std::nullopt;
  if (stage_ == Stage::kResetDue) {
    stage_ = Stage::kSnapshotDue;
    return WatchBatch{.part = WatchPart::kReset, .revision = seen_};
  }
  wanted_ = true;
  return WatchBatch{};
}

WatchBatch Watcher::Next() {
  std::optional<WatchBatch> batch = Take();
  if (batch.has_value()) return *std::move(batch);
  if (const std::shared_ptr<WatchHub> from = hub.lock()) {
    if (std::optional<WatchBatch> snapshot = from->ReadSnapshot(this)) return *std::move(snapshot);
  }
  ReadyCalls none;
  Close(&none);
  return *Take();
}

// Returns when there may be more, or it is late.
void Watcher::WaitUntil(MonotonicTime deadline) {
  Clock::TimerId timer = Clock::TimerId::kNone;
  if (deadline != MonotonicTime::max()) {
    timer = clock_->Schedule(deadline, [weak = weak_from_this()] {
      const std::shared_ptr<Watcher> self = weak.lock();
      if (self == nullptr) return;
      base::MutexLock lock(&self->mu_);
      self->changed_.NotifyAll();
    });
  }
  {
    base::MutexLock lock(&mu_);
    while (!HasMore() && clock_->Now() < deadline) changed_.Wait(&mu_);
  }
  if (timer != Clock::TimerId::kNone) clock_->Cancel(timer);
}

WatchBatch Watcher::Next(MonotonicTime deadline) {
  while (true) {
    WatchBatch batch = Next();
    if (batch || clock_->Now() >= deadline) return batch;
    WaitUntil(deadline);
  }
}

void Watcher::OnReady(std::function<void()> fn) {
  std::shared_ptr<const std::function<void()>> old;  // Freed with no lock held.
  ReadyCalls calls;
  {
    base::MutexLock lock(&mu_);
    if (cancelled_) return;
    old = std::move(ready_);
    ready_ = fn ? std::make_shared<const std::function<void()>>(std::move(fn)) : nullptr;
    wanted_ = true;
    if (HasMore()) NoteReady(&calls);
  }
  CallAll(calls);
}

bool Watcher::Cancel() {
  std::shared_ptr<const std::function<void()>> fn;
  std::vector<InstanceEventPtr> queue;
  {
    base::MutexLock lock(&mu_);
    if (std::exchange(cancelled_, true)) return false;
    closing_ = true;
    stage_ = Stage::kClosed;
    fn = std::move(ready_);
    queue.swap(queue_);
    head_ = 0;
    changed_.NotifyAll();
  }
  return true;
}

WatchLag Watcher::lag() const {
  base::MutexLock lock(&mu_);
  return {.queued = size(), .lagging = lagging_, .coalesced = coalesced_, .resets = resets_};
}

}  // namespace skep::core
