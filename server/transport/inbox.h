// Inbox: where replies that were deferred come back to their event loop, from whatever thread.
#ifndef SKEP_SERVER_TRANSPORT_INBOX_H_
#define SKEP_SERVER_TRANSPORT_INBOX_H_

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "server/transport/http_message.h"

namespace skep::server {

class Connection;

/// The tie between a deferred reply and the connection that waits for it. All members but `thread`
/// are touched on the loop's thread only.
struct DeferredLink {
  std::thread::id thread;            ///< The loop's.
  Connection* connection = nullptr;  ///< Null: gone, or answered.
  bool handling = true;              ///< The handler that called Defer has not returned yet.
  UnparkFn unpark;                   ///< Null: not parked, or called.
};

class Inbox {
 public:
  struct Item {
    std::shared_ptr<DeferredLink> link;
    std::optional<HttpReply> reply;  ///< None: dropped unsent.
  };

  /// `wake` makes the loop call Take soon. Locking: called under the inbox's lock, never after
  /// Close.
  explicit Inbox(std::function<void()> wake) : wake_(std::move(wake)) {}

  /// After Close it drops the item.
  void Push(Item item);

  /// Everything pushed since the last call, in order.
  std::vector<Item> Take();

  void Close();

 private:
  base::Mutex mu_;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<Item> items_ ABSL_GUARDED_BY(mu_);
  std::function<void()> wake_ ABSL_GUARDED_BY(mu_);
};

/// The reply as its sender holds it. Outlives the server where the sender does.
class DeferredReplyImpl final : public DeferredReply {
 public:
  DeferredReplyImpl(std::shared_ptr<Inbox> inbox, std::shared_ptr<DeferredLink> link)
      : inbox_(std::move(inbox)), link_(std::move(link)) {}
  ~DeferredReplyImpl() override;

  void Send(HttpReply reply) override;

 private:
  void Deliver(std::optional<HttpReply> reply);

  const std::shared_ptr<Inbox> inbox_;
  base::Mutex mu_;
  std::shared_ptr<DeferredLink> link_ ABSL_GUARDED_BY(mu_);  ///< Null once sent.
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_INBOX_H_
