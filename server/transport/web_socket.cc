#include "server/transport/web_socket.h"

#include <algorithm>

#include "base/digest.h"
#include "base/hex.h"
#include "base/text.h"

namespace skep::server {
namespace {

constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kControlPayloadMax = 125;

// The 40 hex digits of a SHA-1 as the base64 of its 20 bytes.
std::string Base64OfHex(std::string_view hex) {
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;
  const auto put = [&] {
    count -= 6;
    text += kBase64Digits[(bits >> count) & 0x3f];
  };
  for (const char digit : hex) {
    bits = bits << 4 | static_cast<std::uint32_t>(std::string_view(base::kHexDigits).find(digit));
    count += 4;
    if (count >= 6) put();
  }
  if (count > 0) {
    bits <<= 6 - count;
    count = 6;
    put();
  }
  while (text.size() % 4 != 0) text += '=';
  return text;
}

bool IsWord(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  });
}

// Whether a field's list of words, in any field of that name, has this one.
bool HasWord(const HttpRequest& request, std::string_view field_name, std::string_view word) {
  for (const HttpField& field : request.fields) {
    if (!IsWord(field.name, field_name)) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      std::string_view item = rest.substr(0, comma);
      while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) item.remove_prefix(1);
      while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) item.remove_suffix(1);
      if (IsWord(item, word)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

// The base64 of 16 bytes.
bool IsSoundKey(std::string_view key) {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  return key.substr(0, 22).find_first_not_of(kBase64Digits) == std::string_view::npos;
}

bool IsSentCode(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = base::SequenceLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

ClientFrames::Frame Bad(std::uint16_t code, ClientFrames::Frame frame) {
  frame.kind = ClientFrames::Kind::kBad;
  frame.code = code;
  return frame;
}

ClientFrames::Frame Close(ClientFrames::Frame frame) {
  const std::string_view payload = frame.payload;
  if (!payload.empty()) {
    if (payload.size() < 2) return Bad(kCloseProtocolError, frame);
    const auto code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                                 static_cast<unsigned char>(payload[1]));
    if (!IsSentCode(code)) return Bad(kCloseProtocolError, frame);
    if (!IsUtf8(payload.substr(2))) return Bad(kCloseBadText, frame);
  }
  frame.kind = ClientFrames::Kind::kClose;
  return frame;
}

}  // namespace

bool IsWebSocketHandshake(const HttpRequest& request) {
  return request.verb == Verb::kGet && HasWord(request, "connection", "upgrade") &&
         HasWord(request, "upgrade", "websocket") &&
         request.Field("Sec-WebSocket-Version") == "13" &&
         IsSoundKey(request.Field("Sec-WebSocket-Key"));
}

std::string WebSocketAccept(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  return Base64OfHex(base::Sha1Hex(text));
}

void FillSwitchingProtocols(const HttpRequest& request, HttpReply* reply) {
  reply->status = 101;
  reply->headers.emplace_back("Upgrade", "websocket");
  reply->headers.emplace_back("Connection", "Upgrade");
  reply->headers.emplace_back("Sec-WebSocket-Accept",
                              WebSocketAccept(request.Field("Sec-WebSocket-Key")));
}

FrameHead MakeFrameHead(Opcode opcode, std::size_t payload_size) {
  FrameHead head;
  const auto put = [&head](std::uint64_t byte) {
    head.bytes[head.size++] = static_cast<char>(byte & 0xff);
  };
  put(0x80U | static_cast<unsigned>(opcode));
  int length_bytes = 0;
  if (payload_size <= kControlPayloadMax) {
    put(payload_size);
  } else {
    length_bytes = payload_size <= 0xffff ? 2 : 8;
    put(length_bytes == 2 ? 126 : 127);
  }
  for (int i = length_bytes - 1; i >= 0; --i) put(std::uint64_t{payload_size} >> (8 * i));
  return head;
}

std::string ControlFrame(Opcode opcode, std::string_view payload) {
  payload = payload.substr(0, kControlPayloadMax);
  std::string frame(MakeFrameHead(opcode, payload.size()).view());
  frame += payload;
  return frame;
}

std::string CloseFrame(std::uint16_t code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  payload += base::CutAtCharacter(reason, kControlPayloadMax - payload.size());
  return ControlFrame(Opcode::kClose, payload);
}

ClientFrames::Frame ClientFrames::Read(char* bytes, std::size_t size) {
  Frame frame;
  if (size < 2) return frame;
  const auto byte = [bytes](std::size_t i) -> unsigned {
    return static_cast<unsigned char>(bytes[i]);
  };
  const bool last = (byte(0) & 0x80) != 0;
  const unsigned opcode = byte(0) & 0x0f;
  const bool is_control = opcode >= 8;
  const unsigned length = byte(1) & 0x7f;
  const bool is_masked = (byte(1) & 0x80) != 0;
  const bool has_reserved_bits = (byte(0) & 0x70) != 0;
  const bool is_known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
  if (!is_masked || has_reserved_bits || !is_known) return Bad(kCloseProtocolError, frame);
  if (is_control && (!last || length > kControlPayloadMax)) return Bad(kCloseProtocolError, frame);
  if (!is_control) {
    // Said before the frame is there: its rest may never come.
    const bool goes_on = opcode == static_cast<unsigned>(Opcode::kContinuation);
    if (goes_on != in_message_) return Bad(kCloseProtocolError, frame);
    if (length > kClientMessageMax || message_size_ + length > kClientMessageMax) {
      return Bad(kCloseTooLarge, frame);
    }
  }
  constexpr std::size_t kHead = 2 + 4;
  if (size < kHead + length) return frame;
  frame.size = kHead + length;
  for (std::size_t i = 0; i < length; ++i) {
    bytes[kHead + i] = static_cast<char>(byte(kHead + i) ^ byte(2 + i % 4));
  }
  frame.payload = {bytes + kHead, length};
  switch (static_cast<Opcode>(opcode)) {
    case Opcode::kClose:
      return Close(frame);
    case Opcode::kPing:
      frame.kind = Kind::kPing;
      return frame;
    case Opcode::kPong:
      frame.kind = Kind::kPong;
      return frame;
    default:
      in_message_ = !last;
      message_size_ = last ? 0 : message_size_ + length;
      frame.kind = Kind::kData;
      return frame;
  }
}

}  // namespace skep::server
