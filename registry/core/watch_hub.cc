#include "registry/core/watch_hub.h"

#include <utility>

#include "registry/core/errors.h"
#include "registry/core/instance_record.h"

namespace skep::core {

WatchedId InstanceWatching::IdOf(const Instance& instance) {
  const InstanceRecord& record = *instance.record();
  return {record.hi, record.lo, record.service->serial};
}

std::uint64_t InstanceWatching::GroupOf(const InstanceEventPtr& event) {
  return event->instance.record()->service->serial;
}

Error InstanceWatching::Closing() { return Error(EngineErrc::kClosed, "the engine closes"); }

Error InstanceWatching::Full(std::size_t watches_max) { return WatchesFull(watches_max); }

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

void WatchHub::Publish(InstanceEventPtr event) {
  const Revision revision = event->revision;
  base::WatchHub<InstanceWatching>::Publish({revision, std::move(event), nullptr});
}

void WatchHub::Publish(Revision revision, ViewChange change) {
  base::WatchHub<InstanceWatching>::Publish(
      {revision, nullptr, std::make_shared<const ViewChange>(std::move(change))});
}

Result<Watch> WatchHub::Subscribe(const Tenant& tenant, const WatchScope& scope,
                                  const WatchOptions& options) {
  auto watcher = base::WatchHub<InstanceWatching>::Subscribe(
      std::make_shared<WatchTopic>(scope.kind(), tenant, scope.name()), options);
  if (!watcher.ok()) return watcher.error();
  return Watch(*std::move(watcher));
}

void WatchHub::Route(const WatchEntry& entry) {
  if (entry.event == nullptr) return Apply(*entry.change);
  Keep(entry);
  using Kind = WatchScope::Kind;
  const InstanceEventPtr& event = entry.event;
  const ServiceEntry& service = *event->instance.record()->service;
  if (const auto at = viewers_.find(service.serial); at != viewers_.end()) {
    for (WatchTopic* topic : at->second) AddTo(topic, event);
  }
  const std::pair<Kind, std::string_view> others[] = {
      {Kind::kMicroservice, service.id}, {Kind::kApp, service.app_id}, {Kind::kTenant, {}}};
  for (const auto& [kind, name] : others) {
    if (service.shared && kind != Kind::kMicroservice) continue;
    WatchTopic* topic = FindTopic(WatchTopic::KeyOf(kind, *event->tenant, name));
    if (topic != nullptr) AddTo(topic, event);
  }
}

void WatchHub::Show(WatchTopic* topic, std::uint64_t serial) { viewers_[serial].insert(topic); }

void WatchHub::Hide(WatchTopic* topic, std::uint64_t serial) {
  const auto at = viewers_.find(serial);
  at->second.erase(topic);
  if (at->second.empty()) viewers_.erase(at);
}

void WatchHub::File(WatchTopic* topic) {
  for (const std::uint64_t serial : topic->services) Show(topic, serial);
}

void WatchHub::Unfile(WatchTopic* topic) {
  for (const std::uint64_t serial : topic->services) Hide(topic, serial);
}

void WatchHub::Apply(const ViewChange& change) {
  WatchTopic* topic = change.topic.get();
  if (topic->removed) return;
  for (const std::uint64_t serial : change.removed) {
    topic->services.erase(serial);
    Hide(topic, serial);
  }
  for (const std::uint64_t serial : change.added) {
    topic->services.insert(serial);
    Show(topic, serial);
  }
  for (const InstanceEventPtr& event : change.inits) AddTo(topic, event);
  if (change.resets) Reset(topic);
}

std::optional<InstanceEventPtr> WatchHub::EventFor(const WatchTopic& topic,
                                                   const WatchEntry& entry) const {
  if (!Concerns(topic, *entry.event)) return std::nullopt;
  return entry.event;
}

bool WatchHub::Concerns(const WatchTopic& topic, const InstanceEvent& event) {
  const ServiceEntry& service = *event.instance.record()->service;
  if (topic.kind == WatchScope::Kind::kConsumer) return topic.services.contains(service.serial);
  if (*event.tenant != topic.tenant) return false;
  if (topic.kind == WatchScope::Kind::kMicroservice) return service.id == topic.name;
  if (service.shared) return false;
  return topic.kind == WatchScope::Kind::kTenant || service.app_id == topic.name;
}

bool WatchHub::MayResume(const WatchTopic& topic, Revision after) const {
  // What a consumer had in view then nobody knows any more.
  return topic.kind != WatchScope::Kind::kConsumer ||
         after.number() >= views_changed_.load(std::memory_order_relaxed);
}

}  // namespace skep::core
