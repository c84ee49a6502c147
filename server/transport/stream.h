// Streams: connections that, once their request was answered, go on for as long as both sides like:
// WebSockets, and server-sent events. What passes between transport and routes about them.
//
// Transport asks for the next part whenever the client can take one; so a slow client holds what
// its handler holds, and nothing more.
#ifndef SKEP_SERVER_TRANSPORT_STREAM_H_
#define SKEP_SERVER_TRANSPORT_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace skep::server {

enum class StreamKind : std::uint8_t {
  kWebSocket,  ///< After a 101; texts are messages.
  kEvents,     ///< After a 200 without a length; texts are the body's next bytes.
};

/// What a handler has to say next.
struct StreamPart {
  enum class Kind : std::uint8_t {
    kNothing,  ///< Nothing until the handler wakes its stream.
    kText,     ///< `text`; ask again.
    kClose,    ///< A close frame with `code` and `reason`, then the end.
    kDrop,     ///< The end, without a word.
  };

  Kind kind = Kind::kNothing;
  std::shared_ptr<const std::string> text{};  ///< Shared by all who are told the same.
  std::uint16_t code = 0;
  std::string_view reason{};  ///< Static text.
};

/// Makes a stream ask its handler.
class StreamWaker {
 public:
  virtual ~StreamWaker() = default;
  /// Threading: any thread, also after the stream has gone. Does not block.
  virtual void Wake() = 0;
};

/// One client's stream, as routes see it. Freed when the stream ends.
/// Threading: all calls are the connection's thread's. Locking: none held. Nothing may block or
/// throw.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;

  /// The first call, when the answer has been handed to the kernel.
  virtual void Open(std::shared_ptr<StreamWaker> waker) = 0;

  virtual StreamPart Next() = 0;

  /// The client has answered a ping; Next is asked afterwards.
  virtual void OnPong() {}

  /// Whether a client that sends pings of its own gets ours nevertheless.
  virtual bool pings_always() const { return false; }
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_STREAM_H_
