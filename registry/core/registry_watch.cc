// RegistryCore: its part in watching. What changes are told, what consumers have in view, and what
// a snapshot is made of.
#include <algorithm>
#include <optional>
#include <utility>

#include "registry/core/errors.h"
#include "registry/core/registry_core.h"
#include "registry/core/validation.h"
#include "registry/core/visibility.h"

namespace skep {

MicroserviceKey KeyOf(const Instance& instance, const Tenant& tenant) {
  const core::ServiceEntry& service = *instance.record()->service;
  return {.tenant = tenant.domain + "/" + tenant.project,
          .environment = std::string(core::ToString(service.environment)),
          .app_id = service.app_id,
          .name = service.name,
          .alias = service.alias,
          .version = service.version};
}

Result<Watch> Watches::Subscribe(const WatchScope& scope, const WatchOptions& options) const {
  return core_->Subscribe(*tenant_, scope, options);
}

namespace core {

Result<Watch> RegistryCore::Subscribe(const TenantHandle& tenant, const WatchScope& scope,
                                      const WatchOptions& options) {
  const bool names_service = scope.kind() == WatchScope::Kind::kConsumer ||
                             scope.kind() == WatchScope::Kind::kMicroservice;
  if (names_service) {
    if (Status good = CheckServiceId(scope.name()); !good.ok()) return good.error();
  }
  return watch_->Subscribe(tenant.tenant, scope, options);
}

void RegistryCore::TellWatchers(WatchAction action, const InstanceRecord& record,
                                Revision revision) {
  record.Ref();
  const Tenant* tenant = &tenants_.ByNumber(record.service->tenant)->name;
  watch_->Publish(
      std::make_shared<const InstanceEvent>(action, Instance(&record), tenant, revision, &memos_));
}

// ------------------------------------------------------------------------------------------------
// Consumers' views

std::vector<ServiceRef> RegistryCore::ViewOf(const ServiceEntry& consumer) const {
  std::vector<ServiceRef> view = ProvidersOf(consumer, SelfDependency::kShow);
  std::erase_if(view,
                [&consumer](const ServiceRef& provider) { return !MaySee(consumer, *provider); });
  // A provider may be there by its name and by its alias.
  const auto serial = [](const ServiceRef& service) { return service->serial; };
  std::ranges::sort(view, {}, serial);
  const auto twice = std::ranges::unique(view, {}, serial);
  view.erase(twice.begin(), twice.end());
  return view;
}

void RegistryCore::IndexView(View* view, const ServiceEntry* consumer) {
  for (const std::string& family : view->families) {
    const auto at = views_of_.find(family);
    at->second.erase(view);
    if (at->second.empty()) views_of_.erase(at);
  }
  view->families.clear();
  if (consumer != nullptr) view->families = dependencies_.ProvidersOf(consumer->serial);
  for (const std::string& family : view->families) views_of_[family].insert(view);
}

// Tells those who watch as this consumer what has come into view and what has left it.
void RegistryCore::RefreshView(View* view, Revision revision) {
  const ServiceRef consumer = services_.Find(view->tenant, view->topic->name);
  IndexView(view, consumer.get());
  ViewChange change{.topic = view->topic};
  absl::flat_hash_map<std::uint64_t, ServiceRef> now;
  if (consumer) {
    for (ServiceRef& service : ViewOf(*consumer)) now.emplace(service->serial, std::move(service));
  }
  for (const auto& [serial, service] : now) {
    if (view->services.contains(serial)) continue;
    change.added.push_back(serial);
    AppendInits(*service, revision, &change.inits);
  }
  for (const auto& [serial, service] : view->services) {
    if (now.contains(serial)) continue;
    change.removed.push_back(serial);
    // Of one that was deleted the instances' own events have told the rest.
    change.resets = change.resets || service->instance_count > 0;
  }
  if (change.added.empty() && change.removed.empty()) return;
  view->services = std::move(now);
  watch_->Publish(revision, std::move(change));
}

void RegistryCore::AppendInits(const ServiceEntry& service, Revision revision,
                               std::vector<InstanceEventPtr>* out) {
  std::vector<Instance> instances;
  AppendInstances(service, &instances);
  const Tenant* tenant = &tenants_.ByNumber(service.tenant)->name;
  for (Instance& instance : instances) {
    out->push_back(std::make_shared<const InstanceEvent>(WatchAction::kInit, std::move(instance),
                                                         tenant, revision, &memos_));
  }
}

void RegistryCore::RefreshViews(const ServiceEntry& changed, Revision revision) {
  if (!watch_->is_watched()) [[likely]]
    return;
  watch_->NoteViewsChanged(revision);
  if (views_.empty()) return;
  absl::flat_hash_set<View*> affected;
  const Tenant& tenant = tenants_.ByNumber(changed.tenant)->name;
  const auto own = views_.find(WatchTopic::KeyOf(WatchScope::Kind::kConsumer, tenant, changed.id));
  if (own != views_.end()) affected.insert(own->second.get());
  for (const auto& family : {std::optional(FamilyOf(changed)), AliasFamilyOf(changed)}) {
    if (!family.has_value()) continue;
    const auto at = views_of_.find(DependencyGraph::TextOf(*family));
    if (at != views_of_.end()) affected.insert(at->second.begin(), at->second.end());
  }
  for (View* view : affected) RefreshView(view, revision);
}

// ------------------------------------------------------------------------------------------------
// What the hub asks for

Status RegistryCore::PrepareWatch(const std::shared_ptr<WatchTopic>& topic) {
  writer_mu_.AssertHeld();
  using Kind = WatchScope::Kind;
  if (topic->kind != Kind::kConsumer && topic->kind != Kind::kMicroservice) return {};
  const std::uint32_t number = tenants_.NumberOf(TenantHandle(topic->tenant));
  const ServiceRef service = services_.Find(number, topic->name);
  if (!service) return ServiceNotExists(topic->name, topic->tenant);
  if (topic->kind == Kind::kMicroservice) return {};
  std::unique_ptr<View>& view = views_[topic->key];
  if (view != nullptr) return {};
  view = std::make_unique<View>(View{.topic = topic, .tenant = number});
  IndexView(view.get(), service.get());
  for (ServiceRef& provider : ViewOf(*service)) {
    topic->services.insert(provider->serial);
    view->services.emplace(provider->serial, std::move(provider));
  }
  return {};
}

void RegistryCore::ForgetWatch(const WatchTopic& topic) {
  writer_mu_.AssertHeld();
  const auto at = views_.find(topic.key);
  if (at == views_.end()) return;
  IndexView(at->second.get(), nullptr);
  views_.erase(at);
}

void RegistryCore::WhileNobodyWrites(const std::function<void()>& fn) {
  base::MutexLock lock(&writer_mu_);
  fn();
}

std::vector<Instance> RegistryCore::CollectWatched(const WatchTopic& topic) const {
  using Kind = WatchScope::Kind;
  const TenantHandle handle(topic.tenant);
  std::vector<ServiceRef> services;
  if (topic.kind == Kind::kConsumer || topic.kind == Kind::kMicroservice) {
    const ServiceRef service = services_.Find(tenants_.NumberOf(handle), topic.name);
    if (service && topic.kind == Kind::kConsumer) services = ViewOf(*service);
    if (service && topic.kind == Kind::kMicroservice) services.push_back(service);
  } else {
    services = ServicesOf(handle, SharedServices::kHide);
  }
  std::vector<Instance> instances;
  for (const ServiceRef& service : services) {
    if (topic.kind == Kind::kApp && service->app_id != topic.name) continue;
    AppendInstances(*service, &instances);
  }
  return instances;
}

}  // namespace core
}  // namespace skep
