// Snapshot: the immutable list of a family's instances, counted without a shared cache line.
//
// Each stripe is a reference count of its own that starts at one: that one stands for "this is the
// family's current list". A reader takes and returns its references on the stripe of its thread.
// Retire() returns the first one of every stripe; the stripe that comes to zero last frees the list.
// References are only taken while the list is current, or from a reference in hand.
#ifndef SKEP_REGISTRY_CORE_SNAPSHOT_H_
#define SKEP_REGISTRY_CORE_SNAPSHOT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/thread_index.h"
#include "skep/registry/discovery.h"

namespace skep::core {

class Snapshot {
 public:
  Snapshot(std::vector<Instance> instances, Revision revision, MemoBudget* budget);
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  /// REQUIRES: it is current, and stays so until this returns.
  SnapshotHandle Acquire() const {
    const std::uint32_t stripe = base::ThreadIndex() & stripe_mask_;
    stripes_[stripe].count.fetch_add(1, std::memory_order_relaxed);
    return {this, stripe};
  }
  void Ref(std::uint32_t stripe) const {
    stripes_[stripe].count.fetch_add(1, std::memory_order_relaxed);
  }
  void Unref(std::uint32_t stripe) const {
    if (stripes_[stripe].count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    if (live_stripes_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  /// It is current no more. Once.
  void Retire() const;

  std::span<const Instance> instances() const { return instances_; }
  Revision revision() const { return revision_; }
  const MemoSlot& memo() const { return memo_; }

 private:
  struct alignas(64) Stripe {
    std::atomic<std::int64_t> count{1};
  };

  ~Snapshot() = default;

  const std::vector<Instance> instances_;
  const Revision revision_;
  const MemoSlot memo_;
  const std::uint32_t stripe_mask_;
  mutable std::atomic<std::uint32_t> live_stripes_;
  const std::unique_ptr<Stripe[]> stripes_;
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_SNAPSHOT_H_
