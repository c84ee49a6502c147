// Exchange: one request and its reply. Batch: the exchanges of a connection that are answered by
// one write, with all the memory that this takes.
//
// A connection holds a batch while a request of it is arriving, being answered or being written,
// and none while it is idle. Batches are lent by the event loop and keep their capacity, so that
// the usual request allocates nothing.
#ifndef SKEP_SERVER_TRANSPORT_EXCHANGE_H_
#define SKEP_SERVER_TRANSPORT_EXCHANGE_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/transport/gather.h"
#include "server/transport/http_message.h"
#include "server/transport/reply_head.h"
#include "server/transport/request_parser.h"

namespace skep::server {

class Connection;

/// Real time, for time-outs and durations; the engine's time may be virtual.
using RealTime = std::chrono::steady_clock::time_point;

struct Exchange final : HttpExchange {
  HttpReply& reply() override { return reply_to_send; }
  std::shared_ptr<DeferredReply> Defer() override;
  std::shared_ptr<DeferredReply> Park(UnparkFn unpark) override;
  bool BecomeStream(StreamKind kind, std::unique_ptr<StreamHandler> handler) override;

  /// Makes it ready for another request. The request itself is the parser's to reset.
  void Clear();

  HttpRequest request;
  HttpReply reply_to_send;
  Connection* connection = nullptr;
  RealTime received{};
  std::size_t head_begin = 0;  ///< In Batch::heads.
  std::size_t head_size = 0;   ///< With the body where body_in_head.
  bool body_in_head = false;
  bool chunked = false;
  bool keep_alive = false;
  bool http11 = false;
};

class Batch {
 public:
  Batch(const HttpHandler& handler, std::size_t header_bytes_max)
      : parser(handler, header_bytes_max) {}

  /// The exchange that the next request goes to. It counts only once Take was called.
  Exchange& next();
  Exchange& Take() { return *exchanges_[used_++]; }

  std::size_t size() const { return used_; }
  Exchange& operator[](std::size_t i) { return *exchanges_[i]; }

  /// Ends the first `count` exchanges; the others move up.
  void Drop(std::size_t count);

  /// Appends the head of an answer to `heads`, with the body where that is small.
  void AppendHead(Exchange& exchange, ConnectionField connection, std::string_view date);

  /// Gathers the first `count` answers, whose heads are there.
  void GatherAnswers(std::size_t count);

  /// True if the last exchange has a body that is made slice by slice. Nothing may follow it.
  bool ends_sliced() const {
    return used_ > 0 && exchanges_[used_ - 1]->reply_to_send.source != nullptr;
  }

  /// The same of those that are being written.
  bool has_slices() const {
    return sending > 0 && exchanges_[sending - 1]->reply_to_send.source != nullptr;
  }

  /// Bytes that wait for the client: what is gathered and not sent, and what makes the rest.
  std::size_t waiting_bytes() const;

  /// Gathers the next slice; what was gathered before must be written. False: it cannot go on.
  bool GatherSlice();

  /// Ends all, and frees what a large reply has left.
  void Reset();

  RequestParser parser;
  bool parsing = false;  ///< The parser has been started for a message that is not complete yet.
  std::string heads;     ///< Of the answers being sent, small bodies included.
  Gather gather;
  std::size_t sending = 0;       ///< The first so many exchanges are being written.
  std::size_t queued_bytes = 0;  ///< Bodies that wait for the write.

 private:
  void GatherChunk(const HttpReply& reply);

  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::size_t used_ = 0;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_EXCHANGE_H_
