#include "server/transport/exchange.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "server/transport/connection.h"
#include "server/transport/limits.h"

namespace skep::server {
namespace {

// A string or vector with more than this is not kept for the next request.
constexpr std::size_t kKeptBytesMax = 16 * 1024;
constexpr std::size_t kKeptExchangesMax = 64;
// Bodies up to this size are copied behind their head; beyond, a piece of their own is cheaper.
constexpr std::size_t kCopiedBodyMax = 2048;

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

void AppendChunkSize(std::size_t size, std::string* out) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, size, 16).ptr;
  out->append(digits, end).append(kLineEnd);
}

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
  // Events are a body that ends with the connection, which any client can have.
  const bool may = kind == StreamKind::kEvents || (http11 && keep_alive);
  return may && connection->BecomeStream(kind, std::move(handler));
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
  reply.source.reset();
  reply.bytes_sent = 0;
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

void Batch::AppendHead(Exchange& exchange, ConnectionField connection, std::string_view date) {
  HttpReply& reply = exchange.reply_to_send;
  exchange.head_begin = heads.size();
  AppendReplyHead(reply, connection, date, &heads);
  const bool has_body = exchange.request.verb != Verb::kHead && StatusAllowsBody(reply.status);
  if (!has_body) reply.source.reset();
  exchange.chunked = reply.source != nullptr && connection != ConnectionField::kUntilClose;
  const std::size_t size = has_body ? reply.body_size() : 0;
  const bool is_chunk = exchange.chunked && size > 0;
  if (is_chunk) AppendChunkSize(size, &heads);
  exchange.body_in_head = size <= kCopiedBodyMax;
  if (has_body && exchange.body_in_head) {
    heads += reply.text;
    for (const BodyPart& part : reply.parts) heads += part.bytes;
    if (is_chunk) heads += kLineEnd;
  }
  exchange.head_size = heads.size() - exchange.head_begin;
}

void Batch::GatherAnswers(std::size_t count) {
  const std::string_view all_heads = heads;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Exchange& exchange = *exchanges_[i];
    if (exchange.body_in_head) continue;
    const std::size_t end = exchange.head_begin + exchange.head_size;
    gather.Add(all_heads.substr(begin, end - begin));
    gather.Add(exchange.reply_to_send.text);
    for (const BodyPart& part : exchange.reply_to_send.parts) gather.Add(part.bytes);
    if (exchange.chunked) gather.Add(kLineEnd);
    begin = end;
  }
  gather.Add(all_heads.substr(begin));
}

std::size_t Batch::waiting_bytes() const {
  const std::size_t gathered = gather.bytes_left();
  if (!has_slices()) return gathered;
  return gathered + exchanges_[sending - 1]->reply_to_send.source->held_bytes();
}

bool Batch::GatherSlice() {
  Exchange& exchange = *exchanges_[sending - 1];
  HttpReply& reply = exchange.reply_to_send;
  reply.bytes_sent = reply.body_size();
  reply.text.clear();
  reply.parts.clear();
  heads.clear();
  gather.Clear();
  const BodySource::Progress progress = reply.source->Next(kSliceBytes, &reply.text);
  if (progress == BodySource::Progress::kFailed) return false;
  if (progress == BodySource::Progress::kEnd) reply.source.reset();
  exchange.chunked ? GatherChunk(reply) : gather.Add(reply.text);
  return true;
}

void Batch::GatherChunk(const HttpReply& reply) {
  if (!reply.text.empty()) {
    AppendChunkSize(reply.text.size(), &heads);
    gather.Add(heads);
    gather.Add(reply.text);
    gather.Add(kLineEnd);
  }
  if (reply.source == nullptr) gather.Add(kLastChunk);
}

void Batch::Reset() {
  Drop(used_);
  parsing = false;
  sending = 0;
  if (exchanges_.size() > kKeptExchangesMax) exchanges_.resize(kKeptExchangesMax);
}

}  // namespace skep::server
