// What a WebSocket's client sends, of any bytes, whole and in pieces; and handshakes of any fields.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "server/transport/web_socket.h"

namespace skep::server {
namespace {

using Kind = ClientFrames::Kind;

void Require(bool holds) {
  if (!holds) std::abort();
}

// One line for each frame.
std::string ReadInPieces(std::string_view bytes, std::size_t piece) {
  ClientFrames frames;
  std::string said;
  std::string buffer;
  while (!bytes.empty()) {
    // No frame needs more than the buffer of a session.
    Require(buffer.size() < kClientFrameMax);
    const std::size_t size = std::min({piece, bytes.size(), kClientFrameMax - buffer.size()});
    buffer += bytes.substr(0, size);
    bytes.remove_prefix(size);
    while (true) {
      std::string copy = buffer;
      const ClientFrames::Frame frame = frames.Read(copy.data(), copy.size());
      if (frame.kind == Kind::kNeedMore) break;
      said += std::to_string(static_cast<int>(frame.kind)) + " ";
      if (frame.kind == Kind::kBad) {
        Require(frame.code == kCloseProtocolError || frame.code == kCloseBadText ||
                frame.code == kCloseTooLarge);
        return said + std::to_string(frame.code);
      }
      Require(frame.size >= 6 && frame.size <= buffer.size());
      Require(frame.payload.size() == frame.size - 6);
      said += std::string(frame.payload) + "\n";
      buffer.erase(0, frame.size);
      if (frame.kind == Kind::kClose) return said;
    }
  }
  return said;
}

// Names and values by lines.
void CheckHandshake(std::string_view text) {
  HttpRequest request;
  request.verb = Verb::kGet;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t colon = std::min(line.find(':'), line.size());
    request.fields.push_back(
        {line.substr(0, colon), line.substr(std::min(colon + 1, line.size()))});
  }
  if (!IsWebSocketHandshake(request)) return;
  HttpReply reply;
  FillSwitchingProtocols(request, &reply);
  Require(reply.status == 101 && reply.headers.back().second.size() == 28);
}

}  // namespace
}  // namespace skep::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  using skep::server::ReadInPieces;
  skep::server::Require(ReadInPieces(input, 1) == ReadInPieces(input, 1000));
  skep::server::CheckHandshake(input);
  return 0;
}
