#include "bench/load/watchers.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace skep::bench {
namespace {

using Kind = ServerFrame::Kind;

// A frame as RFC 6455 has it, with the shortest length that can say it.
std::string Frame(char first, const std::string& payload) {
  const std::size_t size = payload.size();
  std::string frame(1, first);
  if (size < 126) {
    frame += static_cast<char>(size);
  } else if (size < 65536) {
    frame += {'\x7e', static_cast<char>(size >> 8), static_cast<char>(size)};
  } else {
    frame += '\x7f';
    for (int shift = 56; shift >= 0; shift -= 8) frame += static_cast<char>(size >> shift);
  }
  return frame + payload;
}

TEST(ServerFrame, OfEveryLengthIsTakenWholeOrNotAtAll) {
  for (const std::size_t size : {0u, 125u, 126u, 65'535u, 65'536u, 300'000u}) {
    const std::string payload(size, 'x');
    const std::string frame = Frame('\x81', payload);
    std::string_view bytes = frame;
    bytes.remove_suffix(1);
    EXPECT_EQ(ServerFrame::TakeFrom(&bytes).kind, Kind::kNone) << size;
    EXPECT_EQ(bytes.size(), frame.size() - 1) << size;
    bytes = frame;
    const ServerFrame taken = ServerFrame::TakeFrom(&bytes);
    EXPECT_EQ(taken.kind, Kind::kText) << size;
    EXPECT_EQ(taken.payload, payload) << size;
    EXPECT_TRUE(bytes.empty()) << size;
  }
}

TEST(ServerFrame, OneIsTakenAtATime) {
  const std::string frames = Frame('\x89', "ping") + Frame('\x8a', "") + Frame('\x88', "");
  std::string_view bytes = frames;
  const ServerFrame ping = ServerFrame::TakeFrom(&bytes);
  EXPECT_EQ(ping.kind, Kind::kPing);
  EXPECT_EQ(ping.payload, "ping");
  EXPECT_EQ(ServerFrame::TakeFrom(&bytes).kind, Kind::kPong);
  EXPECT_EQ(ServerFrame::TakeFrom(&bytes).kind, Kind::kClose);
  EXPECT_EQ(ServerFrame::TakeFrom(&bytes).kind, Kind::kNone);
}

TEST(ServerFrame, APongIsMaskedAndHasThePayloadOfThePing) {
  EXPECT_EQ(PongFrame("abc"), std::string("\x8a\x83\0\0\0\0abc", 9));
}

TEST(ServerFrameDeathTest, WhatNoServerSendsEndsTheProcess) {
  std::string_view masked = "\x81\x80\1\2\3\4";
  EXPECT_EXIT(ServerFrame::TakeFrom(&masked), ::testing::ExitedWithCode(1), "masked");
  std::string_view fragment("\x01\x00", 2);
  EXPECT_EXIT(ServerFrame::TakeFrom(&fragment), ::testing::ExitedWithCode(1), "no watcher expects");
}

}  // namespace
}  // namespace skep::bench
