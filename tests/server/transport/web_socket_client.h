// WebSocketClient: a client that speaks bytes, so that it can also speak wrong ones.
//
//   WebSocketClient client(address, "/path");
//   client.SendFrame(9, "hello");              // a ping
//   EXPECT_EQ(client.Receive(), "pong hello");
#ifndef SKEP_TESTS_SERVER_TRANSPORT_WEB_SOCKET_CLIENT_H_
#define SKEP_TESTS_SERVER_TRANSPORT_WEB_SOCKET_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/server/transport/http_fixture.h"

namespace skep::server {

inline constexpr std::string_view kWebSocketFields =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A frame as clients send it, masked.
inline std::string MaskedFrame(unsigned first_byte, std::string_view payload) {
  constexpr std::string_view kMask = "\x11\x22\x33\x44";
  std::string frame;
  frame += static_cast<char>(first_byte);
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += static_cast<char>(0x80 | 126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xff);
  }
  frame += kMask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(payload[i] ^ kMask[i % 4]);
  }
  return frame;
}

class WebSocketClient {
 public:
  WebSocketClient(const std::string& address, std::string_view target, int receive_buffer = 0,
                  std::string_view more_fields = "")
      : client_(address, receive_buffer) {
    client_.Send(Get(target, std::string(kWebSocketFields).append(more_fields)));
    upgrade_ = client_.Receive(true);
  }

  /// The answer to the handshake.
  int status() const { return upgrade_.has_value() ? upgrade_->status : 0; }
  const RawReply& upgrade() const { return *upgrade_; }

  /// `opcode` without the bit that says "the last of its message", which is set.
  void SendFrame(unsigned opcode, std::string_view payload = "") {
    client_.Send(MaskedFrame(0x80 | opcode, payload));
  }
  void SendBytes(std::string_view bytes) { client_.Send(bytes); }

  /// The next frame: "text {...}", "ping", "pong hello", "close 1001 why", "close"; "end" where the
  /// server has shut its side, "reset" where it did so hard, "silence" where nothing comes.
  std::string Receive() {
    const auto bytes = [this](std::size_t count) { return client_.Bytes(count); };
    const auto head = bytes(2);
    if (!head.has_value())
      return client_.was_reset() ? "reset" : client_.ended() ? "end" : "silence";
    std::size_t size = static_cast<unsigned char>((*head)[1]);
    if (size >= 126) {
      const std::string more = bytes(size == 126 ? 2 : 8).value_or("");
      size = 0;
      for (const char byte : more) size = size << 8 | static_cast<unsigned char>(byte);
    }
    const std::string payload = bytes(size).value_or("cut off");
    return Say(static_cast<unsigned char>((*head)[0]), payload);
  }

  RawClient& raw() { return client_; }

 private:
  static std::string Say(unsigned first_byte, const std::string& payload) {
    const auto with = [&payload](std::string word) {
      return payload.empty() ? word : word + " " + payload;
    };
    switch (first_byte) {
      case 0x81:
        return with("text");
      case 0x89:
        return with("ping");
      case 0x8a:
        return with("pong");
      case 0x88: {
        if (payload.size() < 2) return "close";
        const int code =
            static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
        const std::string reason = payload.substr(2);
        return "close " + std::to_string(code) + (reason.empty() ? "" : " " + reason);
      }
      default:
        return "frame " + std::to_string(first_byte);
    }
  }

  RawClient client_;
  std::optional<RawReply> upgrade_;
};

}  // namespace skep::server

#endif  // SKEP_TESTS_SERVER_TRANSPORT_WEB_SOCKET_CLIENT_H_
