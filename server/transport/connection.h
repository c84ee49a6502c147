// Connection: one client's socket, from accept to close, on one event loop's thread.
//
// It reads into its buffer, hands each complete request to the handler, gathers the answers of all
// requests that have arrived, and sends them by one non-blocking call. Only what the kernel does
// not take at once waits for the socket. While something waits nothing is read, so one batch of
// answers bounds what a client can make the server hold. Of an answer whose body is made while it
// is sent (BodySource) it holds one slice; the next one is made in a turn of its own, once that is
// written, and the requests behind it wait until it has ended.
//
// Phases, each with its time limit and its list in the loop:
//
//   kIdle, kIdleWarm   between requests; warm: with a buffer of its own, which goes back soon
//   kReading           since accept, or since a request's first byte
//   kDeferred          a handler owes the answer; no limit here, the handler has one. A parked
//                      request has given its batch and buffer back meanwhile
//   kWriting           the client owes us reading, or the next slice of an answer is due
//   kLingering         all is sent and our side shut; what still comes is thrown away, so that the
//                      kernel does not answer it with a reset that would overtake our last answer
//
// Lifetime: it deletes itself once it is closed and no operation of it is under way; that happens
// in the completion of an operation, never under a caller's feet. Thread-safety: none; the loop's
// thread only.
#ifndef SKEP_SERVER_TRANSPORT_CONNECTION_H_
#define SKEP_SERVER_TRANSPORT_CONNECTION_H_

#include <array>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/transport/connection_list.h"
#include "server/transport/exchange.h"
#include "server/transport/inbox.h"
#include "server/transport/reply_head.h"

namespace skep::server {

class EventLoop;

/// The executor's type is spelled out: the type-erased one costs a tenth of a small request.
using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;
using Endpoint = boost::asio::ip::tcp::endpoint;

class Connection : public ListHook {
 public:
  enum class Phase : std::uint8_t { kIdle, kIdleWarm, kReading, kDeferred, kWriting, kLingering };
  static constexpr std::size_t kPhases = 6;

  /// Whether it may be served, or came when the limit of connections was reached.
  enum class Admission : std::uint8_t { kServe, kRefuse };

  Connection(EventLoop& loop, Socket socket, const Endpoint& peer, Admission admission);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Start(RealTime now);

  /// Its phase has lasted as long as it may.
  void OnTimeout(RealTime now);

  /// Closes if nothing was asked; else it closes behind the last answer.
  void BeginStop();

  /// Closes at once.
  void Close();

  /// True where closing now would cut off a request or an answer.
  bool owes_answer() const;

  RealTime since() const { return since_; }
  Admission admission() const { return admission_; }

  /// From the exchange that is being handled. `unpark` null: the reply comes soon.
  std::shared_ptr<DeferredReply> Defer(UnparkFn unpark);
  /// From the exchange that is being handled: what follows its answer. False: it cannot.
  bool BecomeStream(StreamKind kind, std::unique_ptr<StreamHandler> handler);
  /// The deferred reply came while its handler was still running.
  void TakeInlineReply(HttpReply reply);
  /// From the inbox.
  void TakeDeferredReply(HttpReply reply);

 private:
  static constexpr std::size_t kInlineBytes = 512;

  // What is kept of a request while it is parked, and until its answer is written.
  struct Parked {
    Verb verb;
    bool keep_alive;
    bool http11;
    std::uint16_t inline_size = 0;  ///< Of the target, at the beginning of inline_.
    RealTime received;
    std::unique_ptr<std::string> text{};  ///< The target, where it has no room there.
  };

  // What the connection becomes.
  struct StreamStart {
    StreamKind kind;
    std::unique_ptr<StreamHandler> handler;
  };

  void OnRead(const boost::system::error_code& ec, std::size_t bytes);
  void OnWritable(const boost::system::error_code& ec);
  bool EndOperation();

  void StartRead();
  bool MakeRoom();
  void MoveBuffer(std::size_t capacity);
  void ReleaseBuffer();

  void Process();
  bool BatchIsFull() const;
  void Answer(RequestParser::State state, RealTime received, MonotonicTime engine_now);
  void Handle(Exchange& exchange);
  void Refuse(Exchange& exchange, std::uint16_t status);

  void Flush(RealTime now);
  ConnectionField FieldFor(const Exchange& exchange, bool last);
  void Write(RealTime now);
  void SliceLater(RealTime now);
  void WriteSlice();
  void Cut();
  void OnWritten();

  void AwaitReply(RealTime now);
  void ParkRequest();
  void RecallRequest();
  void CallUnpark(Unpark why);
  void AwaitRequest(RealTime now);
  void ContinueLater(RealTime now);
  void GiveUpRequest(RealTime now);

  void HandOver(RealTime now);
  void ShutDown(RealTime now);
  void Retire();
  void SetPhase(Phase phase, RealTime now);
  void SetWaitingBytes(std::size_t bytes);
  char* buffer() { return heap_ != nullptr ? heap_.get() : inline_.data(); }
  char* message() { return buffer() + begin_; }
  std::size_t ready() const;

  EventLoop& loop_;
  Socket socket_;
  RealTime since_{};  ///< When the phase began, or its last progress.
  Phase phase_ = Phase::kReading;
  const Admission admission_;
  std::uint8_t operations_ = 0;  ///< Under way; each will call back once.
  bool closed_ = false;
  bool reading_ = false;
  bool read_eof_ = false;
  bool last_read_filled_ = false;
  bool shrinking_ = false;      ///< The pending read was cancelled to give the buffer back.
  bool request_begun_ = false;  ///< Bytes of a request are here; since_ counts from the first.
  bool unparsed_ = false;       ///< Bytes are here that the parser has not been shown.
  bool closing_ = false;        ///< Nothing is read behind the answers under way.
  bool linger_ = false;         ///< The client may still be sending.
  bool continue_due_ = false;   ///< A "100 Continue" goes out with the answers.
  bool deferred_ = false;       ///< The last exchange of the batch waits for its reply.

  std::unique_ptr<Batch> batch_;
  std::shared_ptr<DeferredLink> link_;
  std::unique_ptr<Parked> parked_;
  std::unique_ptr<StreamStart> stream_;
  std::size_t waiting_bytes_ = 0;   ///< Of answers, for the client to read.
  std::size_t lingered_bytes_ = 0;  ///< Read and thrown away.

  /// Bytes [begin_, end_) of the buffer are received and not given up. They stay in place while an
  /// exchange of the batch is alive or a read is under way.
  std::size_t capacity_ = kInlineBytes;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::unique_ptr<char[]> heap_;

  std::uint8_t peer_size_;
  std::array<char, 55> peer_;
  std::array<char, kInlineBytes> inline_;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_CONNECTION_H_
