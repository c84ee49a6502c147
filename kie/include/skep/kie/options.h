/// KieOptions: what a configuration center may cost, and what it remembers.
#ifndef SKEP_KIE_OPTIONS_H_
#define SKEP_KIE_OPTIONS_H_

#include <chrono>
#include <cstddef>

#include "skep/clock.h"

namespace skep {

struct KieOptions {
  /// Items of one tenant (the reference's QUOTA_CONFIG). A create at the limit is kNotEnoughQuota.
  std::size_t items_max = 100'000;

  /// Tenants that hold, or held, anything. Reading an unknown one costs nothing.
  std::size_t tenants_max = 10'000;

  /// Items of one import.
  std::size_t import_items_max = 100'000;

  // ----------------------------------------------------------------------------------------------
  // History. The current state of an item is never removed.

  /// Changes kept of one item, deletions among them.
  std::size_t history_max = 1'000;

  /// A state is removed this long after another has taken its place, ...
  Millis history_age_max = std::chrono::hours(7 * 24);

  /// ... but of an item that exists age leaves the newest this many (the reference keeps 100,
  /// however old).
  std::size_t history_min = 100;

  // ----------------------------------------------------------------------------------------------
  // Waiting

  /// Waits of the engine at once.
  std::size_t waits_max = 100'000;

  /// A longer wait is kWaitTooLong (spec kie 7.1).
  Millis wait_max = std::chrono::minutes(5);

  // ----------------------------------------------------------------------------------------------
  // Watching

  /// Watches of the engine's configuration at once.
  std::size_t watches_max = 200'000;

  /// Events that may wait in one of them.
  std::size_t watch_queue_max = 5'000;

  /// Changes of single items, each with the states before and after it, kept for those who resume
  /// from a revision, once anybody has watched.
  std::size_t watch_events_kept = 10'000;

  // ----------------------------------------------------------------------------------------------
  // Polling track. The oldest record makes room.

  /// Records of the engine.
  std::size_t polls_max = 10'000;

  /// Items named by all of them together.
  std::size_t poll_items_max = 1'000'000;

  /// Bytes of all memos (encoded items and lists, answered queries) together.
  std::size_t memo_bytes_max = std::size_t{256} << 20;
};

}  // namespace skep

#endif  // SKEP_KIE_OPTIONS_H_
