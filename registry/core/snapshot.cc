#include "registry/core/snapshot.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <thread>
#include <utility>

namespace skep {
namespace core {

std::uint32_t Snapshot::StripeCount() {
  constexpr std::uint32_t kMax = 8;
  return std::min(kMax, std::bit_ceil(std::max(1U, std::thread::hardware_concurrency())));
}

const SnapshotStripe* Snapshot::Create(std::vector<Instance> instances, Revision revision,
                                       std::uint32_t stripes, std::pmr::memory_resource* lines,
                                       MemoBudget* budget) {
  return (new Snapshot(std::move(instances), revision, stripes, lines, budget))->stripes_;
}

Snapshot::Snapshot(std::vector<Instance> instances, Revision revision, std::uint32_t stripes,
                   std::pmr::memory_resource* lines, MemoBudget* budget)
    : instances_(std::move(instances)),
      memo_(budget),
      stripe_count_(stripes),
      live_stripes_(stripes),
      lines_(lines),
      stripes_(static_cast<SnapshotStripe*>(
          lines->allocate(stripes * sizeof(SnapshotStripe), alignof(SnapshotStripe)))) {
  std::uninitialized_value_construct_n(stripes_, stripes);
  for (std::uint32_t i = 0; i < stripes; ++i) {
    stripes_[i].instances = instances_.data();
    stripes_[i].size = instances_.size();
    stripes_[i].revision = revision;
    stripes_[i].whole = this;
  }
}

Snapshot::~Snapshot() {
  std::destroy_n(stripes_, stripe_count_);
  lines_->deallocate(stripes_, stripe_count_ * sizeof(SnapshotStripe), alignof(SnapshotStripe));
}

void Snapshot::Retire() const {
  // The last Unref may free this and its stripes.
  const std::uint32_t last = stripe_count_ - 1;
  for (std::uint32_t i = 0; i < last; ++i) stripes_[i].Unref();
  stripes_[last].Unref();
}

void SnapshotStripe::Emptied() const {
  const Snapshot* snapshot = whole;
  if (snapshot->live_stripes_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete snapshot;
}

}  // namespace core

SnapshotHandle::SnapshotHandle(const SnapshotHandle& other) : stripe_(other.stripe_) {
  if (stripe_ != nullptr) stripe_->Ref();
}

void SnapshotHandle::Release() { stripe_->Unref(); }

std::span<const Instance> SnapshotHandle::instances() const {
  if (stripe_ == nullptr) return {};
  return {stripe_->instances, stripe_->size};
}

Revision SnapshotHandle::revision() const { return stripe_->revision; }

const MemoSlot& SnapshotHandle::memo() const { return stripe_->whole->memo(); }

}  // namespace skep
