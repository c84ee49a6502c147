// StreamSession: a client's socket after its connection has become a stream (stream.h), on the same
// event loop's thread.
//
// It sends what its handler says next, as far as the client takes it: while the kernel takes
// nothing, the handler is not asked. What the client sends is read into a small buffer and looked
// at frame by frame; of an event stream it is thrown away.
//
// Phases, each with its time limit and its list in the loop:
//
//   kPinged    a ping (of events: a comment) is due some time after the last one
//   kQuiet     the client sends pings of its own; one is due all the same when they stay away
//   kBlocked   the client owes us reading
//   kEnding    all is sent and our side shut; what still comes is thrown away
//
// A WebSocket whose client owes a pong and lets hear neither ping nor pong for long is closed. An
// idle session is this object, its handler and the kernel's socket: no buffer besides.
//
// Lifetime: as Connection's. Thread-safety: none; the loop's thread only, but for its waker.
#ifndef SKEP_SERVER_TRANSPORT_STREAM_SESSION_H_
#define SKEP_SERVER_TRANSPORT_STREAM_SESSION_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/transport/connection.h"
#include "server/transport/connection_list.h"
#include "server/transport/mailbox.h"
#include "server/transport/stream.h"
#include "server/transport/web_socket.h"

namespace skep::server {

class StreamSession;

/// The tie between a waker and its stream. `session` is the loop's; null: gone.
struct StreamLink {
  StreamSession* session = nullptr;
  std::atomic<bool> woken{false};  ///< It lies in the box.
};

/// Where wakers leave word for their event loop.
using WakeBox = Mailbox<std::shared_ptr<StreamLink>>;

class StreamSession : public ListHook {
 public:
  enum class Phase : std::uint8_t { kPinged, kQuiet, kBlocked, kEnding };
  static constexpr std::size_t kPhases = 4;

  StreamSession(EventLoop& loop, Socket socket, StreamKind kind,
                std::unique_ptr<StreamHandler> handler);
  ~StreamSession();
  StreamSession(const StreamSession&) = delete;
  StreamSession& operator=(const StreamSession&) = delete;

  void Start(RealTime now);
  /// Its handler has something to say.
  void OnWake();
  /// Its phase has lasted as long as it may.
  void OnTimeout(RealTime now);
  /// Sends all that its handler says until that has nothing more, says good-bye and ends.
  void BeginStop();
  /// Closes at once.
  void Close();

  RealTime since() const { return since_; }

 private:
  // What waits to be sent.
  struct Piece {
    FrameHead head{};
    std::shared_ptr<const std::string> text{};
    std::string own{};  ///< Of a control frame, in the place of both.
  };

  void StartRead();
  void OnRead(const boost::system::error_code& ec, std::size_t bytes);
  void ReadFrames(RealTime now);
  void Pump(RealTime now);
  bool PullParts();
  void Push(Piece piece);
  void PushClose(std::uint16_t code, std::string_view reason);
  /// False: the socket takes no more, or the session is closed.
  bool Send(RealTime now);
  std::size_t SendSome();
  void Sent(std::size_t bytes);
  void AwaitWritable();
  void Ping();
  void EndBehindAnswers(RealTime now);
  void SetPhase(Phase phase, RealTime now);
  void SetWaitingBytes(std::size_t bytes);
  bool EndOperation();

  EventLoop& loop_;
  Socket socket_;
  const std::unique_ptr<StreamHandler> handler_;
  const std::shared_ptr<StreamLink> link_;
  RealTime since_{};  ///< When the phase began, or its last ping or progress.
  RealTime heard_{};  ///< The client's last ping or pong.
  const StreamKind kind_;
  Phase phase_ = Phase::kPinged;
  Phase live_ = Phase::kPinged;  ///< The phase after kBlocked.
  std::uint8_t operations_ = 0;  ///< Under way; each will call back once.
  bool closed_ = false;
  bool failed_ = false;  ///< The kernel says that the client has gone.
  bool last_ = false;    ///< Nothing is sent behind what waits.
  bool pumping_later_ = false;
  bool stopping_ = false;

  std::vector<Piece> out_;
  std::size_t sent_ = 0;  ///< Of the first piece.
  std::size_t out_bytes_ = 0;
  std::size_t waiting_bytes_ = 0;

  ClientFrames frames_;
  std::uint16_t in_size_ = 0;
  std::array<char, kClientFrameMax> in_;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_STREAM_SESSION_H_
