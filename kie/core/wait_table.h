// WaitTable: who waits for which labels of which tenant.
//
// A wait is filed under its topic: tenant, kind of match, label format. A change of an item asks
// for the topics that it can concern: its exact set, and each subset of its labels (at most 2^6).
// So a change costs the same whether ten or ten thousand wait for something else. A wait costs its
// entry, its function and a timer of the clock; no thread.
//
// Locking: mu_ is taken under no other lock and only the clock's is taken under it (Schedule).
// Functions are called, and timers cancelled, with none held.
#ifndef SKEP_KIE_CORE_WAIT_TABLE_H_
#define SKEP_KIE_CORE_WAIT_TABLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "kie/core/key_filter.h"
#include "kie/core/label_topics.h"
#include "skep/clock.h"
#include "skep/kie/types.h"
#include "skep/kie/wait.h"

namespace skep::core {

class WaitTable;
struct KvWaiter;

/// What some wait for, and who does.
using WaitTopic = std::pair<const std::string, std::vector<std::shared_ptr<KvWaiter>>>;

/// One wait. Its members are guarded by its table's lock.
struct KvWaiter {
  std::weak_ptr<WaitTable> table;
  WaitTopic* topic = nullptr;
  std::size_t slot = 0;  ///< In its topic's list.
  bool waiting = true;
  WaitFn fn;
  std::unique_ptr<const KvFilter> filter;  ///< Null: passes everything.
  Clock::TimerId timer = Clock::TimerId::kNone;
};

class WaitTable : public std::enable_shared_from_this<WaitTable> {
 public:
  /// The clock outlives the table's last wait.
  WaitTable(Clock* clock, std::size_t waits_max) : clock_(clock), waits_max_(waits_max) {}

  /// Begins a wait. Errors: kTooManyRequests; kUnavailable after Close.
  Result<std::shared_ptr<KvWaiter>> Add(std::string topic, KvFilter filter, Millis timeout,
                                        WaitFn fn);

  /// Ends it without a call. False: it had ended.
  bool Cancel(KvWaiter* waiter);

  /// Ends it with a call, unless it had ended.
  void End(KvWaiter* waiter, WaitEnd how);

  /// Ends the waits that one of the steps can concern.
  void Publish(const Tenant& tenant, std::span<const KvStep> steps);

  /// Ends all waits, and refuses others.
  void Close();

  std::size_t size() const { return count_.load(std::memory_order_relaxed); }

 private:
  using Waiters = std::vector<std::shared_ptr<KvWaiter>>;

  void Take(const std::string& topic, const KvStep& step, Waiters* taken)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  WaitFn Remove(KvWaiter* waiter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Call(const Waiters& ended, std::vector<WaitFn>* fns, WaitEnd how);

  Clock* const clock_;
  const std::size_t waits_max_;
  std::atomic<std::size_t> count_{0};

  base::Mutex mu_;
  std::unordered_map<std::string, Waiters> topics_ ABSL_GUARDED_BY(mu_);  // Its nodes stay put.
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_WAIT_TABLE_H_
