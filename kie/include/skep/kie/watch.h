/// KvWatch: every change of the items that a query selects, in order, with no gap.
///
/// Begun by ConfigCenter::Watch. What a watch promises, and how it is pulled, is in skep/watch.h;
/// here is what a batch holds.
///
///   skep::KvWatch watch = config.Watch({.labels = {{"app", "shop"}}}).value();
///   for (auto batch = watch.Next(); batch; batch = watch.Next()) Apply(batch);
///
/// A query also selects by what changes: an item that is disabled leaves a watch of the enabled
/// ones. So an event says what becomes of the item in the query's list, not what was done to it.
///
/// Thread-safety: of a KvWatch see skep/watch.h. What was pulled are values.
#ifndef SKEP_KIE_WATCH_H_
#define SKEP_KIE_WATCH_H_

#include <cstdint>
#include <vector>

#include "skep/kie/types.h"
#include "skep/revision.h"
#include "skep/watch.h"

namespace skep {

enum class KvAction : std::uint8_t {
  kCreate,  ///< Created, or changed so that the query selects it now.
  kUpdate,  ///< Changed; the query selected it before and does so now.
  kDelete,  ///< Deleted, or changed so that the query does not select it any more.
};

/// One item's part in one change, as a query sees it.
struct KvEvent {
  KvAction action = KvAction::kCreate;
  Revision revision{};
  KeyValuePtr kv{};  ///< As it is now; of kDelete, as it was last when the query selected it.

  bool is_gone() const { return action == KvAction::kDelete; }
};

/// What one Next yields.
struct KvWatchBatch {
  WatchPart part = WatchPart::kNothing;
  Revision revision{};               ///< Of kReset and kClosed: the last one seen.
  std::vector<KeyValuePtr> items{};  ///< Of kSnapshot, in no order.
  std::vector<KvEvent> events{};     ///< Of kChanges; at least one, of each item at most one.

  /// Whether there was anything.
  explicit operator bool() const { return part != WatchPart::kNothing; }
};

using KvWatch = BasicWatch<KvWatchBatch>;

}  // namespace skep

#endif  // SKEP_KIE_WATCH_H_
