// TimerWheel: many deadlines, each added and removed in constant time, that fire in due order.
//
// Four levels of 256 slots; a slot of level k spans 256^k milliseconds. A deadline lies in the
// lowest level whose reach holds it, and moves down when its slot's span begins, so that it ends up
// in a slot of one millisecond. What lies beyond the top level waits in its last slot and is placed
// anew from there. With kLevels 4 and a deadline 120 s away: added at level 2, moved twice.
//
// Deadlines of one millisecond fire in the order in which they came to stand there.
// Thread-safety: none; its owner guards it.
#ifndef SKEP_BASE_TIMER_WHEEL_H_
#define SKEP_BASE_TIMER_WHEEL_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "skep/clock.h"

namespace skep::base {

template <class T>
class TimerWheel {
 public:
  /// Names one deadline, from Add until it fires or is removed.
  using Handle = std::uint32_t;
  static constexpr Handle kNone = ~Handle{0};

  explicit TimerWheel(MonotonicTime now) : now_(Ticks(now)) {
    for (auto& level : heads_) level.fill({});
  }

  /// A deadline that is past counts as due now.
  Handle Add(MonotonicTime due, const T& value) {
    Handle handle;
    if (free_ != kNone) {
      handle = free_;
      free_ = nodes_[handle].next;
    } else {
      handle = static_cast<Handle>(nodes_.size());
      nodes_.emplace_back();
    }
    Node& node = nodes_[handle];
    node.value = value;
    node.due = std::max(Ticks(due), now_);
    Link(handle);
    ++size_;
    return handle;
  }

  void Remove(Handle handle) {
    Unlink(handle);
    Free(handle);
  }

  /// Replaces the value and keeps the deadline.
  void Set(Handle handle, const T& value) { nodes_[handle].value = value; }

  std::size_t size() const { return size_; }

  /// Calls fn(value) on deadlines spread evenly over all, on at most about `max` of them. May be
  /// called while Fire calls, and then meets the firing one, too.
  template <class Fn>
  void Sample(std::size_t max, Fn&& fn) const {
    const std::size_t step = std::max<std::size_t>(1, nodes_.size() / max);
    for (std::size_t i = 0; i < nodes_.size(); i += step) {
      if (nodes_[i].place != kNowhere) fn(nodes_[i].value);
    }
  }

  /// When Fire must be called next: never later than the earliest deadline, at times earlier.
  std::optional<MonotonicTime> NextDue() const {
    if (size_ == 0) return std::nullopt;
    std::uint64_t best = ~std::uint64_t{0};
    for (int level = 0; level < kLevels; ++level) {
      if (const auto slot = NextSlot(level)) best = std::min(best, StartOf(level, *slot));
    }
    return MonotonicTime(Millis(static_cast<std::int64_t>(std::max(best, now_))));
  }

  /// Fires what is due by `now`, at most `max` deadlines: calls fn(value, due), which returns the
  /// next deadline (to keep the handle) or nullopt (the handle ends). `fn` must not touch the
  /// wheel. Returns how many fired; fewer than `max` means that nothing more is due.
  template <class Fn>
  std::size_t Fire(MonotonicTime now, std::size_t max, Fn&& fn) {
    std::size_t fired = 0;
    const std::uint64_t target = Ticks(now);
    while (size_ > 0) {
      const auto next = NextDue();
      const std::uint64_t at = Ticks(*next);
      if (at > target) break;
      MoveTo(at);
      while (heads_[0][Slot(0, now_)].first != kNone) {
        if (fired == max) return fired;
        const Handle handle = heads_[0][Slot(0, now_)].first;
        Unlink(handle);
        const std::uint64_t due = nodes_[handle].due;
        const std::optional<MonotonicTime> again =
            fn(nodes_[handle].value, MonotonicTime(Millis(static_cast<std::int64_t>(due))));
        ++fired;
        if (again.has_value()) {
          nodes_[handle].due = std::max(Ticks(*again), now_ + 1);
          Link(handle);
        } else {
          Free(handle);
        }
      }
    }
    if (target > now_ && fired < max) MoveTo(target);
    return fired;
  }

 private:
  static constexpr int kLevels = 4;
  static constexpr int kBits = 8;
  static constexpr std::uint64_t kSlots = 1 << kBits;

  static constexpr std::uint16_t kNowhere = 0xffff;

  struct Node {
    T value{};
    std::uint64_t due = 0;
    Handle prev = kNone;
    Handle next = kNone;
    std::uint16_t place = kNowhere;  ///< level * kSlots + slot
  };
  struct List {
    Handle first = kNone;
    Handle last = kNone;
  };

  static std::uint64_t Ticks(MonotonicTime time) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(time.time_since_epoch().count(), 0));
  }
  static std::uint64_t Slot(int level, std::uint64_t tick) {
    return tick >> (kBits * level) & (kSlots - 1);
  }

  // The lowest level on which `due` and now share the slot of the level above.
  int LevelOf(std::uint64_t due) const {
    for (int level = 0; level < kLevels - 1; ++level) {
      if (due >> (kBits * (level + 1)) == now_ >> (kBits * (level + 1))) return level;
    }
    return kLevels - 1;
  }

  void Link(Handle handle) {
    Node& node = nodes_[handle];
    const int level = LevelOf(node.due);
    std::uint64_t slot = Slot(level, node.due);
    // Beyond the top level's reach: the slot before the current one comes last.
    constexpr int kTop = kLevels - 1;
    if (level == kTop && (node.due >> (kBits * kTop)) - (now_ >> (kBits * kTop)) >= kSlots) {
      slot = (Slot(kTop, now_) + kSlots - 1) & (kSlots - 1);
    }
    List& list = heads_[static_cast<std::size_t>(level)][slot];
    node.place = static_cast<std::uint16_t>(static_cast<std::uint64_t>(level) * kSlots + slot);
    node.prev = list.last;
    node.next = kNone;
    (list.last == kNone ? list.first : nodes_[list.last].next) = handle;
    list.last = handle;
    used_[static_cast<std::size_t>(level)][slot / 64] |= std::uint64_t{1} << (slot % 64);
  }

  void Unlink(Handle handle) {
    Node& node = nodes_[handle];
    const std::size_t level = node.place / kSlots;
    const std::uint64_t slot = node.place % kSlots;
    List& list = heads_[level][slot];
    (node.prev == kNone ? list.first : nodes_[node.prev].next) = node.next;
    (node.next == kNone ? list.last : nodes_[node.next].prev) = node.prev;
    if (list.first == kNone) used_[level][slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
  }

  void Free(Handle handle) {
    nodes_[handle].next = free_;
    nodes_[handle].place = kNowhere;
    free_ = handle;
    --size_;
  }

  // The first used slot of a level, from the current one on and around.
  std::optional<std::uint64_t> NextSlot(int level) const {
    const auto& used = used_[static_cast<std::size_t>(level)];
    const std::uint64_t from = Slot(level, now_);
    for (std::uint64_t step = 0; step <= kSlots / 64; ++step) {
      const std::uint64_t word = (from / 64 + step) % (kSlots / 64);
      std::uint64_t bits = used[word];
      if (step == 0) bits &= ~std::uint64_t{0} << (from % 64);
      if (step == kSlots / 64) bits &= (std::uint64_t{1} << (from % 64)) - 1;
      if (bits != 0) return word * 64 + static_cast<std::uint64_t>(std::countr_zero(bits));
    }
    return std::nullopt;
  }

  // The moment at which a used slot's span begins.
  std::uint64_t StartOf(int level, std::uint64_t slot) const {
    const std::uint64_t current = now_ >> (kBits * level);
    const std::uint64_t ahead = (slot - current) & (kSlots - 1);
    return (current + ahead) << (kBits * level);
  }

  // Makes `tick` the present. Nothing may be due before it. Slots whose span begins there move
  // down.
  void MoveTo(std::uint64_t tick) {
    assert(tick >= now_);
    const std::uint64_t before = now_;
    now_ = tick;
    for (int level = kLevels - 1; level > 0; --level) {
      if (before >> (kBits * level) == now_ >> (kBits * level) && before != now_) continue;
      const std::size_t index = static_cast<std::size_t>(level);
      Handle handle = heads_[index][Slot(level, now_)].first;
      heads_[index][Slot(level, now_)] = {};
      used_[index][Slot(level, now_) / 64] &= ~(std::uint64_t{1} << (Slot(level, now_) % 64));
      while (handle != kNone) {
        const Handle next = nodes_[handle].next;
        Link(handle);
        handle = next;
      }
    }
  }

  std::uint64_t now_;
  std::size_t size_ = 0;
  Handle free_ = kNone;
  std::deque<Node> nodes_;  ///< Grows without moving what it holds.
  std::array<std::array<List, kSlots>, kLevels> heads_;
  std::array<std::array<std::uint64_t, kSlots / 64>, kLevels> used_{};
};

}  // namespace skep::base

#endif  // SKEP_BASE_TIMER_WHEEL_H_
