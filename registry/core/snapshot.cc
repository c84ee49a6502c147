#include "registry/core/snapshot.h"

#include <algorithm>
#include <bit>
#include <thread>

namespace skep {
namespace core {
namespace {

// Stripes cost a cache line each for every family, so more than the cores are of no use.
std::uint32_t StripeCount() {
  constexpr std::uint32_t kMax = 8;
  static const std::uint32_t count =
      std::min(kMax, std::bit_ceil(std::max(1U, std::thread::hardware_concurrency())));
  return count;
}

}  // namespace

Snapshot::Snapshot(std::vector<Instance> instances, Revision revision, MemoBudget* budget)
    : instances_(std::move(instances)),
      revision_(revision),
      memo_(budget),
      stripe_mask_(StripeCount() - 1),
      live_stripes_(StripeCount()),
      stripes_(std::make_unique<Stripe[]>(StripeCount())) {}

void Snapshot::Retire() const {
  // The last Unref may free this.
  const std::uint32_t last = stripe_mask_;
  for (std::uint32_t stripe = 0; stripe < last; ++stripe) Unref(stripe);
  Unref(last);
}

}  // namespace core

SnapshotHandle::SnapshotHandle(const SnapshotHandle& other)
    : snapshot_(other.snapshot_), stripe_(other.stripe_) {
  if (snapshot_ != nullptr) snapshot_->Ref(stripe_);
}

void SnapshotHandle::Release() { snapshot_->Unref(stripe_); }

std::span<const Instance> SnapshotHandle::instances() const {
  return snapshot_ != nullptr ? snapshot_->instances() : std::span<const Instance>();
}

Revision SnapshotHandle::revision() const { return snapshot_->revision(); }

const MemoSlot& SnapshotHandle::memo() const { return snapshot_->memo(); }

}  // namespace skep
