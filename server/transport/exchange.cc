#include "server/transport/exchange.h"

#include <algorithm>
#include <utility>

#include "server/transport/connection.h"

namespace skep::server {
namespace {

// A string or vector with more than this is not kept for the next request.
constexpr std::size_t kKeptBytesMax = 16 * 1024;
constexpr std::size_t kKeptExchangesMax = 64;

void ClearText(std::string& text) {
  text.clear();
  if (text.capacity() > kKeptBytesMax) text.shrink_to_fit();
}

}  // namespace

std::shared_ptr<DeferredReply> Exchange::Defer() { return connection->Defer(nullptr); }

std::shared_ptr<DeferredReply> Exchange::Park(UnparkFn unpark) {
  return connection->Defer(std::move(unpark));
}

bool Exchange::BecomeStream(StreamKind kind, std::unique_ptr<StreamHandler> handler) {
  return http11 && keep_alive && connection->BecomeStream(kind, std::move(handler));
}

void Exchange::Clear() {
  HttpReply& reply = reply_to_send;
  reply.status = 200;
  reply.content_type = {};
  reply.content_encoding = {};
  reply.static_fields = {};
  reply.headers.clear();
  ClearText(reply.text);
  reply.parts.clear();
  reply.mark = 0;
  if (reply.parts.capacity() > kKeptBytesMax / sizeof(BodyPart)) reply.parts.shrink_to_fit();
}

Exchange& Batch::next() {
  if (used_ == exchanges_.size()) exchanges_.push_back(std::make_unique<Exchange>());
  return *exchanges_[used_];
}

void Batch::Drop(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) exchanges_[i]->Clear();
  // The one being received stands behind the used ones and keeps its place relative to them.
  std::rotate(
      exchanges_.begin(), exchanges_.begin() + static_cast<std::ptrdiff_t>(count),
      exchanges_.begin() + static_cast<std::ptrdiff_t>(std::min(used_ + 1, exchanges_.size())));
  used_ -= count;
  ClearText(heads);
  gather.Clear();
  queued_bytes = 0;
}

void Batch::Reset() {
  Drop(used_);
  parsing = false;
  sending = 0;
  if (exchanges_.size() > kKeptExchangesMax) exchanges_.resize(kKeptExchangesMax);
}

}  // namespace skep::server
