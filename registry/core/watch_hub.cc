#include "registry/core/watch_hub.h"

#include <algorithm>
#include <utility>

#include "registry/core/errors.h"
#include "registry/core/instance_record.h"

namespace skep::core {

std::string WatchTopic::KeyOf(WatchScope::Kind kind, const Tenant& tenant, std::string_view name) {
  // NUL parts what may hold any other character.
  std::string key(1, static_cast<char>('a' + static_cast<int>(kind)));
  for (std::string_view piece :
       {std::string_view(tenant.domain), std::string_view(tenant.project), name}) {
    key += piece;
    key += '\0';
  }
  return key;
}

// ------------------------------------------------------------------------------------------------
// From the writer to the queues

void WatchHub::Publish(InstanceEventPtr event) {
  const Revision revision = event->revision;
  base::MutexLock lock(&pending_mu_);
  pending_.push_back({revision, std::move(event), nullptr});
  has_pending_.store(true, std::memory_order_relaxed);
}

void WatchHub::Publish(Revision revision, ViewChange change) {
  base::MutexLock lock(&pending_mu_);
  pending_.push_back({revision, nullptr, std::make_shared<const ViewChange>(std::move(change))});
  has_pending_.store(true, std::memory_order_relaxed);
}

std::vector<WatchHub::Pending> WatchHub::TakePending() {
  base::MutexLock lock(&pending_mu_);
  has_pending_.store(false, std::memory_order_relaxed);
  return std::exchange(pending_, {});
}

void WatchHub::Deliver() {
  ReadyCalls calls;
  {
    base::MutexLock lock(&order_mu_);
    Distribute(TakePending(), &calls);
  }
  CallAll(calls);
}

void WatchHub::Distribute(std::span<const Pending> pending, ReadyCalls* calls) {
  while (!pending.empty()) {
    const Revision revision = pending.front().revision;
    std::size_t size = 0;
    for (; size < pending.size() && pending[size].revision == revision; ++size) {
      const Pending& entry = pending[size];
      if (entry.event == nullptr) {
        Apply(*entry.change);
      } else {
        Keep(entry.event);
        Route(entry.event);
      }
    }
    OfferBatches(calls);
    pending = pending.subspan(size);
  }
}

void WatchHub::Route(const InstanceEventPtr& event) {
  using Kind = WatchScope::Kind;
  const ServiceEntry& service = *event->instance.record()->service;
  if (const auto at = viewers_.find(service.serial); at != viewers_.end()) {
    for (WatchTopic* topic : at->second) AddTo(topic, event);
  }
  const std::pair<Kind, std::string_view> others[] = {
      {Kind::kMicroservice, service.id}, {Kind::kApp, service.app_id}, {Kind::kTenant, {}}};
  for (const auto& [kind, name] : others) {
    if (service.shared && kind != Kind::kMicroservice) continue;
    const auto at = topics_.find(WatchTopic::KeyOf(kind, *event->tenant, name));
    if (at != topics_.end()) AddTo(at->second.get(), event);
  }
}

void WatchHub::AddTo(WatchTopic* topic, const InstanceEventPtr& event) {
  if (topic->batch.empty() && !topic->batch_resets) touched_.push_back(topic);
  topic->batch.push_back(event);
}

void WatchHub::Apply(const ViewChange& change) {
  WatchTopic* topic = change.topic.get();
  if (topic->removed) return;
  for (const std::uint64_t serial : change.removed) {
    topic->services.erase(serial);
    const auto at = viewers_.find(serial);
    at->second.erase(topic);
    if (at->second.empty()) viewers_.erase(at);
  }
  for (const std::uint64_t serial : change.added) {
    topic->services.insert(serial);
    viewers_[serial].insert(topic);
  }
  for (const InstanceEventPtr& event : change.inits) AddTo(topic, event);
  if (!change.resets) return;
  if (topic->batch.empty() && !topic->batch_resets) touched_.push_back(topic);
  topic->batch_resets = true;
}

void WatchHub::OfferBatches(ReadyCalls* calls) {
  for (WatchTopic* topic : touched_) {
    for (const std::shared_ptr<Watcher>& watcher : topic->watchers) {
      topic->batch_resets ? watcher->OfferReset(calls) : watcher->Offer(topic->batch, calls);
    }
    topic->batch.clear();
    topic->batch_resets = false;
  }
  touched_.clear();
}

// Whole revisions are kept, or dropped.
void WatchHub::Keep(const InstanceEventPtr& event) {
  kept_.push_back(event);
  if (kept_.size() <= limits_.events_kept) return;
  floor_ = kept_.front()->revision;
  while (!kept_.empty() && kept_.front()->revision == floor_) kept_.pop_front();
}

bool WatchHub::Concerns(const WatchTopic& topic, const InstanceEvent& event) {
  const ServiceEntry& service = *event.instance.record()->service;
  if (topic.kind == WatchScope::Kind::kConsumer) return topic.services.contains(service.serial);
  if (*event.tenant != topic.tenant) return false;
  if (topic.kind == WatchScope::Kind::kMicroservice) return service.id == topic.name;
  if (service.shared) return false;
  return topic.kind == WatchScope::Kind::kTenant || service.app_id == topic.name;
}

// ------------------------------------------------------------------------------------------------
// Subscribing

Result<std::shared_ptr<Watcher>> WatchHub::Subscribe(const Tenant& tenant, const WatchScope& scope,
                                                     const WatchOptions& options) {
  ReadyCalls calls;
  Result<std::shared_ptr<Watcher>> watcher = SubscribeInOrder(tenant, scope, options, &calls);
  CallAll(calls);
  return watcher;
}

Result<std::shared_ptr<Watcher>> WatchHub::SubscribeInOrder(const Tenant& tenant,
                                                            const WatchScope& scope,
                                                            const WatchOptions& options,
                                                            ReadyCalls* calls) {
  std::string key = WatchTopic::KeyOf(scope.kind(), tenant, scope.name());
  base::MutexLock lock(&order_mu_);
  if (closed_) return Error(EngineErrc::kClosed, "the engine closes");
  if (size() >= limits_.watches_max) return WatchesFull(limits_.watches_max);
  const auto at = topics_.find(key);
  const bool is_new = at == topics_.end();
  const std::shared_ptr<WatchTopic> topic = is_new ? std::make_shared<WatchTopic>() : at->second;
  if (is_new) {
    topic->kind = scope.kind();
    topic->tenant = tenant;
    topic->name = scope.name();
  }
  Status good;
  Revision now;
  bool is_first = false;
  std::vector<Pending> pending;
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
  if (is_new) {
    topics_.emplace(std::move(key), topic);
    for (const std::uint64_t serial : topic->services) viewers_[serial].insert(topic.get());
  }
  const bool resumes = options.start == WatchOptions::Start::kAfter;
  const bool is_kept = resumes && KeepsAllAfter(options.after, *topic);
  Revision seen = now;
  // One that is still to come is of another engine.
  if (resumes) seen = options.after <= now ? options.after : Revision();
  auto watcher =
      std::make_shared<Watcher>(weak_from_this(), clock_, options.start, seen,
                                options.queue_max != 0 ? options.queue_max : limits_.queue_max);
  ReadyCalls none;  // It has no function yet.
  if (is_kept) Replay(*topic, options.after, watcher.get());
  if (resumes && !is_kept) watcher->OfferReset(&none);
  Attach(topic, watcher);
  return watcher;
}

bool WatchHub::KeepsAllAfter(Revision after, const WatchTopic& topic) const {
  if (after < floor_ || after > revisions_->last()) return false;
  // What a consumer had in view then nobody knows any more.
  return topic.kind != WatchScope::Kind::kConsumer ||
         after.number() >= views_changed_.load(std::memory_order_relaxed);
}

void WatchHub::Replay(const WatchTopic& topic, Revision after, Watcher* watcher) {
  ReadyCalls none;  // As above.
  auto at = std::ranges::upper_bound(kept_, after, {},
                                     [](const InstanceEventPtr& event) { return event->revision; });
  while (at != kept_.end()) {
    std::vector<InstanceEventPtr> batch;
    const Revision revision = (*at)->revision;
    for (; at != kept_.end() && (*at)->revision == revision; ++at) {
      if (Concerns(topic, **at)) batch.push_back(*at);
    }
    if (!batch.empty()) watcher->Offer(batch, &none);
  }
}

void WatchHub::Attach(const std::shared_ptr<WatchTopic>& topic, std::shared_ptr<Watcher> watcher) {
  watcher->topic = topic.get();
  watcher->slot = topic->watchers.size();
  topic->watchers.push_back(std::move(watcher));
  count_.fetch_add(1, std::memory_order_relaxed);
}

void WatchHub::Remove(Watcher* watcher) {
  base::MutexLock lock(&order_mu_);
  WatchTopic* topic = watcher->topic;
  if (topic == nullptr) return;
  watcher->topic = nullptr;
  std::vector<std::shared_ptr<Watcher>>& watchers = topic->watchers;
  watchers.back()->slot = watcher->slot;
  watchers[watcher->slot].swap(watchers.back());
  watchers.pop_back();
  count_.fetch_sub(1, std::memory_order_relaxed);
  if (watchers.empty()) DropTopic(topic);
}

void WatchHub::DropTopic(WatchTopic* topic) {
  topic->removed = true;
  for (const std::uint64_t serial : topic->services) {
    const auto at = viewers_.find(serial);
    at->second.erase(topic);
    if (at->second.empty()) viewers_.erase(at);
  }
  if (!closed_) source_->WhileNobodyWrites([&] { source_->ForgetWatch(*topic); });
  topics_.erase(WatchTopic::KeyOf(topic->kind, topic->tenant, topic->name));
}

// ------------------------------------------------------------------------------------------------
// Snapshots, and the end

std::optional<WatchBatch> WatchHub::ReadSnapshot(Watcher* watcher) {
  // The last attempt keeps writers out, so that nothing can outgrow the queue meanwhile.
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    if (!watcher->BeginSnapshot()) return std::nullopt;
    WatchBatch batch{.part = WatchPart::kSnapshot};
    std::shared_ptr<WatchTopic> topic;
    {
      base::MutexLock lock(&order_mu_);
      if (closed_ || watcher->topic == nullptr) return std::nullopt;
      const WatchTopic& own = *watcher->topic;
      topic = topics_.at(WatchTopic::KeyOf(own.kind, own.tenant, own.name));
    }
    if (attempt < kAttempts) batch.instances = source_->CollectWatched(*topic);
    ReadyCalls calls;
    bool done = false;
    {
      base::MutexLock lock(&order_mu_);
      if (closed_) return std::nullopt;
      std::vector<Pending> pending;
      source_->WhileNobodyWrites([&] {
        batch.revision = revisions_->last();
        pending = TakePending();
        if (attempt >= kAttempts) batch.instances = source_->CollectWatched(*topic);
      });
      Distribute(pending, &calls);
      // What was read with the writers out needs no events before it.
      if (attempt >= kAttempts && !watcher->BeginSnapshot()) return std::nullopt;
      done = watcher->EndSnapshot(batch.revision, &batch.instances);
    }
    CallAll(calls);
    if (done) return batch;
  }
}

void WatchHub::Close() {
  ReadyCalls calls;
  {
    base::MutexLock lock(&order_mu_);
    if (std::exchange(closed_, true)) return;
    Distribute(TakePending(), &calls);
    for (const auto& [key, topic] : topics_) {
      for (const std::shared_ptr<Watcher>& watcher : topic->watchers) watcher->Close(&calls);
    }
    kept_.clear();
  }
  CallAll(calls);
}

void WatchHub::Abandon() {
  std::vector<std::shared_ptr<Watcher>> left;
  {
    base::MutexLock lock(&order_mu_);
    for (const auto& [key, topic] : topics_) {
      for (std::shared_ptr<Watcher>& watcher : topic->watchers) {
        watcher->topic = nullptr;
        left.push_back(std::move(watcher));
      }
    }
    topics_.clear();
    viewers_.clear();
    count_.store(0, std::memory_order_relaxed);
  }
  for (const std::shared_ptr<Watcher>& watcher : left) watcher->Cancel();
}

}  // namespace skep::core
