// WebSockets as bytes (RFC 6455): the handshake, the frames of a client, the frames for one.
#ifndef SKEP_SERVER_TRANSPORT_WEB_SOCKET_H_
#define SKEP_SERVER_TRANSPORT_WEB_SOCKET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/transport/http_message.h"

namespace skep::server {

/// Whether the request asks for version 13 of the protocol, with a sound key.
bool IsWebSocketHandshake(const HttpRequest& request);

/// The value of Sec-WebSocket-Accept.
std::string WebSocketAccept(std::string_view key);

/// Turns the reply into the 101 that accepts the handshake. REQUIRES: IsWebSocketHandshake.
void FillSwitchingProtocols(const HttpRequest& request, HttpReply* reply);

enum class Opcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

/// Close codes that the server chooses.
inline constexpr std::uint16_t kCloseGoingAway = 1001;
inline constexpr std::uint16_t kCloseProtocolError = 1002;
inline constexpr std::uint16_t kCloseBadText = 1007;
inline constexpr std::uint16_t kCloseTooLarge = 1009;

/// A longer message of a client is refused (spec 9.4): nobody reads them.
inline constexpr std::size_t kClientMessageMax = 64;
/// The longest frame that is read: a control frame with its mask.
inline constexpr std::size_t kClientFrameMax = 2 + 4 + 125;

/// The head of a frame that is the whole message.
struct FrameHead {
  std::array<char, 10> bytes;
  std::uint8_t size = 0;

  std::string_view view() const { return {bytes.data(), size}; }
};
FrameHead MakeFrameHead(Opcode opcode, std::size_t payload_size);

/// A whole frame of at most 125 bytes.
std::string ControlFrame(Opcode opcode, std::string_view payload);
/// The same that closes; `reason` is cut to what fits.
std::string CloseFrame(std::uint16_t code, std::string_view reason);

/// What a client sends, frame by frame. Messages are dropped; what control frames say is told.
///
///   reader.Read(buffer, 7)   ->  {kPing, .size = 7, .payload = "x"}: drop 7 bytes, go on behind
///
/// Thread-safety: none.
class ClientFrames {
 public:
  enum class Kind : std::uint8_t {
    kNeedMore,
    kData,
    kPing,
    kPong,
    kClose,  ///< Sound: the payload, empty or a code and its text, may be sent back.
    kBad,    ///< Close with `code`.
  };

  struct Frame {
    Kind kind = Kind::kNeedMore;
    std::size_t size = 0;        ///< Of the frame.
    std::string_view payload{};  ///< In the buffer, unmasked.
    std::uint16_t code = 0;
  };

  /// Looks at the first frame of `size` bytes and unmasks it in place.
  Frame Read(char* bytes, std::size_t size);

 private:
  bool in_message_ = false;  ///< The last frame was not its message's last.
  std::size_t message_size_ = 0;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_WEB_SOCKET_H_
