// InstanceTable: the instances by id, and their leases. The table behind every heartbeat.
//
// A slot is 32 bytes: the id's 128 bits, the owner (keyed hash of tenant and service id) and the time
// of the last heartbeat. Slots lie inline in a table with linear probing, so a heartbeat touches one
// cache line and stores into it. What else belongs to an instance (record, place in its service's
// list, deadline in the wheel) lies in a second array at the same index, which heartbeats never see.
//
// Reads and renewals hold the shard's ReaderLock and are free of shared writes; changes come from the
// engine's one writer. An id of other than 128 bits is not here: the registry maps its text to a
// number of its own first.
//
// Large shards ask for huge pages: random access to a million leases is half page walks without.
#ifndef SKEP_REGISTRY_CORE_INSTANCE_TABLE_H_
#define SKEP_REGISTRY_CORE_INSTANCE_TABLE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/hash.h"
#include "base/reader_lock.h"
#include "skep/clock.h"

namespace skep::core {

struct InstanceRecord;

struct LeaseKey {
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;
  std::uint64_t owner = 0;
};

class InstanceTable {
 public:
  struct Entry {
    const InstanceRecord* record = nullptr;
    std::uint32_t place = 0;     ///< In ServiceEntry::instances.
    std::uint32_t deadline = 0;  ///< Handle in the timer wheel.
  };

  explicit InstanceTable(std::uint64_t seed) : hasher_(seed) {}
  InstanceTable(const InstanceTable&) = delete;
  InstanceTable& operator=(const InstanceTable&) = delete;

  /// Notes a heartbeat. False: no such instance.
  bool Renew(const LeaseKey& key, MonotonicTime now) const {
    const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
    Shard& shard = ShardOf(hash);
    base::ReaderLock::Reader reading(&shard.lock);
    Slot* slot = shard.Find(hash, key);
    if (slot == nullptr) return false;
    slot->last_ms.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    return true;
  }

  /// The record with a reference taken for the caller, or nullptr.
  const InstanceRecord* Acquire(const LeaseKey& key) const;

  bool Contains(const LeaseKey& key) const;

  // For the engine's writer.

  /// REQUIRES: the key is not there.
  void Insert(const LeaseKey& key, const Entry& entry, MonotonicTime now);
  std::optional<Entry> Get(const LeaseKey& key) const;
  MonotonicTime LastHeartbeat(const LeaseKey& key) const;
  /// REQUIRES: the key is there, as for Remove.
  void SetEntry(const LeaseKey& key, const Entry& entry);
  void Remove(const LeaseKey& key);

  /// Calls fn(const Entry&) on each; for the end.
  template <class Fn>
  void ForEach(Fn&& fn) const {
    for (Shard& shard : shards_) {
      base::MutexLock writing(shard.lock.mutex());
      for (std::size_t i = 0; i < shard.capacity; ++i) {
        if (shard.entries[i].record != nullptr) fn(shard.entries[i]);
      }
    }
  }

 private:
  static constexpr int kShardBits = 5;

  struct Slot {
    std::uint64_t hi = 0;
    std::uint64_t lo = 0;
    std::uint64_t owner = 0;  ///< Zero: empty. No owner is zero.
    std::atomic<std::int64_t> last_ms{0};
  };
  static_assert(sizeof(Slot) == 32);

  struct SlotsDeleter {
    void operator()(Slot* slots) const;
  };
  using Slots = std::unique_ptr<Slot[], SlotsDeleter>;

  // Slots and entries change under mutex and Writer; either the mutex or a Reader lets one look.
  struct alignas(64) Shard {
    base::ReaderLock lock;
    Slots slots;
    std::size_t mask = 0;
    std::size_t size = 0;
    std::size_t capacity = 0;
    std::unique_ptr<Entry[]> entries;

    // The index of the key, or of the empty slot that ends its search. REQUIRES: capacity > 0.
    std::size_t Probe(std::uint64_t hash, const LeaseKey& key) const {
      std::size_t i = hash & mask;
      while (slots[i].owner != 0 && (slots[i].hi != key.hi || slots[i].lo != key.lo ||
                                     slots[i].owner != key.owner)) {
        i = (i + 1) & mask;
      }
      return i;
    }
    Slot* Find(std::uint64_t hash, const LeaseKey& key) const {
      if (capacity == 0) [[unlikely]] return nullptr;
      Slot* slot = &slots[Probe(hash, key)];
      return slot->owner != 0 ? slot : nullptr;
    }
    void Grow(const base::Hasher& hasher);
    void CloseGap(std::size_t gap, const base::Hasher& hasher);
  };

  static Slots MakeSlots(std::size_t count);
  static void Move(const Slot& from, Slot* to);

  Shard& ShardOf(std::uint64_t hash) const { return shards_[hash >> (64 - kShardBits)]; }

  const base::Hasher hasher_;
  mutable std::array<Shard, std::size_t{1} << kShardBits> shards_;
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_INSTANCE_TABLE_H_
