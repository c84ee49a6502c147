// Inbox: where replies that were deferred come back to their event loop, from whatever thread.
#ifndef SKEP_SERVER_TRANSPORT_INBOX_H_
#define SKEP_SERVER_TRANSPORT_INBOX_H_

#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "server/transport/http_message.h"
#include "server/transport/mailbox.h"

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

struct InboxItem {
  std::shared_ptr<DeferredLink> link;
  std::optional<HttpReply> reply;  ///< None: dropped unsent.
};

using Inbox = Mailbox<InboxItem>;

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
