/// Watch: every change of the instances that somebody is interested in, in order, with no gap.
///
/// Reached through Registry::watch(). A subscription begins with a snapshot and goes on with the
/// changes that follow it; the two join without gap or duplicate. Folding what is pulled (see
/// WatchBatch) gives at any moment what a fresh list would.
///
///   skep::Watch watch = registry.watch().Subscribe(skep::WatchScope::Consumer(shop)).value();
///   watch.OnReady([&loop, &watch] { loop.Post([&watch] { Drain(watch); }); });
///   ...
///   for (auto batch = watch.Next(); batch; batch = watch.Next()) Apply(batch);   // in Drain
///
/// Delivery is by pulling; OnReady says that there is something to pull. What is not pulled waits
/// in a queue with a limit. A full queue keeps the newest state of each instance and drops what it
/// has overtaken; where even that is too much, the queue is given up for one kReset, which a fresh
/// snapshot follows. So a slow watcher hurts nobody and ends with the right state all the same.
///
/// Source of what is watched: spec sections 9.1 and 9.2. The wire's watchers are made of this.
///
/// Thread-safety: Watches is a view for any thread. Of a Watch, Next is one thread's at a time, all
/// else any thread's.
#ifndef SKEP_REGISTRY_WATCH_H_
#define SKEP_REGISTRY_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/clock.h"
#include "skep/memo.h"
#include "skep/registry/ids.h"
#include "skep/registry/types.h"
#include "skep/result.h"
#include "skep/revision.h"
#include "skep/tenant.h"

namespace skep {

namespace core {
class RegistryCore;
class Watcher;
struct TenantHandle;
}  // namespace core

enum class WatchAction : std::uint8_t {
  /// It was there before, and has come into view: the consumer has come to depend on its
  /// microservice, or may see it from now on.
  kInit,
  kCreate,
  kUpdate,  ///< Registered anew with other content, or its status or properties were set.
  kDelete,  ///< Unregistered, alone or with its microservice.
  kExpire,  ///< Its lease has ended. On the wire this is DELETE.
};

/// The instance's microservice, without its id; with the tenant.
MicroserviceKey KeyOf(const Instance& instance, const Tenant& tenant);

/// One instance's part in one change. Immutable and shared by all who watch it.
struct InstanceEvent {
  InstanceEvent(WatchAction what, Instance whose, const Tenant* in, Revision at, MemoBudget* budget)
      : action(what), revision(at), instance(std::move(whose)), tenant(in), memo(budget) {}

  const WatchAction action;
  const Revision revision;
  const Instance instance;     ///< As it is now; of one that is gone, as it was last.
  const Tenant* const tenant;  ///< The engine's.
  const MemoSlot memo;         ///< Where a codec keeps what it made of this event.

  bool is_gone() const { return action == WatchAction::kDelete || action == WatchAction::kExpire; }

  MicroserviceKey key() const { return KeyOf(instance, *tenant); }
};

using InstanceEventPtr = std::shared_ptr<const InstanceEvent>;

enum class WatchPart : std::uint8_t {
  kNothing,   ///< Nothing to pull now.
  kReset,     ///< What was pulled so far is void; the next is a snapshot.
  kSnapshot,  ///< All instances in view at `revision`.
  kChanges,   ///< What the change `revision` did: all of it, never a part.
  kClosed,    ///< The last one: the engine closes, or the watch was cancelled.
};

/// What one Next yields. Revisions never fall from one to the next, resets included.
struct WatchBatch {
  WatchPart part = WatchPart::kNothing;
  Revision revision{};                     ///< Of kReset and kClosed: the last one seen.
  std::vector<Instance> instances{};       ///< Of kSnapshot.
  std::vector<InstanceEventPtr> events{};  ///< Of kChanges; at least one.

  /// Whether there was anything.
  explicit operator bool() const { return part != WatchPart::kNothing; }
};

/// What is watched, all within the tenant that is asked.
class WatchScope {
 public:
  enum class Kind : std::uint8_t { kConsumer, kMicroservice, kApp, kTenant };

  /// The instances of every microservice that Dependencies::Providers lists for the consumer and
  /// that its Rules and allowCrossApp let it see. It follows the consumer's dependencies as they
  /// change. A consumer that is deleted sees nothing, until it is registered again.
  static WatchScope Consumer(ServiceIdView id) { return {Kind::kConsumer, id.str()}; }
  /// The instances of one microservice; also when it is deleted and registered again.
  static WatchScope Microservice(ServiceIdView id) { return {Kind::kMicroservice, id.str()}; }
  /// The instances of every microservice of the app, in all environments and versions; not those
  /// of shared microservices (RegistryOptions).
  static WatchScope App(std::string_view app_id) { return {Kind::kApp, app_id}; }
  /// All instances of the tenant; not those of shared microservices.
  static WatchScope Tenant() { return {Kind::kTenant, {}}; }

  Kind kind() const { return kind_; }
  const std::string& name() const { return name_; }

 private:
  WatchScope(Kind kind, std::string_view name) : kind_(kind), name_(name) {}

  Kind kind_;
  std::string name_;
};

struct WatchOptions {
  enum class Start : std::uint8_t {
    kSnapshot,  ///< First a snapshot, of the moment at which it is pulled.
    kNow,       ///< No snapshot: changes after Subscribe alone.
    kAfter,     ///< Changes after `after`, as far as they are kept; else a kReset and a snapshot.
  };

  Start start = Start::kSnapshot;
  Revision after{};  ///< Of kAfter: the last revision that was pulled before.

  /// Events that may wait in this watch. 0: RegistryOptions::watch_queue_max.
  std::size_t queue_max = 0;
};

/// How far behind a watch is.
struct WatchLag {
  std::size_t queued = 0;  ///< Events that wait to be pulled.
  bool lagging = false;    ///< The queue was full; until all is pulled, older states are left out.
  std::uint64_t coalesced = 0;  ///< Events that were overtaken in the queue, ever.
  std::uint64_t resets = 0;     ///< Times that the queue was given up, ever.
};

/// A subscription. Movable; its end ends the subscription. It may live longer than its engine, what
/// was pulled from it may not.
class Watch {
 public:
  Watch() = default;
  explicit Watch(std::shared_ptr<core::Watcher> watcher) : watcher_(std::move(watcher)) {}
  Watch(Watch&&) noexcept = default;
  Watch& operator=(Watch&& other) noexcept {
    if (this != &other) Cancel();
    watcher_ = std::move(other.watcher_);
    return *this;
  }
  ~Watch() { Cancel(); }

  explicit operator bool() const { return watcher_ != nullptr; }

  /// What comes next, or kNothing. A kSnapshot is put together here, and takes time with its size;
  /// else it is quick. After kClosed, kClosed again. An empty Watch is closed.
  WatchBatch Next();

  /// Waits for it until the engine's clock has reached `deadline`; kNothing then. With a
  /// ManualClock another thread must move it.
  WatchBatch Next(MonotonicTime deadline);

  /// From now on `fn` is called when there is something to pull, and then not again until Next has
  /// said kNothing. It takes the place of an earlier one; null: none. Where there is something now,
  /// it is called before OnReady returns.
  /// Threading: on the thread that published the change, that closes the engine, or on the caller's
  /// own; never twice at once for one watch unless Next says kNothing in between.
  /// Locking: none held; it may pull, cancel, subscribe and write. It must not block and not throw.
  /// Lifetime: a call that has begun on another thread when the watch is cancelled may go on; what
  /// `fn` uses must be its own (a shared or weak pointer).
  void OnReady(std::function<void()> fn);

  /// Ends the subscription and frees its queue and function. Also from within the function. Next
  /// says kClosed from now on.
  void Cancel();

  WatchLag lag() const;

 private:
  std::shared_ptr<core::Watcher> watcher_;
};

class Watches {
 public:
  Watches(core::RegistryCore* core, const core::TenantHandle* tenant)
      : core_(core), tenant_(tenant) {}

  /// Begins a watch. Changes that were made before it returns are in its snapshot, all later ones
  /// follow. Errors: kServiceNotExists for an unknown consumer or microservice; kTooManyRequests at
  /// RegistryOptions::watches_max; EngineErrc::kClosed. A tenant or an app that holds nothing is no
  /// error.
  Result<Watch> Subscribe(const WatchScope& scope, const WatchOptions& options = {}) const;

 private:
  core::RegistryCore* core_;
  const core::TenantHandle* tenant_;
};

}  // namespace skep

#endif  // SKEP_REGISTRY_WATCH_H_
