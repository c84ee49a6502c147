#include "registry/core/instance_table.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>

#include "registry/core/instance_record.h"

namespace skep::core {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kCacheLine = 64;

}  // namespace

void InstanceTable::SlotsDeleter::operator()(Slot* slots) const { std::free(slots); }

InstanceTable::Slots InstanceTable::MakeSlots(std::size_t count) {
  const std::size_t bytes = count * sizeof(Slot);
  void* memory = std::aligned_alloc(bytes >= kHugePage ? kHugePage : kCacheLine, bytes);
  if (memory == nullptr) throw std::bad_alloc();
  // Advice only: without huge pages the table is slower and as right.
  if (bytes >= kHugePage) (void)madvise(memory, bytes, MADV_HUGEPAGE);
  Slot* slots = static_cast<Slot*>(memory);
  std::uninitialized_value_construct_n(slots, count);
  return Slots(slots);
}

std::size_t InstanceTable::Shard::FreeFor(std::uint64_t hash) const {
  std::size_t group = hash & group_mask;
  std::uint64_t free = 0;
  // Empty and removed are the two tags without any of the low seven bits.
  while ((free = ZeroBytes(tags[group] & ~kTops)) == 0) group = (group + 1) & group_mask;
  return group * kGroup + FirstByte(free);
}

void InstanceTable::Shard::SetTag(std::size_t at, std::uint64_t tag) {
  const std::size_t shift = at % kGroup * 8;
  std::uint64_t& word = tags[at / kGroup];
  word = (word & ~(std::uint64_t{0xff} << shift)) | tag << shift;
}

// Makes room, and drops the marks of removed ones. Readers wait: a heartbeat that landed in the old
// slots meanwhile would be lost.
void InstanceTable::Shard::Rehash(const base::Hasher& hasher) {
  Shard fresh;
  const std::size_t groups = std::max<std::size_t>(1, capacity() / kGroup);
  const bool crowded = tags != nullptr && live * 2 > capacity();
  fresh.group_mask = (crowded ? groups * 2 : groups) - 1;
  fresh.tags = std::make_unique<std::uint64_t[]>(fresh.group_mask + 1);
  fresh.slots = MakeSlots(fresh.capacity());
  fresh.entries = std::make_unique<Entry[]>(fresh.capacity());

  base::ReaderLock::Writer alone(&lock);
  for (std::size_t i = 0; i < capacity(); ++i) {
    if (entries[i].record == nullptr) continue;
    const std::uint64_t hash = hasher.Of128(slots[i].hi, slots[i].lo);
    const std::size_t to = fresh.FreeFor(hash);
    fresh.SetTag(to, TagOf(hash));
    fresh.slots[to].hi = slots[i].hi;
    fresh.slots[to].lo = slots[i].lo;
    fresh.slots[to].owner = slots[i].owner;
    fresh.slots[to].last_ms.store(slots[i].last_ms.load(std::memory_order_relaxed),
                                  std::memory_order_relaxed);
    fresh.entries[to] = entries[i];
  }
  group_mask = fresh.group_mask;
  tags = std::move(fresh.tags);
  slots.swap(fresh.slots);
  entries.swap(fresh.entries);
  taken = live;
}

const InstanceRecord* InstanceTable::Acquire(const LeaseKey& key) const {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::ReaderLock::Reader reading(&shard.lock);
  const std::size_t at = shard.Find(hash, key);
  if (at == kNotThere) return nullptr;
  const InstanceRecord* record = shard.entries[at].record;
  record->Ref();
  return record;
}

bool InstanceTable::Contains(const LeaseKey& key) const { return Get(key).has_value(); }

std::optional<InstanceTable::Entry> InstanceTable::Get(const LeaseKey& key) const {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::ReaderLock::Reader reading(&shard.lock);
  const std::size_t at = shard.Find(hash, key);
  if (at == kNotThere) return std::nullopt;
  return shard.entries[at];
}

MonotonicTime InstanceTable::LastHeartbeat(const LeaseKey& key) const {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::ReaderLock::Reader reading(&shard.lock);
  const std::size_t at = shard.Find(hash, key);
  if (at == kNotThere) return {};
  return MonotonicTime(Millis(shard.slots[at].last_ms.load(std::memory_order_relaxed)));
}

void InstanceTable::Insert(const LeaseKey& key, const Entry& entry, MonotonicTime now) {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::MutexLock writing(shard.lock.mutex());
  if ((shard.taken + 1) * 4 > shard.capacity() * 3) shard.Rehash(hasher_);
  base::ReaderLock::Writer alone(&shard.lock);
  const std::size_t at = shard.FreeFor(hash);
  const bool was_removed = (shard.tags[at / kGroup] >> (at % kGroup * 8) & 0xff) == kRemoved;
  if (!was_removed) ++shard.taken;
  ++shard.live;
  shard.SetTag(at, TagOf(hash));
  Slot& slot = shard.slots[at];
  slot.hi = key.hi;
  slot.lo = key.lo;
  slot.owner = key.owner;
  slot.last_ms.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  shard.entries[at] = entry;
}

void InstanceTable::SetEntry(const LeaseKey& key, const Entry& entry) {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::MutexLock writing(shard.lock.mutex());
  base::ReaderLock::Writer alone(&shard.lock);
  shard.entries[shard.Find(hash, key)] = entry;
}

void InstanceTable::Remove(const LeaseKey& key) {
  const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
  Shard& shard = ShardOf(hash);
  base::MutexLock writing(shard.lock.mutex());
  base::ReaderLock::Writer alone(&shard.lock);
  const std::size_t at = shard.Find(hash, key);
  // Where a search ends in this group anyway, no mark is needed.
  const bool ends_here = ZeroBytes(shard.tags[at / kGroup]) != 0;
  shard.SetTag(at, ends_here ? kEmpty : kRemoved);
  if (ends_here) --shard.taken;
  --shard.live;
  shard.entries[at] = {};
}

}  // namespace skep::core
