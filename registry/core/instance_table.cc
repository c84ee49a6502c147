#include "registry/core/instance_table.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "registry/core/instance_record.h"

namespace skep::core {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kFirstCapacity = 16;

std::size_t AlignmentOf(std::size_t bytes) { return bytes >= kHugePage ? kHugePage : 64; }

}  // namespace

void InstanceTable::SlotsDeleter::operator()(Slot* slots) const {
  std::free(slots);
}

InstanceTable::Slots InstanceTable::MakeSlots(std::size_t count) {
  const std::size_t bytes = count * sizeof(Slot);
  void* memory = std::aligned_alloc(AlignmentOf(bytes), bytes);
  if (memory == nullptr) throw std::bad_alloc();
  // Advice only: without huge pages the table is slower and as right.
  if (bytes >= kHugePage) (void)madvise(memory, bytes, MADV_HUGEPAGE);
  Slot* slots = static_cast<Slot*>(memory);
  std::uninitialized_value_construct_n(slots, count);
  return Slots(slots);
}

void InstanceTable::Move(const Slot& from, Slot* to) {
  to->hi = from.hi;
  to->lo = from.lo;
  to->owner = from.owner;
  to->last_ms.store(from.last_ms.load(std::memory_order_relaxed), std::memory_order_relaxed);
}

// Readers wait: a heartbeat that landed in the old slots meanwhile would be lost.
void InstanceTable::Shard::Grow(const base::Hasher& hasher) {
  const std::size_t larger = std::max(kFirstCapacity, capacity * 2);
  Slots new_slots = MakeSlots(larger);
  auto new_entries = std::make_unique<Entry[]>(larger);
  base::ReaderLock::Writer alone(&lock);
  for (std::size_t i = 0; i < capacity; ++i) {
    if (slots[i].owner == 0) continue;
    std::size_t to = hasher.Of128(slots[i].hi, slots[i].lo) & (larger - 1);
    while (new_slots[to].owner != 0) to = (to + 1) & (larger - 1);
    Move(slots[i], &new_slots[to]);
    new_entries[to] = entries[i];
  }
  slots = std::move(new_slots);
  entries = std::move(new_entries);
  capacity = larger;
  mask = larger - 1;
}

void InstanceTable::Shard::CloseGap(std::size_t gap, const base::Hasher& hasher) {
  for (std::size_t i = (gap + 1) & mask; slots[i].owner != 0; i = (i + 1) & mask) {
    const std::size_t home = hasher.Of128(slots[i].hi, slots[i].lo) & mask;
    if (((i - home) & mask) < ((i - gap) & mask)) continue;
    Move(slots[i], &slots[gap]);
    entries[gap] = entries[i];
    gap = i;
  }
  slots[gap].owner = 0;
  entries[gap] = {};
}

const InstanceRecord* InstanceTable::Acquire(const LeaseKey& key) const {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::ReaderLock::Reader reading(&shard.lock);
  if (shard.capacity == 0) return nullptr;
  const InstanceRecord* record = shard.entries[shard.Probe(hash, key)].record;
  if (record != nullptr) record->Ref();
  return record;
}

bool InstanceTable::Contains(const LeaseKey& key) const {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::ReaderLock::Reader reading(&shard.lock);
  return shard.Find(hash, key) != nullptr;
}

void InstanceTable::Insert(const LeaseKey& key, const Entry& entry, MonotonicTime now) {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::MutexLock writing(shard.lock.mutex());
  if ((shard.size + 1) * 4 > shard.capacity * 3) shard.Grow(hasher_);
  base::ReaderLock::Writer alone(&shard.lock);
  const std::size_t at = shard.Probe(hash, key);
  Slot& slot = shard.slots[at];
  slot.hi = key.hi;
  slot.lo = key.lo;
  slot.owner = key.owner;
  slot.last_ms.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  shard.entries[at] = entry;
  ++shard.size;
}

std::optional<InstanceTable::Entry> InstanceTable::Get(const LeaseKey& key) const {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::ReaderLock::Reader reading(&shard.lock);
  if (shard.capacity == 0) return std::nullopt;
  const Entry& entry = shard.entries[shard.Probe(hash, key)];
  return entry.record != nullptr ? std::optional(entry) : std::nullopt;
}

MonotonicTime InstanceTable::LastHeartbeat(const LeaseKey& key) const {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::ReaderLock::Reader reading(&shard.lock);
  const Slot* slot = shard.Find(hash, key);
  return MonotonicTime(Millis(slot != nullptr ? slot->last_ms.load(std::memory_order_relaxed) : 0));
}

void InstanceTable::SetEntry(const LeaseKey& key, const Entry& entry) {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::MutexLock writing(shard.lock.mutex());
  base::ReaderLock::Writer alone(&shard.lock);
  shard.entries[shard.Probe(hash, key)] = entry;
}

void InstanceTable::Remove(const LeaseKey& key) {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::MutexLock writing(shard.lock.mutex());
  base::ReaderLock::Writer alone(&shard.lock);
  shard.CloseGap(shard.Probe(hash, key), hasher_);
  --shard.size;
}

}  // namespace skep::core
