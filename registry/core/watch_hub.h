// WatchHub: base's hub for instances. Which topics an event belongs to, and what consumers have in
// view.
//
// An event is routed by what it belongs to:
//
//   instance of cart 1.0, app shop   ->   tenant | tenant, shop | tenant, cart's id |
//                                         every consumer that has cart 1.0 in view
//
// A consumer's view is the set of its visible providers. The registry's core works it out under
// the writer lock and publishes its changes like events, so that they are distributed in their
// place in the order.
#ifndef SKEP_REGISTRY_CORE_WATCH_HUB_H_
#define SKEP_REGISTRY_CORE_WATCH_HUB_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/mutex.h"
#include "base/watch_hub.h"
#include "skep/registry/watch.h"
#include "skep/tenant.h"

namespace skep::core {

struct WatchEntry;
struct WatchTopic;

/// What one instance is called for as long as it is registered.
struct WatchedId {
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;
  std::uint64_t service = 0;  ///< Serial.

  friend bool operator==(const WatchedId&, const WatchedId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const WatchedId& id) {
    return H::combine(std::move(h), id.hi, id.lo, id.service);
  }
};

/// What base's watches are made of here.
struct InstanceWatching {
  using Item = Instance;
  using Event = InstanceEventPtr;
  using Batch = WatchBatch;
  using Id = WatchedId;
  using Topic = WatchTopic;
  using Entry = WatchEntry;

  static std::vector<Instance>& ItemsOf(WatchBatch& batch) { return batch.instances; }
  static const Instance& ItemOf(const InstanceEventPtr& event) { return event->instance; }
  static WatchedId IdOf(const Instance& instance);
  static Revision RevisionOf(const InstanceEventPtr& event) { return event->revision; }
  static bool IsGone(const InstanceEventPtr& event) { return event->is_gone(); }
  static std::vector<InstanceEventPtr>& GoneOf(WatchBatch& batch) { return batch.gone; }
  static std::uint64_t GroupOf(const InstanceEventPtr& event);
  static Error Closing();
  static Error Full(std::size_t watches_max);
};

using WatchSource = base::WatchSource<InstanceWatching>;

/// Constant but where it says otherwise.
struct WatchTopic : base::WatchTopic<InstanceWatching> {
  WatchTopic(WatchScope::Kind of, Tenant in, std::string_view called)
      : kind(of), tenant(std::move(in)), name(called) {
    key = KeyOf(kind, tenant, name);
  }

  const WatchScope::Kind kind;
  const Tenant tenant;
  const std::string name;

  static std::string KeyOf(WatchScope::Kind kind, const Tenant& tenant, std::string_view name);

  /// Of a consumer: serials of those in view. The hub's, under its order_mu_.
  absl::flat_hash_set<std::uint64_t> services;
};

/// How a consumer's view changes.
struct ViewChange {
  std::shared_ptr<WatchTopic> topic;
  std::vector<std::uint64_t> added{};     ///< Serials of services.
  std::vector<std::uint64_t> removed{};   ///< The same.
  std::vector<InstanceEventPtr> inits{};  ///< The instances of those added.
  bool resets = false;                    ///< One that is removed has instances.
};

struct WatchEntry {
  Revision revision;
  InstanceEventPtr event;  ///< Null: a change of a view.
  std::shared_ptr<const ViewChange> change;
};

class WatchHub final : public base::WatchHub<InstanceWatching> {
 public:
  using base::WatchHub<InstanceWatching>::WatchHub;

  // For the engine's writer, under its lock.

  /// REQUIRES: revisions do not fall.
  void Publish(InstanceEventPtr event);
  void Publish(Revision revision, ViewChange change);
  /// The views of some consumers may have changed at this revision.
  void NoteViewsChanged(Revision revision) {
    views_changed_.store(revision.number(), std::memory_order_relaxed);
  }

  /// Errors: what PrepareWatch says; kTooManyRequests; EngineErrc::kClosed.
  Result<Watch> Subscribe(const Tenant& tenant, const WatchScope& scope,
                          const WatchOptions& options);

 private:
  void Route(const WatchEntry& entry) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  std::optional<InstanceEventPtr> EventFor(const WatchTopic& topic,
                                           const WatchEntry& entry) const override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void File(WatchTopic* topic) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void Unfile(WatchTopic* topic) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  bool MayResume(const WatchTopic& topic, Revision after) const override;

  void Apply(const ViewChange& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void Show(WatchTopic* topic, std::uint64_t serial) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void Hide(WatchTopic* topic, std::uint64_t serial) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  static bool Concerns(const WatchTopic& topic, const InstanceEvent& event);

  std::atomic<std::uint64_t> views_changed_{0};
  /// Consumers by the serial of a microservice that they have in view.
  absl::flat_hash_map<std::uint64_t, absl::flat_hash_set<WatchTopic*>> viewers_
      ABSL_GUARDED_BY(order_mu_);
};

/// Holds the engine's writer lock; after it is free again, delivers what was published under it.
class ABSL_SCOPED_LOCKABLE WriteLock {
 public:
  WriteLock(base::Mutex* mu, WatchHub* hub) ABSL_EXCLUSIVE_LOCK_FUNCTION(mu) : mu_(mu), hub_(hub) {
    mu_->Lock();
  }
  ~WriteLock() ABSL_UNLOCK_FUNCTION() {
    const bool deliver = hub_->Seal();
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
