// InstanceTable: the instances by id, and their leases. The table behind every heartbeat.
//
// A slot is 32 bytes: the id's 128 bits, the owner (keyed hash of tenant and service id) and the time
// of the last heartbeat. Slots lie inline in a table with linear probing, so a heartbeat touches one
// cache line and stores into it. What else belongs to an instance (record, place in its service's
// list, deadline in the wheel) lies in a second array at the same index, which heartbeats never see.
//
// Changes come from the engine's one writer. Look-ups of records hold the shard's ReaderLock.
// Renewals hold nothing: while it uses a shard's slots, a thread names the shard in a line of its
// own, and that line is read only when slots are replaced (Rehash), by a writer that first makes
// every thread pass a fence. Within one set of slots nothing moves:
//
//   insert   writes the id, then the owner; a renewal that sees the owner sees the id.
//   remove   leaves a mark in the owner; probing goes on over it, an insert may use it again.
//            A renewal that found the old instance there may then still store its time into the new
//            one's slot: harmless, for both times are that of this moment.
//   rehash   copies live slots, publishes the copy, waits for those that name the shard, and takes
//            over the times that were stored into the old slots meanwhile.
//
// An id of other than 128 bits is not here: the registry maps its text to a number of its own first.
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
#include "base/thread_index.h"
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

  /// Owners are larger than this: lower numbers mark slots without an instance.
  static constexpr std::uint64_t kOwnerMin = 2;

  explicit InstanceTable(std::uint64_t seed);
  InstanceTable(const InstanceTable&) = delete;
  InstanceTable& operator=(const InstanceTable&) = delete;

  /// Notes a heartbeat. False: no such instance.
  bool Renew(const LeaseKey& key, MonotonicTime now) const {
    const std::uint64_t hash = hasher_.Of128(key.hi, key.lo);
    Shard& shard = ShardOf(hash);
    const std::uint32_t index = base::ThreadIndex();
    if (index == base::kNoThreadIndex) [[unlikely]] return RenewLocked(hash, key, now);
    Line& line = lines_[index];
    if (asymmetric_) [[likely]] {
      line.using_slots_of.store(&shard, std::memory_order_relaxed);
      std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
      line.using_slots_of.exchange(&shard, std::memory_order_seq_cst);
    }
    const Slots* slots = shard.slots.load(std::memory_order_seq_cst);
    const Slot* slot = slots->Find(hash, key);
    const bool found = slot != nullptr;
    if (found) slot->last_ms.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    line.using_slots_of.store(nullptr, std::memory_order_release);
    return found;
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
      const std::size_t capacity = shard.slots.load(std::memory_order_relaxed)->capacity();
      for (std::size_t i = 0; i < capacity; ++i) {
        if (shard.entries[i].record != nullptr) fn(shard.entries[i]);
      }
    }
  }

 private:
  static constexpr int kShardBits = 5;
  static constexpr std::uint64_t kEmpty = 0;
  static constexpr std::uint64_t kRemoved = 1;

  struct Slot {
    std::atomic<std::uint64_t> owner{kEmpty};
    std::atomic<std::uint64_t> hi{0};
    std::atomic<std::uint64_t> lo{0};
    mutable std::atomic<std::int64_t> last_ms{0};
  };
  static_assert(sizeof(Slot) == 32);

  // A power of two of slots, at least one of them empty.
  class Slots {
   public:
    explicit Slots(std::size_t capacity);
    ~Slots();
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;

    std::size_t capacity() const { return mask_ + 1; }
    Slot& operator[](std::size_t i) { return slots_[i]; }
    const Slot& operator[](std::size_t i) const { return slots_[i]; }

    // The key's slot, or nullptr.
    const Slot* Find(std::uint64_t hash, const LeaseKey& key) const {
      for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
        const Slot& slot = slots_[i];
        const std::uint64_t owner = slot.owner.load(std::memory_order_acquire);
        if (owner == key.owner && slot.hi.load(std::memory_order_relaxed) == key.hi &&
            slot.lo.load(std::memory_order_relaxed) == key.lo) {
          return &slot;
        }
        if (owner == kEmpty) return nullptr;
      }
    }
    std::size_t IndexOf(const Slot* slot) const {
      return static_cast<std::size_t>(slot - slots_);
    }
    // Where a new key may go.
    std::size_t FreeFor(std::uint64_t hash) const {
      std::size_t i = hash & mask_;
      while (slots_[i].owner.load(std::memory_order_relaxed) >= kOwnerMin) i = (i + 1) & mask_;
      return i;
    }

   private:
    const std::size_t mask_;
    Slot* const slots_;
  };

  // Entries change under mutex and Writer; so either the mutex or a Reader is enough to look.
  struct alignas(64) Shard {
    std::atomic<Slots*> slots{nullptr};
    base::ReaderLock lock;
    std::unique_ptr<Entry[]> entries;
    std::size_t live = 0;
    std::size_t taken = 0;  ///< Live ones and removed ones.

    Shard();
    ~Shard();
  };

  struct alignas(64) Line {
    std::atomic<const Shard*> using_slots_of{nullptr};
  };

  Shard& ShardOf(std::uint64_t hash) const { return shards_[hash >> (64 - kShardBits)]; }
  bool RenewLocked(std::uint64_t hash, const LeaseKey& key, MonotonicTime now) const;
  void Rehash(Shard* shard) const;
  void WaitForUsersOf(const Shard* shard) const;

  const base::Hasher hasher_;
  const bool asymmetric_;
  mutable std::array<Shard, std::size_t{1} << kShardBits> shards_;
  const std::unique_ptr<Line[]> lines_;  ///< One for each thread index.
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_INSTANCE_TABLE_H_
