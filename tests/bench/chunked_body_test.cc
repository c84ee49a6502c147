#include "bench/load/chunked_body.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace skep::bench {
namespace {

constexpr std::string_view kTwoChunks = "5\r\nhello\r\n6;name=value\r\n world\r\n0\r\n\r\n";

struct Taken {
  std::string content;
  bool complete = false;
  std::string left;
};

// Hands the bytes over in pieces of `size`.
Taken TakeInPieces(ChunkedBody* body, std::string_view bytes, std::size_t size) {
  Taken taken;
  while (!bytes.empty() && !taken.complete) {
    std::string_view piece = bytes.substr(0, size);
    const std::size_t had = piece.size();
    taken.complete =
        body->Consume(&piece, [&taken](std::string_view part) { taken.content.append(part); });
    bytes.remove_prefix(had - piece.size());
  }
  taken.left = bytes;
  return taken;
}

TEST(ChunkedBody, ContentIsJoinedHoweverItComes) {
  for (std::size_t size = 1; size <= kTwoChunks.size(); ++size) {
    ChunkedBody body;
    const Taken taken = TakeInPieces(&body, kTwoChunks, size);
    EXPECT_TRUE(taken.complete) << "in pieces of " << size;
    EXPECT_EQ(taken.content, "hello world") << "in pieces of " << size;
  }
}

TEST(ChunkedBody, WhatFollowsIsLeft) {
  ChunkedBody body;
  const Taken taken = TakeInPieces(&body, std::string(kTwoChunks) + "HTTP/1.1 200 OK", 1000);
  EXPECT_TRUE(taken.complete);
  EXPECT_EQ(taken.left, "HTTP/1.1 200 OK");
}

TEST(ChunkedBody, TheNextBodyBeginsAnew) {
  ChunkedBody body;
  TakeInPieces(&body, kTwoChunks, 4);
  EXPECT_EQ(TakeInPieces(&body, "a\r\n0123456789\r\n0\r\n\r\n", 4).content, "0123456789");
}

TEST(ChunkedBody, TrailersAreSkipped) {
  ChunkedBody body;
  const Taken taken = TakeInPieces(&body, "1\r\nx\r\n0\r\nName: value\r\n\r\nrest", 3);
  EXPECT_TRUE(taken.complete);
  EXPECT_EQ(taken.content, "x");
  EXPECT_EQ(taken.left, "rest");
}

TEST(ChunkedBody, APartOfItIsNotComplete) {
  ChunkedBody body;
  EXPECT_FALSE(TakeInPieces(&body, kTwoChunks.substr(0, kTwoChunks.size() - 1), 7).complete);
}

}  // namespace
}  // namespace skep::bench
