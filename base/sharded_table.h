// ShardedTable<T>: entries found by a hash and a comparison, read without shared writes.
//
// The shard is picked by the hash's top bits, the place in it by the low ones (linear probing, no
// tombstones). Each shard lies under a ReaderLock. The table holds pointers and owns nothing: when
// Remove returns, no reader looks at the entry any more, and the caller may free it.
//
// Whoever computes the hash passes it down; `eq(const T&)` compares the full key.
#ifndef SKEP_BASE_SHARDED_TABLE_H_
#define SKEP_BASE_SHARDED_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/reader_lock.h"

namespace skep::base {

template <class T>
class ShardedTable {
 public:
  /// Calls fn(T&) on the entry while readers share the lock: look, copy out, count a reference;
  /// change nothing that is not atomic. Returns whether there was one.
  template <class Eq, class Fn>
  bool Read(std::uint64_t hash, Eq&& eq, Fn&& fn) const {
    Shard& shard = ShardOf(hash);
    ReaderLock::Reader reading(&shard.lock);
    T* entry = shard.Find(hash, eq);
    if (entry == nullptr) return false;
    fn(*entry);
    return true;
  }

  /// Calls fn(T&) with other writers of the shard kept away and readers left alone: for reading at
  /// length what only Update changes.
  template <class Eq, class Fn>
  bool ReadAtLength(std::uint64_t hash, Eq&& eq, Fn&& fn) const {
    Shard& shard = ShardOf(hash);
    MutexLock writing(shard.lock.mutex());
    T* entry = shard.Find(hash, eq);
    if (entry == nullptr) return false;
    fn(*entry, [&shard](auto&& swap) {
      ReaderLock::Writer alone(&shard.lock);
      swap();
    });
    return true;
  }

  /// Calls fn(T&) with everybody else of the shard kept away.
  template <class Eq, class Fn>
  bool Update(std::uint64_t hash, Eq&& eq, Fn&& fn) {
    Shard& shard = ShardOf(hash);
    MutexLock writing(shard.lock.mutex());
    T* entry = shard.Find(hash, eq);
    if (entry == nullptr) return false;
    ReaderLock::Writer alone(&shard.lock);
    fn(*entry);
    return true;
  }

  /// REQUIRES: no entry that compares equal is there.
  void Insert(std::uint64_t hash, T* entry) {
    Shard& shard = ShardOf(hash);
    MutexLock writing(shard.lock.mutex());
    if ((shard.size + 1) * 4 > shard.capacity * 3) shard.Grow();
    ReaderLock::Writer alone(&shard.lock);
    shard.Place(shard.slots.get(), shard.capacity, {hash, entry});
    ++shard.size;
  }

  template <class Eq>
  T* Remove(std::uint64_t hash, Eq&& eq) {
    Shard& shard = ShardOf(hash);
    MutexLock writing(shard.lock.mutex());
    const std::size_t at = shard.IndexOf(hash, eq);
    if (at == kNotThere) return nullptr;
    T* entry = shard.slots[at].entry;
    ReaderLock::Writer alone(&shard.lock);
    shard.CloseGap(at);
    --shard.size;
    return entry;
  }

  /// Calls fn(T&) on every entry, shard by shard. `fn` must not use the table.
  template <class Fn>
  void ForEach(Fn&& fn) const {
    for (Shard& shard : shards_) {
      MutexLock writing(shard.lock.mutex());
      for (std::size_t i = 0; i < shard.capacity; ++i) {
        if (shard.slots[i].entry != nullptr) fn(*shard.slots[i].entry);
      }
    }
  }

 private:
  static constexpr int kShardBits = 6;
  static constexpr std::size_t kNotThere = ~std::size_t{0};

  struct Slot {
    std::uint64_t hash = 0;
    T* entry = nullptr;
  };

  // Slots change under mutex and Writer; so either the mutex or a Reader is enough to look.
  struct alignas(64) Shard {
    ReaderLock lock;
    std::size_t capacity = 0;  ///< Zero or a power of two.
    std::size_t size = 0;
    std::unique_ptr<Slot[]> slots;

    template <class Eq>
    std::size_t IndexOf(std::uint64_t hash, Eq&& eq) const {
      if (capacity == 0) return kNotThere;
      const std::size_t mask = capacity - 1;
      for (std::size_t i = hash & mask; slots[i].entry != nullptr; i = (i + 1) & mask) {
        if (slots[i].hash == hash && eq(std::as_const(*slots[i].entry))) return i;
      }
      return kNotThere;
    }

    template <class Eq>
    T* Find(std::uint64_t hash, Eq&& eq) const {
      const std::size_t at = IndexOf(hash, eq);
      return at == kNotThere ? nullptr : slots[at].entry;
    }

    static void Place(Slot* into, std::size_t capacity, Slot slot) {
      const std::size_t mask = capacity - 1;
      std::size_t i = slot.hash & mask;
      while (into[i].entry != nullptr) i = (i + 1) & mask;
      into[i] = slot;
    }

    // Copies beside the readers, and keeps them away only for the swap.
    void Grow() {
      const std::size_t larger = capacity == 0 ? 8 : capacity * 2;
      auto copy = std::make_unique<Slot[]>(larger);
      for (std::size_t i = 0; i < capacity; ++i) {
        if (slots[i].entry != nullptr) Place(copy.get(), larger, slots[i]);
      }
      ReaderLock::Writer alone(&lock);
      slots.swap(copy);
      capacity = larger;
    }

    // Moves back what probing would no longer reach over the gap.
    void CloseGap(std::size_t gap) {
      const std::size_t mask = capacity - 1;
      for (std::size_t i = (gap + 1) & mask; slots[i].entry != nullptr; i = (i + 1) & mask) {
        const std::size_t home = slots[i].hash & mask;
        if (((i - home) & mask) < ((i - gap) & mask)) continue;
        slots[gap] = slots[i];
        gap = i;
      }
      slots[gap] = {};
    }
  };

  Shard& ShardOf(std::uint64_t hash) const { return shards_[hash >> (64 - kShardBits)]; }

  mutable std::array<Shard, std::size_t{1} << kShardBits> shards_;
};

}  // namespace skep::base

#endif  // SKEP_BASE_SHARDED_TABLE_H_
