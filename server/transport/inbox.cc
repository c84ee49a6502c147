#include "server/transport/inbox.h"

#include "server/transport/connection.h"

namespace skep::server {

DeferredReplyImpl::~DeferredReplyImpl() { Deliver(std::nullopt); }

void DeferredReplyImpl::Send(HttpReply reply) { Deliver(std::move(reply)); }

void DeferredReplyImpl::Deliver(std::optional<HttpReply> reply) {
  std::shared_ptr<DeferredLink> link;
  {
    base::MutexLock lock(&mu_);
    link = std::exchange(link_, nullptr);
  }
  if (link == nullptr) return;
  // A handler that has its answer at once, through a callback that ran inline, needs no detour.
  if (link->thread == std::this_thread::get_id() && link->handling && reply.has_value()) {
    link->connection->TakeInlineReply(std::move(*reply));
    return;
  }
  inbox_->Push({std::move(link), std::move(reply)});
}

}  // namespace skep::server
