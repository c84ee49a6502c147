#include "server/transport/web_socket.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/server/transport/web_socket_client.h"

namespace skep::server {
namespace {

using Kind = ClientFrames::Kind;

HttpRequest Handshake() {
  HttpRequest request;
  request.verb = Verb::kGet;
  request.fields = {{"Connection", "keep-alive, Upgrade"},
                    {"upgrade", "WebSocket"},
                    {"sec-websocket-version", "13"},
                    {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  return request;
}

// "ping x", "bad 1002", "more": what the frames in `bytes` are.
std::vector<std::string> ReadAll(std::string bytes) {
  ClientFrames frames;
  std::vector<std::string> read;
  while (!bytes.empty()) {
    const ClientFrames::Frame frame = frames.Read(bytes.data(), bytes.size());
    static constexpr const char* kWords[] = {"more", "data", "ping", "pong", "close", "bad"};
    std::string word = kWords[static_cast<int>(frame.kind)];
    if (frame.kind == Kind::kBad) word += " " + std::to_string(frame.code);
    if (frame.kind == Kind::kPing) word += " " + std::string(frame.payload);
    read.push_back(word);
    if (frame.kind == Kind::kBad || frame.kind == Kind::kNeedMore) break;
    bytes.erase(0, frame.size);
  }
  return read;
}

using Words = std::vector<std::string>;

TEST(WebSocketHandshake, AcceptIsThatOfTheStandard) {
  EXPECT_EQ(WebSocketAccept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, FieldsInAnyCaseAndAmongOthers) {
  HttpRequest request = Handshake();
  EXPECT_TRUE(IsWebSocketHandshake(request));
  request.fields.insert(request.fields.begin(), {"Connection", "close"});
  EXPECT_TRUE(IsWebSocketHandshake(request));
  HttpReply reply;
  FillSwitchingProtocols(request, &reply);
  EXPECT_EQ(reply.status, 101);
  EXPECT_EQ(reply.headers.size(), 3u);
}

TEST(WebSocketHandshake, WhatIsMissingOrWrongIsNone) {
  for (std::size_t i = 0; i < Handshake().fields.size(); ++i) {
    HttpRequest request = Handshake();
    request.fields.erase(request.fields.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(IsWebSocketHandshake(request)) << i;
  }
  const std::pair<std::size_t, std::string_view> wrong[] = {{0, "upgrades"},
                                                            {1, "websockets"},
                                                            {2, "8"},
                                                            {3, "short"},
                                                            {3, "dGhlIHNhbXBsZSBub25j!A=="},
                                                            {3, "dGhlIHNhbXBsZSBub25jZQAA"}};
  for (const auto& [field, value] : wrong) {
    HttpRequest request = Handshake();
    request.fields[field].value = value;
    EXPECT_FALSE(IsWebSocketHandshake(request)) << value;
  }
  HttpRequest request = Handshake();
  request.verb = Verb::kPost;
  EXPECT_FALSE(IsWebSocketHandshake(request));
}

TEST(WebSocketFrames, HeadsOfEachLength) {
  EXPECT_EQ(MakeFrameHead(Opcode::kText, 125).view(), std::string_view("\x81\x7d", 2));
  EXPECT_EQ(MakeFrameHead(Opcode::kText, 126).view(), std::string_view("\x81\x7e\x00\x7e", 4));
  EXPECT_EQ(MakeFrameHead(Opcode::kText, 65535).view(), std::string_view("\x81\x7e\xff\xff", 4));
  EXPECT_EQ(MakeFrameHead(Opcode::kText, 65536).view(),
            std::string_view("\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10));
}

TEST(WebSocketFrames, CloseIsCutToAControlFrame) {
  EXPECT_EQ(CloseFrame(1001, "x"), std::string("\x88\x03\x03\xe9x", 5));
  EXPECT_EQ(CloseFrame(1001, std::string(200, 'x')).size(), 2u + 125u);
}

TEST(ClientFrames, ControlFramesBetweenThePartsOfAMessage) {
  EXPECT_EQ(ReadAll(MaskedFrame(0x01, "he") + MaskedFrame(0x89, "x") + MaskedFrame(0x80, "llo") +
                    MaskedFrame(0x8a, "") + MaskedFrame(0x82, "b") + MaskedFrame(0x88, "")),
            (Words{"data", "ping x", "data", "pong", "data", "close"}));
}

TEST(ClientFrames, FrameInPieces) {
  const std::string ping = MaskedFrame(0x89, "hello");
  for (std::size_t size = 0; size < ping.size(); ++size) {
    std::string part = ping.substr(0, size);
    EXPECT_EQ(ClientFrames().Read(part.data(), part.size()).kind, Kind::kNeedMore) << size;
  }
  EXPECT_EQ(ReadAll(ping), Words{"ping hello"});
}

TEST(ClientFrames, MessagesHaveALimit) {
  EXPECT_EQ(ReadAll(MaskedFrame(0x81, std::string(64, 'x'))), Words{"data"});
  EXPECT_EQ(ReadAll(MaskedFrame(0x81, std::string(65, 'x'))), Words{"bad 1009"});
  EXPECT_EQ(ReadAll(MaskedFrame(0x82, std::string(1000, 'x'))), Words{"bad 1009"});
  EXPECT_EQ(ReadAll(MaskedFrame(0x01, std::string(60, 'x')) + MaskedFrame(0x80, "12345")),
            (Words{"data", "bad 1009"}));
  // Said from the head alone.
  EXPECT_EQ(ReadAll(MaskedFrame(0x81, std::string(65, 'x')).substr(0, 2)), Words{"bad 1009"});
}

TEST(ClientFrames, WhatBreaksTheProtocol) {
  EXPECT_EQ(ReadAll(std::string("\x81\x01x", 3)), Words{"bad 1002"}) << "no mask";
  EXPECT_EQ(ReadAll(MaskedFrame(0xc1, "x")), Words{"bad 1002"}) << "a reserved bit";
  EXPECT_EQ(ReadAll(MaskedFrame(0x83, "x")), Words{"bad 1002"}) << "an unknown opcode";
  EXPECT_EQ(ReadAll(MaskedFrame(0x8b, "x")), Words{"bad 1002"}) << "an unknown control opcode";
  EXPECT_EQ(ReadAll(MaskedFrame(0x09, "x")), Words{"bad 1002"}) << "a ping in parts";
  EXPECT_EQ(ReadAll(MaskedFrame(0x89, std::string(126, 'x'))), Words{"bad 1002"}) << "a long ping";
  EXPECT_EQ(ReadAll(MaskedFrame(0x80, "x")), Words{"bad 1002"}) << "the rest of no message";
  EXPECT_EQ(ReadAll(MaskedFrame(0x01, "x") + MaskedFrame(0x81, "x")), (Words{"data", "bad 1002"}))
      << "a message within a message";
}

TEST(ClientFrames, CloseWithACode) {
  const auto close = [](int code, std::string_view reason) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    return MaskedFrame(0x88, payload.append(reason));
  };
  for (const int code : {1000, 1001, 1003, 1007, 1011, 3000, 4001, 4999}) {
    EXPECT_EQ(ReadAll(close(code, "bye")), Words{"close"}) << code;
  }
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
    EXPECT_EQ(ReadAll(close(code, "")), Words{"bad 1002"}) << code;
  }
  EXPECT_EQ(ReadAll(MaskedFrame(0x88, "x")), Words{"bad 1002"});
  EXPECT_EQ(ReadAll(close(1000, "\xff")), Words{"bad 1007"});
}

}  // namespace
}  // namespace skep::server
