#include "kie/core/wait_table.h"

#include <utility>

#include "kie/core/errors.h"

namespace skep::core {
namespace {

bool Concerns(const KvFilter* filter, const KvStep& step) {
  if (filter == nullptr) return true;
  return (step.before != nullptr && filter->Passes(*step.before)) ||
         (step.after != nullptr && filter->Passes(*step.after));
}

}  // namespace

bool CancelWait(const std::shared_ptr<KvWaiter>& waiter) {
  const std::shared_ptr<WaitTable> table = waiter->table.lock();
  return table != nullptr && table->Cancel(waiter.get());
}

Result<std::shared_ptr<KvWaiter>> WaitTable::Add(std::string topic, KvFilter filter, Millis timeout,
                                                 WaitFn fn) {
  auto waiter = std::make_shared<KvWaiter>();
  waiter->table = weak_from_this();
  waiter->fn = std::move(fn);
  if (!filter.passes_all()) waiter->filter = std::make_unique<const KvFilter>(std::move(filter));
  const MonotonicTime due = clock_->Now() + timeout;

  base::MutexLock lock(&mu_);
  if (closed_) return KvClosing();
  if (count_.load(std::memory_order_relaxed) >= waits_max_) return KvTooManyWaits(waits_max_);
  waiter->topic = &*topics_.try_emplace(std::move(topic)).first;
  Waiters& waiters = waiter->topic->second;
  waiter->slot = waiters.size();
  waiters.push_back(waiter);
  // Whoever publishes looks at the count after its change is visible, and whoever waits compares
  // after this: one of the two sees the other.
  count_.fetch_add(1, std::memory_order_seq_cst);
  waiter->timer = clock_->Schedule(due, [weak = std::weak_ptr<KvWaiter>(waiter)] {
    const std::shared_ptr<KvWaiter> late = weak.lock();
    if (late == nullptr) return;
    if (const auto table = late->table.lock()) table->End(late.get(), WaitEnd::kTimedOut);
  });
  return waiter;
}

WaitFn WaitTable::Remove(KvWaiter* waiter) {
  waiter->waiting = false;
  Waiters& waiters = waiter->topic->second;
  // Whoever calls this holds a reference of its own to the waiter.
  waiters.back()->slot = waiter->slot;
  waiters[waiter->slot].swap(waiters.back());
  waiters.pop_back();
  if (waiters.empty()) topics_.erase(topics_.find(waiter->topic->first));
  count_.fetch_sub(1, std::memory_order_relaxed);
  return std::exchange(waiter->fn, nullptr);
}

bool WaitTable::Cancel(KvWaiter* waiter) {
  WaitFn fn;  // Freed with no lock held: what it holds may be anything.
  Clock::TimerId timer;
  {
    base::MutexLock lock(&mu_);
    if (!waiter->waiting) return false;
    fn = Remove(waiter);
    timer = waiter->timer;
  }
  clock_->Cancel(timer);
  return true;
}

void WaitTable::End(KvWaiter* waiter, WaitEnd how) {
  WaitFn fn;
  Clock::TimerId timer;
  {
    base::MutexLock lock(&mu_);
    if (!waiter->waiting) return;
    fn = Remove(waiter);
    timer = waiter->timer;
  }
  if (how != WaitEnd::kTimedOut) clock_->Cancel(timer);
  fn(how);
}

void WaitTable::Take(const std::string& topic, const KvStep& step, Waiters* taken) {
  const auto at = topics_.find(topic);
  if (at == topics_.end()) return;
  for (const std::shared_ptr<KvWaiter>& waiter : at->second) {
    if (Concerns(waiter->filter.get(), step)) taken->push_back(waiter);
  }
}

void WaitTable::Publish(const Tenant& tenant, std::span<const KvStep> steps) {
  if (count_.load(std::memory_order_seq_cst) == 0) return;
  Waiters taken;
  std::vector<WaitFn> fns;
  for (const KvStep& step : steps) {
    const std::vector<std::string> topics = LabelTopicsOf(tenant, *step.identity().label_set);
    base::MutexLock lock(&mu_);
    for (const std::string& topic : topics) {
      const std::size_t before = taken.size();
      Take(topic, step, &taken);
      for (std::size_t i = before; i < taken.size(); ++i) fns.push_back(Remove(taken[i].get()));
    }
  }
  Call(taken, &fns, WaitEnd::kChanged);
}

void WaitTable::Close() {
  Waiters taken;
  std::vector<WaitFn> fns;
  {
    base::MutexLock lock(&mu_);
    closed_ = true;
    for (const auto& [topic, waiters] : topics_) {
      taken.insert(taken.end(), waiters.begin(), waiters.end());
    }
    for (const std::shared_ptr<KvWaiter>& waiter : taken) fns.push_back(Remove(waiter.get()));
  }
  Call(taken, &fns, WaitEnd::kClosed);
}

void WaitTable::Call(const Waiters& ended, std::vector<WaitFn>* fns, WaitEnd how) {
  for (std::size_t i = 0; i < ended.size(); ++i) {
    clock_->Cancel(ended[i]->timer);
    (*fns)[i](how);
    (*fns)[i] = nullptr;
  }
}

}  // namespace skep::core
