// KvItem: one item with all of its states that are kept.
#ifndef SKEP_KIE_CORE_KV_ITEM_H_
#define SKEP_KIE_CORE_KV_ITEM_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "skep/clock.h"
#include "skep/kie/types.h"

namespace skep::core {

struct LabelNode;

/// A state, from `revision` until the next one's.
struct KvVersion {
  Revision revision;
  std::chrono::sys_seconds time;
  MonotonicTime at;
  KeyValuePtr kv;  ///< Null: deleted.
};

/// Oldest first. Most items have one, which stands in the item itself: one cache miss less.
using KvVersions = absl::InlinedVector<KvVersion, 1>;

/// What held at a revision.
struct KvState {
  KeyValuePtr kv;       ///< Null: the item was not there.
  bool is_kept = true;  ///< False: it is not known any more.
};

/// Guarded by its tenant's mutex; changed with the engine's writer lock as well.
struct KvItem {
  std::shared_ptr<const KvIdentity> identity;
  KvVersions versions;   ///< Never empty once it is in the tables.
  bool trimmed = false;  ///< Versions older than the first were removed.
  bool removed = false;  ///< It is in no table any more.

  // Where the LabelIndex that has it keeps it.
  LabelNode* node = nullptr;
  std::uint32_t slot = 0;

  /// Adds the newest state; what was the newest is a former one then.
  void Add(KvVersion version) {
    if (const KeyValue* last = current()) last->former.store(true, std::memory_order_relaxed);
    versions.push_back(std::move(version));
  }

  /// Null: it is not there now.
  const KeyValue* current() const { return versions.empty() ? nullptr : versions.back().kv.get(); }

  KvState At(Revision revision) const {
    for (auto at = versions.rbegin(); at != versions.rend(); ++at) {
      if (at->revision <= revision) return {at->kv, true};
    }
    return {nullptr, !trimmed};
  }
};

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_KV_ITEM_H_
