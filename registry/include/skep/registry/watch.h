/// Watch: every change of the instances that somebody is interested in, in order, with no gap.
///
/// Reached through Registry::watch(). What a watch promises, and how it is pulled, is in
/// skep/watch.h; here is what can be watched and what a batch holds.
///
///   skep::Watch watch = registry.watch().Subscribe(skep::WatchScope::Consumer(shop)).value();
///   watch.OnReady([&loop, &watch] { loop.Post([&watch] { Drain(watch); }); });
///   ...
///   for (auto batch = watch.Next(); batch; batch = watch.Next()) Apply(batch);   // in Drain
///
/// Source of what is watched: spec sections 9.1 and 9.2. The wire's watchers are made of this.
///
/// Thread-safety: Watches is a view for any thread; of a Watch see skep/watch.h.
#ifndef SKEP_REGISTRY_WATCH_H_
#define SKEP_REGISTRY_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/memo.h"
#include "skep/registry/ids.h"
#include "skep/registry/types.h"
#include "skep/result.h"
#include "skep/revision.h"
#include "skep/tenant.h"
#include "skep/watch.h"

namespace skep {

namespace core {
class RegistryCore;
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

/// What one Next yields.
struct WatchBatch {
  WatchPart part = WatchPart::kNothing;
  Revision revision{};                     ///< Of kReset and kClosed: the last one seen.
  std::vector<Instance> instances{};       ///< Of kSnapshot.
  std::vector<InstanceEventPtr> events{};  ///< Of kChanges; at least one.
  /// Of a kSnapshot behind a kReset: what went meanwhile and is not there, for those who cannot
  /// void what they have told others. The newest, as many as the queue holds or 5,000, and one of
  /// each microservice besides as far as half as many again go.
  std::vector<InstanceEventPtr> gone{};

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

using Watch = BasicWatch<WatchBatch>;

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
