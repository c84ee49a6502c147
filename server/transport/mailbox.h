// Mailbox: where other threads leave word for an event loop.
#ifndef SKEP_SERVER_TRANSPORT_MAILBOX_H_
#define SKEP_SERVER_TRANSPORT_MAILBOX_H_

#include <functional>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace skep::server {

template <class T>
class Mailbox {
 public:
  /// `wake` makes the loop call Take soon. Locking: called under the box's lock, never after Close.
  explicit Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

  /// After Close it drops the item.
  void Push(T item) {
    base::MutexLock lock(&mu_);
    if (closed_) return;
    items_.push_back(std::move(item));
    if (items_.size() == 1) wake_();
  }

  /// Everything pushed since the last call, in order.
  std::vector<T> Take() {
    base::MutexLock lock(&mu_);
    return std::exchange(items_, {});
  }

  void Close() {
    std::vector<T> dropped;  // Freed with no lock held.
    base::MutexLock lock(&mu_);
    closed_ = true;
    dropped.swap(items_);
  }

 private:
  base::Mutex mu_;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<T> items_ ABSL_GUARDED_BY(mu_);
  const std::function<void()> wake_;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_MAILBOX_H_
