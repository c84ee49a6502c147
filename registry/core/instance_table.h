// InstanceTable: the instances by id, and their leases. The table behind every heartbeat.
//
// A slot is 32 bytes: the id's 128 bits, the owner (keyed hash of tenant and service id) and the
// time of the last heartbeat. Slots lie inline, in groups of eight, each under one word of tags: a
// byte for each slot, of the key's hash. A look-up compares the eight tags at once and goes
// straight to the slot that matches, so a heartbeat costs the one cache line that it stores into;
// the tags of thousands of instances fit the first-level cache. The slot's address must not hang on
// the slot's content: where the store's address is known late, the processor holds back the loads
// that follow (measured: two slots compared without a branch, 22 ns where this takes 9).
//
// What else belongs to an instance (record, place in its service's list, deadline in the wheel)
// lies in a second array at the same index, which heartbeats never see.
//
// Look-ups and renewals hold the shard's ReaderLock and are free of shared writes; changes come
// from the engine's one writer. An id of other than 128 bits is not here: the registry maps its
// text to a number of its own first.
//
// Large shards ask for huge pages: random access to a million leases is half page walks without.
#ifndef SKEP_REGISTRY_CORE_INSTANCE_TABLE_H_
#define SKEP_REGISTRY_CORE_INSTANCE_TABLE_H_

#include <array>
#include <atomic>
#include <bit>
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
    return RenewOf(key.hi, key.lo, [&key] { return key.owner; }, now);
  }

  /// The same where the owner must be hashed first: `owner` is called under the lock, whose
  /// exchange is a fence, so that its work and the look-up's cache misses go on together.
  template <class Owner>
  bool RenewOf(std::uint64_t hi, std::uint64_t lo, Owner&& owner, MonotonicTime now) const {
    const std::uint64_t hash = hasher_.Of128(hi, lo);
    Shard& shard = ShardOf(hash);
    base::ReaderLock::Reader reading(&shard.lock);
    const std::size_t at = shard.Find(hash, {hi, lo, owner()});
    if (at == kNotThere) [[unlikely]]
      return false;
    shard.slots[at].last_ms.store(now.time_since_epoch().count(), std::memory_order_relaxed);
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
      for (std::size_t i = 0; i < shard.capacity(); ++i) {
        if (shard.entries[i].record != nullptr) fn(shard.entries[i]);
      }
    }
  }

 private:
  static constexpr int kShardBits = 5;
  static constexpr std::size_t kGroup = 8;
  static constexpr std::size_t kNotThere = ~std::size_t{0};

  // Tags: 2 to 127 for a live slot. One bit from kEmpty there is none, so that no search for a live
  // slot looks at an empty one, which still has the key of the one that was there (see ZeroBytes).
  static constexpr std::uint64_t kEmpty = 0x00;
  static constexpr std::uint64_t kRemoved = 0x80;
  static constexpr std::uint64_t kOnes = 0x0101010101010101;
  static constexpr std::uint64_t kTops = 0x8080808080808080;

  struct Slot {
    std::uint64_t hi = 0;
    std::uint64_t lo = 0;
    std::uint64_t owner = 0;
    std::atomic<std::int64_t> last_ms{0};
  };
  static_assert(sizeof(Slot) == 32);

  struct SlotsDeleter {
    void operator()(Slot* slots) const;
  };
  using Slots = std::unique_ptr<Slot[], SlotsDeleter>;

  static std::uint64_t TagOf(std::uint64_t hash) {
    const std::uint64_t tag = hash >> (64 - kShardBits - 7) & 0x7f;
    return tag > 1 ? tag : tag + 2;
  }
  /// A bit at the top of each byte that is zero; above such a one perhaps of some that are one,
  /// too.
  static std::uint64_t ZeroBytes(std::uint64_t word) { return (word - kOnes) & ~word & kTops; }
  static std::size_t FirstByte(std::uint64_t bits) {
    return static_cast<std::size_t>(std::countr_zero(bits)) / 8;
  }

  // All but last_ms changes under mutex and Writer; so either the mutex or a Reader is enough to
  // look.
  struct alignas(64) Shard {
    base::ReaderLock lock;
    std::size_t group_mask = 0;
    std::unique_ptr<std::uint64_t[]> tags;  ///< Null: no group yet.
    Slots slots;
    std::unique_ptr<Entry[]> entries;
    std::size_t live = 0;
    std::size_t taken = 0;  ///< Live ones and marks of removed ones.

    std::size_t capacity() const { return tags == nullptr ? 0 : (group_mask + 1) * kGroup; }

    // The key's index, or kNotThere. A group with an empty slot ends the search.
    std::size_t Find(std::uint64_t hash, const LeaseKey& key) const {
      if (tags == nullptr) [[unlikely]]
        return kNotThere;
      const std::uint64_t wanted = TagOf(hash) * kOnes;
      for (std::size_t group = hash & group_mask;; group = (group + 1) & group_mask) {
        const std::uint64_t word = tags[group];
        for (std::uint64_t hits = ZeroBytes(word ^ wanted); hits != 0; hits &= hits - 1) {
          const std::size_t at = group * kGroup + FirstByte(hits);
          const Slot& slot = slots[at];
          if (slot.hi == key.hi && slot.lo == key.lo && slot.owner == key.owner) [[likely]] {
            return at;
          }
        }
        if (ZeroBytes(word) != 0) return kNotThere;
      }
    }

    // Where a new key goes. REQUIRES: some slot is not live.
    std::size_t FreeFor(std::uint64_t hash) const;
    void SetTag(std::size_t at, std::uint64_t tag);
    void Rehash(const base::Hasher& hasher);
  };

  static Slots MakeSlots(std::size_t count);

  Shard& ShardOf(std::uint64_t hash) const { return shards_[hash >> (64 - kShardBits)]; }

  const base::Hasher hasher_;
  mutable std::array<Shard, std::size_t{1} << kShardBits> shards_;
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_INSTANCE_TABLE_H_
