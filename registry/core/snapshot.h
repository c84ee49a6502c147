// Snapshot: the immutable list of a family's instances, counted without a shared cache line.
//
// Each stripe is a reference count of its own that starts at one: that one stands for "this is the
// family's current list". A reader takes and returns its references on the stripe of its thread,
// which also says where the list lies, so that a find touches one line of the snapshot. Retire()
// returns the first one of every stripe; the stripe that comes to zero last frees the list.
// References are only taken while the list is current, or from a reference in hand.
#ifndef SKEP_REGISTRY_CORE_SNAPSHOT_H_
#define SKEP_REGISTRY_CORE_SNAPSHOT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <vector>

#include "skep/memo.h"
#include "skep/registry/discovery.h"

namespace skep::core {

class Snapshot;

struct alignas(64) SnapshotStripe {
  void Ref() const { count.fetch_add(1, std::memory_order_relaxed); }
  void Unref() const {
    if (count.fetch_sub(1, std::memory_order_acq_rel) == 1) Emptied();
  }
  void Emptied() const;

  mutable std::atomic<std::int64_t> count{1};
  const Instance* instances = nullptr;
  std::size_t size = 0;
  Revision revision;
  const Snapshot* whole = nullptr;
};

class Snapshot {
 public:
  /// The first of `stripes` stripes (a power of two), which lie in a row. Ends by Retire.
  /// The stripes' memory is `lines`'s, so that those of all families lie close together: a find
  /// reads one of them, and pages cost more than lines.
  static const SnapshotStripe* Create(std::vector<Instance> instances, Revision revision,
                                      std::uint32_t stripes, std::pmr::memory_resource* lines,
                                      MemoBudget* budget);

  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  /// It is current no more. Once.
  void Retire() const;

  /// As many as the cores: each costs every family a cache line, and more are of no use.
  static std::uint32_t StripeCount();

  const MemoSlot& memo() const { return memo_; }

 private:
  friend struct SnapshotStripe;

  Snapshot(std::vector<Instance> instances, Revision revision, std::uint32_t stripes,
           std::pmr::memory_resource* lines, MemoBudget* budget);
  ~Snapshot();

  const std::vector<Instance> instances_;
  const MemoSlot memo_;
  const std::uint32_t stripe_count_;
  mutable std::atomic<std::uint32_t> live_stripes_;
  std::pmr::memory_resource* const lines_;
  SnapshotStripe* const stripes_;
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_SNAPSHOT_H_
