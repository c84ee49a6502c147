#include "server/transport/stream_session.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "server/transport/event_loop.h"
#include "server/transport/limits.h"

namespace skep::server {
namespace {

using Clock = std::chrono::steady_clock;
using boost::system::error_code;

// Waiting bytes beyond which the handler is not asked for more.
constexpr std::size_t kAheadBytesMax = 16 * 1024;
constexpr std::size_t kPiecesMax = 32;
// Bytes of one turn, before others get theirs.
constexpr std::size_t kTurnBytesMax = 256 * 1024;

class Waker final : public StreamWaker {
 public:
  Waker(std::shared_ptr<WakeBox> box, std::shared_ptr<StreamLink> link)
      : box_(std::move(box)), link_(std::move(link)) {}

  void Wake() override {
    if (!link_->woken.exchange(true)) box_->Push(link_);
  }

 private:
  const std::shared_ptr<WakeBox> box_;
  const std::shared_ptr<StreamLink> link_;
};

}  // namespace

StreamSession::StreamSession(EventLoop& loop, Socket socket, StreamKind kind,
                             std::unique_ptr<StreamHandler> handler)
    : loop_(loop),
      socket_(std::move(socket)),
      handler_(std::move(handler)),
      link_(std::make_shared<StreamLink>()),
      kind_(kind) {
  link_->session = this;
}

StreamSession::~StreamSession() { loop_.OnConnectionDeleted(); }

void StreamSession::Start(RealTime now) {
  since_ = heard_ = now;
  loop_.streams(phase_).PushBack(this);
  handler_->Open(std::make_shared<Waker>(loop_.wakes(), link_));
  StartRead();
  Pump(now);
}

bool StreamSession::EndOperation() {
  --operations_;
  if (!closed_) return true;
  if (operations_ == 0) delete this;
  return false;
}

// ------------------------------------------------------------------------------------------------
// Reading

void StreamSession::StartRead() {
  ++operations_;
  socket_.async_read_some(boost::asio::mutable_buffer(in_.data() + in_size_, in_.size() - in_size_),
                          [this](const error_code& ec, std::size_t bytes) { OnRead(ec, bytes); });
}

void StreamSession::OnRead(const error_code& ec, std::size_t bytes) {
  if (!EndOperation()) return;
  if (ec) {
    Close();
    return;
  }
  LoopCounts::Add(loop_.mutable_counts().bytes_in, bytes);
  if (last_ || kind_ == StreamKind::kEvents) {
    in_size_ = 0;
  } else {
    in_size_ = static_cast<std::uint16_t>(in_size_ + bytes);
    ReadFrames(Clock::now());
  }
  if (!closed_) StartRead();
}

void StreamSession::ReadFrames(RealTime now) {
  std::size_t begin = 0;
  bool answers = false;
  while (!last_) {
    const ClientFrames::Frame frame = frames_.Read(in_.data() + begin, in_size_ - begin);
    if (frame.kind == ClientFrames::Kind::kNeedMore) break;
    begin += frame.size;
    answers = true;
    switch (frame.kind) {
      case ClientFrames::Kind::kPing:
        heard_ = now;
        // Wire compatibility: a client that sends pings gets none (spec 9.4).
        if (!handler_->pings_always()) live_ = Phase::kQuiet;
        if (phase_ != Phase::kBlocked && (phase_ != live_ || live_ == Phase::kQuiet)) {
          SetPhase(live_, now);
        }
        // Where pongs already wait in numbers the client does not read them anyway.
        if (out_bytes_ < kAheadBytesMax) {
          Push({.own = ControlFrame(Opcode::kPong, frame.payload)});
        }
        break;
      case ClientFrames::Kind::kPong:
        heard_ = now;
        if (phase_ == Phase::kQuiet) SetPhase(Phase::kQuiet, now);
        handler_->OnPong();
        break;
      case ClientFrames::Kind::kClose:
        Push({.own = ControlFrame(Opcode::kClose, frame.payload)});
        last_ = true;
        break;
      case ClientFrames::Kind::kBad:
        PushClose(frame.code, "");
        break;
      default:
        break;
    }
  }
  std::memmove(in_.data(), in_.data() + begin, in_size_ - begin);
  in_size_ = static_cast<std::uint16_t>(last_ ? 0 : in_size_ - begin);
  if (answers) Pump(now);
}

// ------------------------------------------------------------------------------------------------
// Writing

void StreamSession::OnWake() {
  link_->woken.store(false);
  Pump(Clock::now());
}

void StreamSession::Push(Piece piece) {
  out_bytes_ += piece.own.size() + piece.head.size;
  if (piece.text != nullptr) out_bytes_ += piece.text->size();
  out_.push_back(std::move(piece));
}

void StreamSession::PushClose(std::uint16_t code, std::string_view reason) {
  if (kind_ == StreamKind::kWebSocket) Push({.own = CloseFrame(code, reason)});
  last_ = true;
}

// Asks the handler until enough waits; false: it has nothing more now.
bool StreamSession::PullParts() {
  while (!last_ && out_bytes_ < kAheadBytesMax && out_.size() < kPiecesMax) {
    StreamPart part = handler_->Next();
    switch (part.kind) {
      case StreamPart::Kind::kNothing:
        return false;
      case StreamPart::Kind::kText: {
        Piece piece;
        if (kind_ == StreamKind::kWebSocket) {
          piece.head = MakeFrameHead(Opcode::kText, part.text->size());
        }
        piece.text = std::move(part.text);
        Push(std::move(piece));
        break;
      }
      case StreamPart::Kind::kClose:
        PushClose(part.code, part.reason);
        return false;
      case StreamPart::Kind::kDrop:
        last_ = true;
        return false;
    }
  }
  return !last_;
}

void StreamSession::Pump(RealTime now) {
  if (closed_ || phase_ == Phase::kBlocked || phase_ == Phase::kEnding || pumping_later_) return;
  std::size_t turn = 0;
  for (bool more = true; more;) {
    more = PullParts();
    turn += out_bytes_;
    if (!Send(now)) return;
    if (more && turn >= kTurnBytesMax) {
      pumping_later_ = true;
      ++operations_;
      boost::asio::post(loop_.io(), [this] {
        if (!EndOperation()) return;
        pumping_later_ = false;
        Pump(Clock::now());
      });
      return;
    }
  }
  if (stopping_ && !last_) {
    PushClose(kCloseGoingAway, "the server stops");
    if (!Send(now)) return;
  }
  if (last_) EndBehindAnswers(now);
}

bool StreamSession::Send(RealTime now) {
  std::size_t total = 0;
  while (!out_.empty()) {
    const std::size_t offered = out_bytes_;
    const std::size_t sent = SendSome();
    if (failed_) {
      Close();
      return false;
    }
    total += sent;
    Sent(sent);
    if (sent < offered && !out_.empty()) {
      SetWaitingBytes(out_bytes_);
      if (total > 0 || phase_ != Phase::kBlocked) SetPhase(Phase::kBlocked, now);
      AwaitWritable();
      return false;
    }
  }
  SetWaitingBytes(0);
  if (out_.capacity() > 0) std::vector<Piece>().swap(out_);
  if (phase_ == Phase::kBlocked) {
    // It has read, and it could not be pinged.
    heard_ = now;
    SetPhase(live_, now);
  }
  return true;
}

// What the kernel takes now of the first pieces; never blocks.
std::size_t StreamSession::SendSome() {
  std::array<iovec, 2 * kPiecesMax> vectors;
  std::size_t count = 0;
  std::size_t skip = sent_;
  const auto add = [&](std::string_view bytes) {
    const std::size_t skipped = std::min(skip, bytes.size());
    skip -= skipped;
    bytes.remove_prefix(skipped);
    if (!bytes.empty()) vectors[count++] = {const_cast<char*>(bytes.data()), bytes.size()};
  };
  for (const Piece& piece : out_) {
    if (count + 2 > vectors.size()) break;
    add(piece.head.view());
    if (piece.text != nullptr) add(*piece.text);
    add(piece.own);
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  while (true) {
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno == EINTR) continue;
    failed_ = errno != EAGAIN && errno != EWOULDBLOCK;
    return 0;
  }
}

void StreamSession::Sent(std::size_t bytes) {
  LoopCounts::Add(loop_.mutable_counts().bytes_out, bytes);
  out_bytes_ -= bytes;
  bytes += sent_;
  std::size_t done = 0;
  for (; done < out_.size(); ++done) {
    const Piece& piece = out_[done];
    const std::size_t size =
        piece.head.size + piece.own.size() + (piece.text != nullptr ? piece.text->size() : 0);
    if (bytes < size) break;
    bytes -= size;
  }
  sent_ = bytes;
  out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(done));
}

void StreamSession::AwaitWritable() {
  ++operations_;
  socket_.async_wait(Socket::wait_write, [this](const error_code& ec) {
    if (!EndOperation()) return;
    if (ec) {
      Close();
      return;
    }
    const RealTime now = Clock::now();
    if (Send(now)) Pump(now);
  });
}

// ------------------------------------------------------------------------------------------------
// Phases

void StreamSession::Ping() {
  static const auto kComment = std::make_shared<const std::string>(":\n\n");
  if (kind_ == StreamKind::kWebSocket) {
    Push({.own = ControlFrame(Opcode::kPing, "")});
  } else if (!pumping_later_) {
    // An event that is being told would have it within; its own bytes are as good as a ping.
    Push({.text = kComment});
  }
}

void StreamSession::OnTimeout(RealTime now) {
  const bool owes_pong = phase_ == Phase::kPinged && heard_ < since_;
  const bool silent = owes_pong && kind_ == StreamKind::kWebSocket &&
                      now - heard_ >= loop_.options().stream_silence_max;
  if (phase_ == Phase::kBlocked || phase_ == Phase::kEnding || silent) {
    Close();
    return;
  }
  // One that has been quiet for long may answer pings all the same.
  SetPhase(Phase::kPinged, now);
  Ping();
  Pump(now);
}

void StreamSession::EndBehindAnswers(RealTime now) {
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  SetPhase(Phase::kEnding, now);
}

void StreamSession::BeginStop() {
  stopping_ = true;
  Pump(Clock::now());
}

void StreamSession::Close() {
  if (closed_) return;
  closed_ = true;
  link_->session = nullptr;
  SetWaitingBytes(0);
  ConnectionList::Remove(this);
  error_code ignored;
  socket_.close(ignored);
  loop_.OnConnectionClosed(Connection::Admission::kServe);
  if (operations_ > 0) return;
  ++operations_;
  boost::asio::post(loop_.io(), [this] { EndOperation(); });
}

void StreamSession::SetPhase(Phase phase, RealTime now) {
  ConnectionList::Remove(this);
  phase_ = phase;
  since_ = now;
  loop_.streams(phase).PushBack(this);
}

void StreamSession::SetWaitingBytes(std::size_t bytes) {
  if (bytes == waiting_bytes_) return;
  loop_.load().ChangeWaitingBytes(waiting_bytes_, bytes);
  LoopCounts::Add(loop_.mutable_counts().waiting_bytes, bytes - waiting_bytes_);
  waiting_bytes_ = bytes;
}

}  // namespace skep::server
