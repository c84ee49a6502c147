// KvWatchHub: base's hub for configuration items.
//
// A topic is a query: its labels, and the filter that an item must pass beside them. Watches of
// equal queries share a topic, and with it the filter's work for each change. Topics are filed
// under their labels (label_topics.h), so that a change meets only those whose labels it can
// concern.
//
// What a change is to a topic follows from whether the filter passed the item before and passes it
// now: it comes, changes, goes, or is none of the topic's business.
#ifndef SKEP_KIE_CORE_KV_WATCH_HUB_H_
#define SKEP_KIE_CORE_KV_WATCH_HUB_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/watch_hub.h"
#include "kie/core/key_filter.h"
#include "kie/core/label_topics.h"
#include "skep/kie/query.h"
#include "skep/kie/watch.h"

namespace skep::core {

struct KvTopic;

/// A step with its revision.
struct KvWatchEntry {
  Revision revision;
  KvStep step;
};

/// What base's watches are made of here.
struct KvWatching {
  using Item = KeyValuePtr;
  using Event = KvEvent;
  using Batch = KvWatchBatch;
  /// An item that was forgotten and is made again is another one, whose events come later.
  using Id = std::shared_ptr<const KvIdentity>;
  using Topic = KvTopic;
  using Entry = KvWatchEntry;

  static std::vector<KeyValuePtr>& ItemsOf(KvWatchBatch& batch) { return batch.items; }
  static const KeyValuePtr& ItemOf(const KvEvent& event) { return event.kv; }
  static const Id& IdOf(const KeyValuePtr& kv) { return kv->identity; }
  static Revision RevisionOf(const KvEvent& event) { return event.revision; }
  static bool IsGone(const KvEvent& event) { return event.is_gone(); }
  static Error Closing();
  static Error Full(std::size_t watches_max);
};

/// Constant.
struct KvTopic : base::WatchTopic<KvWatching> {
  KvTopic(Tenant in, Labels of, const KvQuery& query, KvFilter passes);

  const Tenant tenant;
  const Labels labels;
  const LabelMatch match;
  const std::string label_topic;
  const KvFilter filter;
};

class KvWatchHub final : public base::WatchHub<KvWatching> {
 public:
  using base::WatchHub<KvWatching>::WatchHub;

  /// All steps of the revision. For the engine's writer, under its lock. REQUIRES: revisions do not
  /// fall.
  void Publish(Revision revision, std::span<const KvStep> steps);

  /// Errors: kTooManyRequests; kUnavailable.
  Result<KvWatch> Subscribe(std::shared_ptr<KvTopic> topic, const WatchOptions& options);

 private:
  void Route(const KvWatchEntry& entry) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  std::optional<KvEvent> EventFor(const KvTopic& topic, const KvWatchEntry& entry) const override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void File(KvTopic* topic) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);
  void Unfile(KvTopic* topic) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_);

  /// By the topic of their labels.
  absl::flat_hash_map<std::string, absl::flat_hash_set<KvTopic*>> by_labels_
      ABSL_GUARDED_BY(order_mu_);
};

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_KV_WATCH_HUB_H_
