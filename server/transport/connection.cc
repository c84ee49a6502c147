#include "server/transport/connection.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <charconv>
#include <cstring>
#include <utility>

#include "server/transport/event_loop.h"
#include "server/transport/limits.h"

namespace skep::server {
namespace {

using Clock = std::chrono::steady_clock;
using boost::system::error_code;

constexpr std::size_t kFirstHeapBytes = 4096;
// A parked request's target stays in the connection's own buffer up to this; behind it is room to
// read. Few are longer.
constexpr std::size_t kParkedInlineBytesMax = 256;
// A client that fills its buffer with whole requests gets a larger one, up to this.
constexpr std::size_t kPipelineBufferMax = 32 * 1024;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// "1.2.3.4:5" or "[::1]:5" into `out`; returns its length.
std::uint8_t FormatPeer(const Endpoint& peer, std::array<char, 55>& out) {
  char* at = out.data();
  char* const end = at + out.size();
  if (peer.address().is_v4()) {
    const auto bytes = peer.address().to_v4().to_bytes();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (i > 0) *at++ = '.';
      at = std::to_chars(at, end, bytes[i]).ptr;
    }
  } else {
    const auto bytes = peer.address().to_v6().to_bytes();
    *at++ = '[';
    ::inet_ntop(AF_INET6, bytes.data(), at, INET6_ADDRSTRLEN);
    at += std::strlen(at);
    *at++ = ']';
  }
  *at++ = ':';
  at = std::to_chars(at, end, peer.port()).ptr;
  return static_cast<std::uint8_t>(at - out.data());
}

}  // namespace

Connection::Connection(EventLoop& loop, Socket socket, const Endpoint& peer, Admission admission)
    : loop_(loop),
      socket_(std::move(socket)),
      admission_(admission),
      peer_size_(FormatPeer(peer, peer_)) {}

Connection::~Connection() { loop_.OnConnectionDeleted(); }

void Connection::Start(RealTime now) {
  since_ = now;
  loop_.list(phase_).PushBack(this);
  StartRead();
}

// ------------------------------------------------------------------------------------------------
// Reading

bool Connection::EndOperation() {
  --operations_;
  if (!closed_) return true;
  if (operations_ == 0) delete this;
  return false;
}

void Connection::StartRead() {
  if (reading_) return;
  if (read_eof_) {
    if (!deferred_) Close();
    return;
  }
  if (!MakeRoom()) return;
  reading_ = true;
  ++operations_;
  socket_.async_read_some(boost::asio::mutable_buffer(buffer() + end_, capacity_ - end_),
                          [this](const error_code& ec, std::size_t bytes) { OnRead(ec, bytes); });
}

void Connection::OnRead(const error_code& ec, std::size_t bytes) {
  reading_ = false;
  if (!EndOperation()) return;
  const bool shrinking = std::exchange(shrinking_, false);
  const bool busy = phase_ == Phase::kWriting || deferred_ || unparsed_;
  if (ec) {
    if (ec == boost::asio::error::operation_aborted && shrinking) {
      if (phase_ == Phase::kIdle) ReleaseBuffer();
      StartRead();
    } else if (ec == boost::asio::error::eof && busy && parked_ == nullptr) {
      // Half a close is no withdrawal of what was asked.
      read_eof_ = true;
    } else {
      Close();
    }
    return;
  }
  end_ += bytes;
  last_read_filled_ = end_ == capacity_;
  LoopCounts::Add(loop_.mutable_counts().bytes_in, bytes);
  if (phase_ == Phase::kLingering) {
    lingered_bytes_ += bytes;
    lingered_bytes_ > kLingerBytesMax ? Close() : StartRead();
  } else if (busy) {
    unparsed_ = true;
    if (deferred_) StartRead();
  } else {
    Process();
  }
}

bool Connection::MakeRoom() {
  if (deferred_ || (batch_ != nullptr && batch_->size() > 0)) return end_ < capacity_;
  const bool parsing = batch_ != nullptr && batch_->parsing;
  if (phase_ == Phase::kLingering || (begin_ == end_ && !parsing)) {
    begin_ = end_ = 0;
    if (std::exchange(last_read_filled_, false) && capacity_ < kPipelineBufferMax) {
      MoveBuffer(std::max(capacity_ * 2, kFirstHeapBytes));
    }
    return true;
  }
  std::size_t wanted = 0;
  if (parsing) {
    end_ = begin_ + batch_->parser.Squeeze(end_ - begin_);
    wanted = batch_->parser.size_hint();
  }
  if (end_ < capacity_ && begin_ + wanted <= capacity_) return true;
  const std::size_t size = end_ - begin_;
  if (begin_ > 0 && size <= capacity_ / 2 && wanted <= capacity_) {
    std::memmove(buffer(), message(), size);
    if (parsing) batch_->parser.MovedTo(buffer());
    begin_ = 0;
    end_ = size;
    return true;
  }
  // Grows with what has come, not with what a header promises.
  std::size_t capacity = std::max(capacity_ * 2, kFirstHeapBytes);
  if (wanted > size) capacity = std::min(capacity, std::max(wanted, kFirstHeapBytes));
  MoveBuffer(std::max(capacity, size + 1));
  return true;
}

void Connection::MoveBuffer(std::size_t capacity) {
  std::unique_ptr<char[]> to(new char[capacity]);
  const std::size_t size = end_ - begin_;
  std::memcpy(to.get(), message(), size);
  if (batch_ != nullptr && batch_->parsing) batch_->parser.MovedTo(to.get());
  heap_ = std::move(to);
  capacity_ = capacity;
  begin_ = 0;
  end_ = size;
}

void Connection::ReleaseBuffer() {
  heap_.reset();
  capacity_ = kInlineBytes;
  begin_ = end_ = 0;
  last_read_filled_ = false;
}

// ------------------------------------------------------------------------------------------------
// Answering

// Answers all complete requests in the buffer, or as many as one turn allows, with one write.
void Connection::Process() {
  const RealTime received = Clock::now();
  const MonotonicTime engine_now = loop_.EngineNow();
  unparsed_ = false;
  while (begin_ < end_) {
    if (batch_ == nullptr) batch_ = loop_.LendBatch();
    if (BatchIsFull()) {
      unparsed_ = true;
      break;
    }
    RequestParser& parser = batch_->parser;
    if (!batch_->parsing) parser.Start(&batch_->next().request, message());
    batch_->parsing = true;
    const RequestParser::State state = parser.Put(end_ - begin_);
    if (state == RequestParser::State::kNeedMore) {
      continue_due_ = parser.TakeContinue();
      break;
    }
    batch_->parsing = false;
    Answer(state, received, engine_now);
    if (closing_ || deferred_) {
      unparsed_ = begin_ < end_;
      break;
    }
  }
  Flush(received);
}

bool Connection::BatchIsFull() const {
  return batch_->size() >= loop_.options().pipelined_requests_max ||
         batch_->queued_bytes >= loop_.options().outstanding_bytes_max || batch_->ends_sliced();
}

void Connection::Answer(RequestParser::State state, RealTime received, MonotonicTime engine_now) {
  using State = RequestParser::State;
  const RequestParser& parser = batch_->parser;
  Exchange& exchange = batch_->Take();
  exchange.connection = this;
  exchange.received = received;
  exchange.http11 = parser.http11();
  exchange.keep_alive = state == State::kComplete && parser.keep_alive();
  exchange.request.peer = {peer_.data(), peer_size_};
  exchange.request.now = engine_now;
  exchange.request.load_percent = loop_.load().percent();
  request_begun_ = false;
  // What stands behind a request that cannot be read to its end has no meaning.
  begin_ = state == State::kComplete ? begin_ + parser.end() : end_;
  if (!exchange.keep_alive) closing_ = true;
  if (state != State::kComplete) linger_ = true;
  if (state == State::kBad) {
    Refuse(exchange, 400);
  } else if (state == State::kHeaderTooLarge) {
    Refuse(exchange, 431);
  } else if (admission_ == Admission::kRefuse) {
    closing_ = linger_ = true;
    Refuse(exchange, 429);
  } else {
    Handle(exchange);
  }
  batch_->queued_bytes += exchange.reply_to_send.body_size();
}

void Connection::Handle(Exchange& exchange) {
  loop_.handler().Handle(exchange.request, exchange);
  if (link_ == nullptr) return;
  link_->handling = false;
  deferred_ = true;
}

void Connection::Refuse(Exchange& exchange, std::uint16_t status) {
  LoopCounts::Add(loop_.mutable_counts().refused, 1);
  exchange.reply_to_send = loop_.handler().Refusal(status);
}

std::shared_ptr<DeferredReply> Connection::Defer(UnparkFn unpark) {
  link_ = std::make_shared<DeferredLink>();
  link_->unpark = std::move(unpark);
  link_->thread = std::this_thread::get_id();
  link_->connection = this;
  return std::make_shared<DeferredReplyImpl>(loop_.inbox(), link_);
}

bool Connection::BecomeStream(StreamKind kind, std::unique_ptr<StreamHandler> handler) {
  // A read under way would take what is the stream's.
  const bool is_last = begin_ == end_ && !reading_ && !read_eof_ && !linger_ &&
                       (!closing_ || kind == StreamKind::kEvents);
  if (!is_last || loop_.stopping()) return false;
  stream_ = std::make_unique<StreamStart>(StreamStart{kind, std::move(handler)});
  return true;
}

void Connection::TakeInlineReply(HttpReply reply) {
  (*batch_)[batch_->size() - 1].reply_to_send = std::move(reply);
  link_->connection = nullptr;
  link_->unpark = nullptr;
  link_.reset();
}

void Connection::TakeDeferredReply(HttpReply reply) {
  if (parked_ != nullptr) RecallRequest();
  TakeInlineReply(std::move(reply));
  deferred_ = false;
  // While earlier answers are being written, OnWritten finds this one.
  if (phase_ != Phase::kWriting) Flush(Clock::now());
}

// ------------------------------------------------------------------------------------------------
// Writing

std::size_t Connection::ready() const {
  if (batch_ == nullptr) return 0;
  return batch_->size() - (deferred_ ? 1 : 0);
}

void Connection::Flush(RealTime now) {
  const std::size_t count = ready();
  if (count == 0 && !continue_due_) {
    deferred_ ? AwaitReply(now) : AwaitRequest(now);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    Exchange& exchange = (*batch_)[i];
    batch_->AppendHead(exchange, FieldFor(exchange, i + 1 == count), loop_.date_field());
  }
  batch_->GatherAnswers(count);
  if (std::exchange(continue_due_, false)) batch_->gather.Add(kContinue);
  batch_->sending = count;
  Write(now);
}

ConnectionField Connection::FieldFor(const Exchange& exchange, bool last) {
  if (exchange.reply_to_send.source != nullptr && !exchange.http11) {
    closing_ = linger_ = true;
    return ConnectionField::kUntilClose;
  }
  if (last && stream_ != nullptr) {
    return stream_->kind == StreamKind::kEvents ? ConnectionField::kUntilClose
                                                : ConnectionField::kNone;
  }
  if (last && !deferred_) {
    // A stopping server says so with the last answer that it has for this client.
    if (loop_.stopping() && !unparsed_ && !batch_->parsing) closing_ = linger_ = true;
    if (closing_) return ConnectionField::kClose;
  }
  return exchange.http11 || !exchange.keep_alive ? ConnectionField::kNone
                                                 : ConnectionField::kKeepAlive;
}

void Connection::Write(RealTime now) {
  Gather& gather = batch_->gather;
  const std::size_t before = gather.bytes_left();
  const Gather::Progress progress = gather.Send(socket_.native_handle());
  const std::size_t sent = before - gather.bytes_left();
  LoopCounts::Add(loop_.mutable_counts().bytes_out, sent);
  if (progress == Gather::Progress::kFailed) {
    Close();
    return;
  }
  SetWaitingBytes(batch_->waiting_bytes());
  if (progress == Gather::Progress::kDone) {
    batch_->has_slices() ? SliceLater(now) : OnWritten();
    return;
  }
  if (sent > 0 || phase_ != Phase::kWriting) SetPhase(Phase::kWriting, now);
  ++operations_;
  socket_.async_wait(Socket::wait_write, [this](const error_code& ec) { OnWritable(ec); });
}

void Connection::OnWritable(const error_code& ec) {
  if (!EndOperation()) return;
  ec ? Close() : Write(Clock::now());
}

// Lets the others have their turn before the next slice of a body is made.
void Connection::SliceLater(RealTime now) {
  SetPhase(Phase::kWriting, now);
  ++operations_;
  boost::asio::post(loop_.io(), [this] {
    if (EndOperation()) WriteSlice();
  });
}

void Connection::WriteSlice() { batch_->GatherSlice() ? Write(Clock::now()) : Cut(); }

// Closes so that the client does not take it for the end of its answer.
void Connection::Cut() {
  error_code ignored;
  socket_.set_option(Socket::linger(true, 0), ignored);
  Close();
}

void Connection::OnWritten() {
  const RealTime now = Clock::now();
  for (std::size_t i = 0; i < batch_->sending; ++i) {
    const Exchange& exchange = (*batch_)[i];
    loop_.handler().Finished(exchange.request, exchange.reply_to_send, now - exchange.received);
  }
  batch_->Drop(std::exchange(batch_->sending, 0));
  parked_.reset();
  if (batch_->size() > 0) {
    deferred_ ? AwaitReply(now) : Flush(now);
  } else if (stream_ != nullptr) {
    HandOver(now);
  } else if (closing_) {
    linger_ ? ShutDown(now) : Close();
  } else if (unparsed_) {
    ContinueLater(now);
  } else {
    AwaitRequest(now);
  }
}

// ------------------------------------------------------------------------------------------------
// Phases

void Connection::AwaitReply(RealTime now) {
  SetPhase(Phase::kDeferred, now);
  if (link_->unpark != nullptr) {
    if (loop_.stopping()) CallUnpark(Unpark::kStopping);
    ParkRequest();
  }
  StartRead();  // To see a client that is gone.
}

void Connection::ParkRequest() {
  const Exchange& exchange = (*batch_)[0];
  const std::string_view target = exchange.request.target;
  parked_ = std::make_unique<Parked>(Parked{.verb = exchange.request.verb,
                                            .keep_alive = exchange.keep_alive,
                                            .http11 = exchange.http11,
                                            .received = exchange.received});
  loop_.TakeBack(std::move(batch_));
  const bool is_free = !unparsed_ && !reading_;
  if (is_free && target.size() <= kParkedInlineBytesMax) {
    std::memmove(inline_.data(), target.data(), target.size());
    parked_->inline_size = static_cast<std::uint16_t>(target.size());
    ReleaseBuffer();
    begin_ = end_ = target.size();
    return;
  }
  parked_->text = std::make_unique<std::string>(target);
  if (is_free) ReleaseBuffer();
}

void Connection::RecallRequest() {
  batch_ = loop_.LendBatch();
  HttpRequest& request = batch_->next().request;
  request.verb = parked_->verb;
  request.target = parked_->text != nullptr
                       ? std::string_view(*parked_->text)
                       : std::string_view(inline_.data(), parked_->inline_size);
  request.fields.clear();
  request.body = {};
  request.peer = {peer_.data(), peer_size_};
  Exchange& exchange = batch_->Take();
  exchange.connection = this;
  exchange.received = parked_->received;
  exchange.keep_alive = parked_->keep_alive;
  exchange.http11 = parked_->http11;
}

void Connection::CallUnpark(Unpark why) {
  if (link_ == nullptr || link_->unpark == nullptr) return;
  // Whoever is called may let go of the link's other holder.
  std::exchange(link_->unpark, nullptr)(why);
}

void Connection::AwaitRequest(RealTime now) {
  if (batch_ != nullptr && batch_->parsing) {
    if (!request_begun_ || phase_ != Phase::kReading) SetPhase(Phase::kReading, now);
    request_begun_ = true;
  } else {
    if (batch_ != nullptr) loop_.TakeBack(std::move(batch_));
    if (loop_.stopping()) {
      ShutDown(now);
      return;
    }
    SetPhase(heap_ != nullptr ? Phase::kIdleWarm : Phase::kIdle, now);
  }
  StartRead();
}

// Lets the others have their turn before it goes on with what it has received.
void Connection::ContinueLater(RealTime now) {
  SetPhase(Phase::kReading, now);
  ++operations_;
  boost::asio::post(loop_.io(), [this] {
    if (EndOperation()) Process();
  });
}

// The socket goes on as a stream, and with it this one's place among the connections.
void Connection::HandOver(RealTime now) {
  closed_ = true;
  loop_.AddStream(std::move(socket_), stream_->kind, std::move(stream_->handler), now);
  Retire();
}

void Connection::ShutDown(RealTime now) {
  if (batch_ != nullptr) loop_.TakeBack(std::move(batch_));
  unparsed_ = false;
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  SetPhase(Phase::kLingering, now);
  StartRead();
}

void Connection::OnTimeout(RealTime now) {
  switch (phase_) {
    case Phase::kIdleWarm:
      // The read under way holds the buffer; its end gives the buffer back.
      SetPhase(Phase::kIdle, now);
      shrinking_ = true;
      socket_.cancel();
      return;
    case Phase::kReading:
      if (request_begun_ || admission_ == Admission::kRefuse) {
        GiveUpRequest(now);
        return;
      }
      break;
    default:
      break;
  }
  Close();
}

void Connection::GiveUpRequest(RealTime now) {
  if (batch_ == nullptr) batch_ = loop_.LendBatch();
  if (!batch_->parsing) batch_->parser.Start(&batch_->next().request, message());
  batch_->parsing = false;
  Exchange& exchange = batch_->Take();
  exchange.connection = this;
  exchange.received = now;
  exchange.keep_alive = false;
  exchange.request.peer = {peer_.data(), peer_size_};
  exchange.request.now = loop_.EngineNow();
  closing_ = linger_ = true;
  Refuse(exchange, admission_ == Admission::kRefuse ? 429 : 408);
  Flush(now);
}

void Connection::BeginStop() {
  if (phase_ == Phase::kDeferred) CallUnpark(Unpark::kStopping);
  const bool asked_nothing = phase_ == Phase::kIdle || phase_ == Phase::kIdleWarm ||
                             (phase_ == Phase::kReading && !owes_answer());
  if (!asked_nothing) return;
  // What has reached this machine was received, even where the loop has not come to read it.
  char byte;
  if (::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0) return;
  Close();
}

bool Connection::owes_answer() const {
  return phase_ == Phase::kDeferred || phase_ == Phase::kWriting || unparsed_ ||
         (phase_ == Phase::kReading && request_begun_);
}

void Connection::Close() {
  if (closed_) return;
  closed_ = true;
  if (link_ != nullptr) link_->connection = nullptr;
  CallUnpark(Unpark::kGone);
  link_.reset();
  error_code ignored;
  socket_.close(ignored);
  Retire();
  // Last: whoever counts connections finds that one which is gone holds nothing any more.
  loop_.OnConnectionClosed(admission_);
}

// Deletes itself soon.
void Connection::Retire() {
  if (batch_ != nullptr) loop_.TakeBack(std::move(batch_));
  SetWaitingBytes(0);
  ConnectionList::Remove(this);
  if (operations_ > 0) return;
  ++operations_;
  boost::asio::post(loop_.io(), [this] { EndOperation(); });
}

void Connection::SetPhase(Phase phase, RealTime now) {
  ConnectionList::Remove(this);
  phase_ = phase;
  since_ = now;
  loop_.list(phase).PushBack(this);
}

void Connection::SetWaitingBytes(std::size_t bytes) {
  if (bytes == waiting_bytes_) return;
  loop_.load().ChangeWaitingBytes(waiting_bytes_, bytes);
  LoopCounts::Add(loop_.mutable_counts().waiting_bytes, bytes - waiting_bytes_);
  waiting_bytes_ = bytes;
}

}  // namespace skep::server
