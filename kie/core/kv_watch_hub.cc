#include "kie/core/kv_watch_hub.h"

#include <utility>

#include "kie/core/errors.h"

namespace skep::core {
namespace {

// Queries that select the same in every way have one key. NUL parts what may hold any other
// character; the key filter and the pattern come with their lengths.
std::string KeyOf(const std::string& label_topic, const KvQuery& query) {
  std::string key = label_topic;
  for (const std::string_view piece : {query.key, query.key_pattern, query.value}) {
    key += '\0';
    key += std::to_string(piece.size());
    key += ':';
    key += piece;
  }
  key += '\0';
  key += ToString(query.status);
  return key;
}

}  // namespace

Error KvWatching::Closing() { return KvClosing(); }

Error KvWatching::Full(std::size_t watches_max) { return KvTooManyWatches(watches_max); }

KvTopic::KvTopic(Tenant in, Labels of, const KvQuery& query, KvFilter passes)
    : tenant(std::move(in)),
      labels(std::move(of)),
      match(query.match),
      label_topic(LabelTopic(tenant, match, LabelFormat(labels))),
      filter(std::move(passes)) {
  key = KeyOf(label_topic, query);
}

void KvWatchHub::Publish(Revision revision, std::span<const KvStep> steps) {
  for (const KvStep& step : steps) base::WatchHub<KvWatching>::Publish({revision, step});
  Seal();
}

Result<KvWatch> KvWatchHub::Subscribe(std::shared_ptr<KvTopic> topic, const WatchOptions& options) {
  auto watcher = base::WatchHub<KvWatching>::Subscribe(std::move(topic), options);
  if (!watcher.ok()) return watcher.error();
  return KvWatch(*std::move(watcher));
}

void KvWatchHub::Route(const KvWatchEntry& entry) {
  Keep(entry);
  const KvIdentity& identity = entry.step.identity();
  for (const std::string& labels : LabelTopicsOf(identity.tenant, *identity.label_set)) {
    const auto at = by_labels_.find(labels);
    if (at == by_labels_.end()) continue;
    for (KvTopic* topic : at->second) {
      if (std::optional<KvEvent> event = EventFor(*topic, entry)) AddTo(topic, *std::move(event));
    }
  }
}

std::optional<KvEvent> KvWatchHub::EventFor(const KvTopic& topic, const KvWatchEntry& entry) const {
  const auto& [before, after] = entry.step;
  const KvIdentity& identity = entry.step.identity();
  if (identity.tenant != topic.tenant) return std::nullopt;
  if (!LabelsMatch(topic.labels, topic.match, *identity.label_set)) return std::nullopt;
  const bool was_in = before != nullptr && topic.filter.Passes(*before);
  const bool is_in = after != nullptr && topic.filter.Passes(*after);
  if (!was_in && !is_in) return std::nullopt;
  if (!is_in) return KvEvent{KvAction::kDelete, entry.revision, before};
  return KvEvent{was_in ? KvAction::kUpdate : KvAction::kCreate, entry.revision, after};
}

void KvWatchHub::File(KvTopic* topic) { by_labels_[topic->label_topic].insert(topic); }

void KvWatchHub::Unfile(KvTopic* topic) {
  const auto at = by_labels_.find(topic->label_topic);
  at->second.erase(topic);
  if (at->second.empty()) by_labels_.erase(at);
}

}  // namespace skep::core
