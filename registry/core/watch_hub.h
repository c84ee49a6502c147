// WatchHub: who watches what, and how a change gets to them.
//
// Two steps. Under the engine's writer lock a change only appends its events to a list (Publish).
// When that lock is free again, whoever published distributes what is in the list (Deliver), one
// thread at a time and in the list's order, so that every watcher sees revisions in order; then it
// calls the functions of those who have something to pull, with no lock held. Where nobody has
// ever watched, a change costs one branch (is_watched).
//
// All entries of one revision are distributed in one go: what a watcher sees of a revision it sees
// whole.
//
// Topics: what can be watched, each with its watchers. An event is routed by what it belongs to:
//
//   instance of cart 1.0, app shop   ->   tenant | tenant, shop | tenant, cart's id |
//                                         every consumer that has cart 1.0 in view
//
// A consumer's view is the set of its visible providers. The registry's core works it out under
// the writer lock and publishes its changes like events, so that they are distributed in their
// place in the order.
//
// Why a snapshot joins the stream exactly: the watcher first begins to queue; then the instances
// are read with no lock; then, with all that was published by then distributed, the queue is folded
// in. An instance that changed meanwhile has its last change in the queue, which overrides whatever
// was read; one that did not change was read as it is.
//
// Lock order: order_mu_, then the engine's writer lock, then pending_mu_; order_mu_, then one
// Watcher's. No function of a watcher's is called under any of them.
#ifndef SKEP_REGISTRY_CORE_WATCH_HUB_H_
#define SKEP_REGISTRY_CORE_WATCH_HUB_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/mutex.h"
#include "base/writer.h"
#include "registry/core/watcher.h"
#include "skep/registry/watch.h"
#include "skep/tenant.h"

namespace skep::core {

/// What is watched. Constant but where it says otherwise.
struct WatchTopic {
  WatchScope::Kind kind = WatchScope::Kind::kTenant;
  Tenant tenant;
  std::string name;

  static std::string KeyOf(WatchScope::Kind kind, const Tenant& tenant, std::string_view name);

  // The hub's, under order_mu_.
  std::vector<std::shared_ptr<Watcher>> watchers;
  absl::flat_hash_set<std::uint64_t> services;  ///< Of a consumer: serials of those in view.
  bool removed = false;
  std::vector<InstanceEventPtr> batch;  ///< Of the revision that is being distributed.
  bool batch_resets = false;
};

/// How a consumer's view changes.
struct ViewChange {
  std::shared_ptr<WatchTopic> topic;
  std::vector<std::uint64_t> added{};     ///< Serials of services.
  std::vector<std::uint64_t> removed{};   ///< The same.
  std::vector<InstanceEventPtr> inits{};  ///< The instances of those added.
  bool resets = false;                    ///< One that is removed has instances.
};

/// What the hub needs of the registry.
class WatchSource {
 public:
  virtual ~WatchSource() = default;
  /// The live instances that belong to the topic. Locking: none, or the writer's.
  virtual std::vector<Instance> CollectWatched(const WatchTopic& topic) const = 0;
  /// Calls `fn` under the engine's writer lock.
  virtual void WhileNobodyWrites(const std::function<void()>& fn) = 0;
  /// Whether it may be watched; fills in what a new topic has in view. Under the writer lock.
  virtual Status PrepareWatch(const std::shared_ptr<WatchTopic>& topic) = 0;
  /// The topic is watched no more. Under the writer lock.
  virtual void ForgetWatch(const WatchTopic& topic) = 0;
};

class WatchHub : public std::enable_shared_from_this<WatchHub> {
 public:
  struct Limits {
    std::size_t watches_max = 0;
    std::size_t queue_max = 0;
    std::size_t events_kept = 0;
  };

  /// All outlive Close.
  WatchHub(WatchSource* source, Clock* clock, const base::RevisionCounter* revisions,
           const Limits& limits)
      : source_(source), clock_(clock), revisions_(revisions), limits_(limits) {}

  // For the engine's writer, under its lock.

  bool is_watched() const { return watched_.load(std::memory_order_relaxed); }
  /// REQUIRES: revisions do not fall.
  void Publish(InstanceEventPtr event);
  void Publish(Revision revision, ViewChange change);
  /// The views of some consumers may have changed at this revision.
  void NoteViewsChanged(Revision revision) {
    views_changed_.store(revision.number(), std::memory_order_relaxed);
  }
  bool has_pending() const { return has_pending_.load(std::memory_order_relaxed); }

  /// Distributes what was published. Called with no lock held. When it returns, whatever the caller
  /// had published is in the queues of those who watch it.
  void Deliver();

  /// Errors: what PrepareWatch says; kTooManyRequests; EngineErrc::kClosed.
  Result<std::shared_ptr<Watcher>> Subscribe(const Tenant& tenant, const WatchScope& scope,
                                             const WatchOptions& options);
  void Remove(Watcher* watcher);

  /// Nothing where the watch has ended.
  std::optional<WatchBatch> ReadSnapshot(Watcher* watcher);

  /// Every watch ends with its last event; no other begins.
  void Close();
  /// After Close: frees what queues still hold of the engine's memory.
  void Abandon();

  std::size_t size() const { return count_.load(std::memory_order_relaxed); }

 private:
  struct Pending {
    Revision revision;
    InstanceEventPtr event;  ///< Null: a change of a view.
    std::shared_ptr<const ViewChange> change;
  };

  std::vector<Pending> TakePending();
  void Distribute(std::span<const Pending> pending, ReadyCalls* calls)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void Route(const InstanceEventPtr& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void AddTo(WatchTopic* topic, const InstanceEventPtr& event)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void Apply(const ViewChange& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void OfferBatches(ReadyCalls* calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void Keep(const InstanceEventPtr& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  static bool Concerns(const WatchTopic& topic, const InstanceEvent& event);
  /// Subscribe, which leaves the calls to its caller.
  Result<std::shared_ptr<Watcher>> SubscribeInOrder(const Tenant& tenant, const WatchScope& scope,
                                                    const WatchOptions& options, ReadyCalls* calls);
  bool KeepsAllAfter(Revision after, const WatchTopic& topic) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void Replay(const WatchTopic& topic, Revision after, Watcher* watcher)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void Attach(const std::shared_ptr<WatchTopic>& topic, std::shared_ptr<Watcher> watcher)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void DropTopic(WatchTopic* topic) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);

  WatchSource* const source_;
  Clock* const clock_;
  const base::RevisionCounter* const revisions_;
  const Limits limits_;

  std::atomic<bool> watched_{false};
  std::atomic<bool> has_pending_{false};
  std::atomic<std::uint64_t> views_changed_{0};
  std::atomic<std::size_t> count_{0};

  base::Mutex order_mu_;
  absl::flat_hash_map<std::string, std::shared_ptr<WatchTopic>> topics_ ABSL_GUARDED_BY(order_mu_);
  /// Consumers by the serial of a microservice that they have in view.
  absl::flat_hash_map<std::uint64_t, absl::flat_hash_set<WatchTopic*>> viewers_
      ABSL_GUARDED_BY(order_mu_);
  std::vector<WatchTopic*> touched_ ABSL_GUARDED_BY(order_mu_);  ///< With a batch.
  std::deque<InstanceEventPtr> kept_ ABSL_GUARDED_BY(order_mu_);
  Revision floor_ ABSL_GUARDED_BY(order_mu_);  ///< All distributed events after it are kept.
  bool closed_ ABSL_GUARDED_BY(order_mu_) = false;

  base::Mutex pending_mu_;
  std::vector<Pending> pending_ ABSL_GUARDED_BY(pending_mu_);
};

/// Holds the engine's writer lock; after it is free again, delivers what was published under it.
class ABSL_SCOPED_LOCKABLE WriteLock {
 public:
  WriteLock(base::Mutex* mu, WatchHub* hub) ABSL_EXCLUSIVE_LOCK_FUNCTION(mu) : mu_(mu), hub_(hub) {
    mu_->Lock();
  }
  ~WriteLock() ABSL_UNLOCK_FUNCTION() {
    const bool deliver = hub_->has_pending();
    mu_->Unlock();
    if (deliver) [[unlikely]]
      hub_->Deliver();
  }
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;

 private:
  base::Mutex* const mu_;
  WatchHub* const hub_;
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_WATCH_HUB_H_
