#include "registry/core/instance_table.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>

#include "base/asymmetric_fence.h"
#include "registry/core/instance_record.h"

namespace skep::core {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kFirstCapacity = 8;

// Zeroed memory is empty slots.
void* AllocateZeroed(std::size_t bytes) {
  if (bytes < kHugePage) {
    void* memory = std::aligned_alloc(64, bytes);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
  }
  void* memory = std::aligned_alloc(kHugePage, bytes);
  if (memory == nullptr) throw std::bad_alloc();
  // Advice only: without huge pages the table is slower and as right.
  (void)madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

}  // namespace

InstanceTable::Slots::Slots(std::size_t capacity)
    : mask_(capacity - 1), slots_(static_cast<Slot*>(AllocateZeroed(capacity * sizeof(Slot)))) {
  std::uninitialized_value_construct_n(slots_, capacity);
}

InstanceTable::Slots::~Slots() { std::free(slots_); }

InstanceTable::Shard::Shard() : slots(new Slots(kFirstCapacity)) {
  entries = std::make_unique<Entry[]>(kFirstCapacity);
}

InstanceTable::Shard::~Shard() { delete slots.load(std::memory_order_relaxed); }

InstanceTable::InstanceTable(std::uint64_t seed)
    : hasher_(seed),
      asymmetric_(base::HasAsymmetricFence()),
      lines_(std::make_unique<Line[]>(base::kThreadIndexMax)) {}

// For threads without a line: with the writer kept away, slots stay where they are.
bool InstanceTable::RenewLocked(std::uint64_t hash, const LeaseKey& key, MonotonicTime now) const {
  Shard& shard = ShardOf(hash);
  base::MutexLock writing(shard.lock.mutex());
  const Slot* slot = shard.slots.load(std::memory_order_relaxed)->Find(hash, key);
  if (slot == nullptr) return false;
  slot->last_ms.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  return true;
}

void InstanceTable::WaitForUsersOf(const Shard* shard) const {
  if (asymmetric_) base::HeavyFence();
  const std::uint32_t end = base::ThreadIndexEnd();
  for (std::uint32_t i = 0; i < end; ++i) {
    for (int spins = 0; lines_[i].using_slots_of.load(std::memory_order_seq_cst) == shard;
         ++spins) {
      // A thread that was preempted may need this core.
      if (spins >= 64) std::this_thread::yield();
    }
  }
}

// Makes room for one more, and drops the marks of removed ones. REQUIRES: the shard's mutex.
void InstanceTable::Rehash(Shard* shard) const {
  Slots* old = shard->slots.load(std::memory_order_relaxed);
  const bool crowded = (shard->live + 1) * 2 > old->capacity();
  const std::size_t capacity = crowded ? old->capacity() * 2 : old->capacity();
  auto slots = std::make_unique<Slots>(capacity);
  auto entries = std::make_unique<Entry[]>(capacity);
  auto moved = std::make_unique<std::uint32_t[]>(old->capacity());
  for (std::size_t i = 0; i < old->capacity(); ++i) {
    const Slot& from = (*old)[i];
    const std::uint64_t owner = from.owner.load(std::memory_order_relaxed);
    if (owner < kOwnerMin) continue;
    const std::uint64_t hi = from.hi.load(std::memory_order_relaxed);
    const std::uint64_t lo = from.lo.load(std::memory_order_relaxed);
    const std::size_t to = slots->FreeFor(hasher_.Of128(hi, lo));
    (*slots)[to].hi.store(hi, std::memory_order_relaxed);
    (*slots)[to].lo.store(lo, std::memory_order_relaxed);
    (*slots)[to].owner.store(owner, std::memory_order_relaxed);
    entries[to] = shard->entries[i];
    moved[i] = static_cast<std::uint32_t>(to);
  }
  {
    base::ReaderLock::Writer alone(&shard->lock);
    shard->slots.store(slots.get(), std::memory_order_seq_cst);
    shard->entries = std::move(entries);
    shard->taken = shard->live;
  }
  WaitForUsersOf(shard);
  // Times never go back: a renewal of the new slot may have come first.
  for (std::size_t i = 0; i < old->capacity(); ++i) {
    if ((*old)[i].owner.load(std::memory_order_relaxed) < kOwnerMin) continue;
    const std::int64_t last = (*old)[i].last_ms.load(std::memory_order_relaxed);
    std::atomic<std::int64_t>& target = (*slots)[moved[i]].last_ms;
    std::int64_t newer = target.load(std::memory_order_relaxed);
    while (newer < last &&
           !target.compare_exchange_weak(newer, last, std::memory_order_relaxed)) {
    }
  }
  (void)slots.release();
  delete old;
}

const InstanceRecord* InstanceTable::Acquire(const LeaseKey& key) const {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::ReaderLock::Reader reading(&shard.lock);
  const Slots& slots = *shard.slots.load(std::memory_order_acquire);
  const Slot* slot = slots.Find(hash, key);
  if (slot == nullptr) return nullptr;
  const InstanceRecord* record = shard.entries[slots.IndexOf(slot)].record;
  record->Ref();
  return record;
}

bool InstanceTable::Contains(const LeaseKey& key) const { return Get(key).has_value(); }

void InstanceTable::Insert(const LeaseKey& key, const Entry& entry, MonotonicTime now) {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::MutexLock writing(shard.lock.mutex());
  const std::size_t capacity = shard.slots.load(std::memory_order_relaxed)->capacity();
  if ((shard.taken + 1) * 4 > capacity * 3) Rehash(&shard);
  base::ReaderLock::Writer alone(&shard.lock);
  Slots& slots = *shard.slots.load(std::memory_order_relaxed);
  const std::size_t at = slots.FreeFor(hash);
  Slot& slot = slots[at];
  if (slot.owner.load(std::memory_order_relaxed) == kEmpty) ++shard.taken;
  shard.entries[at] = entry;
  slot.hi.store(key.hi, std::memory_order_relaxed);
  slot.lo.store(key.lo, std::memory_order_relaxed);
  slot.last_ms.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  slot.owner.store(key.owner, std::memory_order_release);
  ++shard.live;
}

std::optional<InstanceTable::Entry> InstanceTable::Get(const LeaseKey& key) const {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::ReaderLock::Reader reading(&shard.lock);
  const Slots& slots = *shard.slots.load(std::memory_order_acquire);
  const Slot* slot = slots.Find(hash, key);
  if (slot == nullptr) return std::nullopt;
  return shard.entries[slots.IndexOf(slot)];
}

MonotonicTime InstanceTable::LastHeartbeat(const LeaseKey& key) const {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::ReaderLock::Reader reading(&shard.lock);
  const Slot* slot = shard.slots.load(std::memory_order_acquire)->Find(hash, key);
  return MonotonicTime(Millis(slot != nullptr ? slot->last_ms.load(std::memory_order_relaxed) : 0));
}

void InstanceTable::SetEntry(const LeaseKey& key, const Entry& entry) {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::MutexLock writing(shard.lock.mutex());
  base::ReaderLock::Writer alone(&shard.lock);
  const Slots& slots = *shard.slots.load(std::memory_order_relaxed);
  shard.entries[slots.IndexOf(slots.Find(hash, key))] = entry;
}

void InstanceTable::Remove(const LeaseKey& key) {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::MutexLock writing(shard.lock.mutex());
  base::ReaderLock::Writer alone(&shard.lock);
  Slots& slots = *shard.slots.load(std::memory_order_relaxed);
  const std::size_t at = slots.IndexOf(slots.Find(hash, key));
  // Where the probe ends here anyway, no mark is needed.
  const std::size_t next = (at + 1) & (slots.capacity() - 1);
  const bool last = slots[next].owner.load(std::memory_order_relaxed) == kEmpty;
  slots[at].owner.store(last ? kEmpty : kRemoved, std::memory_order_release);
  shard.entries[at] = {};
  --shard.live;
  if (last) --shard.taken;
}

}  // namespace skep::core
