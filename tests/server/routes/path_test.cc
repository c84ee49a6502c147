#include "server/routes/path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace skep::server {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Segments(std::string_view text) {
  Path path;
  EXPECT_EQ(path.Split(text), PathKind::kGood) << text;
  return {path.segments().begin(), path.segments().end()};
}

PathKind KindOf(std::string_view text) {
  Path path;
  return path.Split(text);
}

TEST(Path, SegmentsInOrder) {
  EXPECT_THAT(Segments("/v4/default/registry"), ElementsAre("v4", "default", "registry"));
}

TEST(Path, EscapesAreUndoneOnce) {
  EXPECT_THAT(Segments("/a%20b/%E4%BD%A0/c+d/%2541"), ElementsAre("a b", "\u4f60", "c+d", "%41"));
}

TEST(Path, EmptySegmentsAreUnroutable) {
  for (const std::string_view bad : {"", "/", "/a/", "//a", "/a//b", "a/b", "*", "/a%20/"}) {
    EXPECT_EQ(KindOf(bad), PathKind::kUnroutable) << bad;
  }
}

TEST(Path, EscapedSlashAndNulAreUnroutable) {
  EXPECT_EQ(KindOf("/a%2Fb"), PathKind::kUnroutable);
  EXPECT_EQ(KindOf("/a%2f"), PathKind::kUnroutable);
  EXPECT_EQ(KindOf("/a%00b"), PathKind::kUnroutable);
}

TEST(Path, BadEscapeIsToldEvenWhereNothingElseFits) {
  for (const std::string_view bad : {"/%zz", "/a%4", "/a%", "/a%2F/%zz", "/%20//%z"}) {
    EXPECT_EQ(KindOf(bad), PathKind::kBadEscape) << bad;
  }
}

TEST(Path, MoreSegmentsThanTheMaximumAreUnroutable) {
  std::string path;
  for (std::size_t i = 0; i < kPathSegmentsMax; ++i) path += "/a";
  EXPECT_EQ(KindOf(path), PathKind::kGood);
  EXPECT_EQ(KindOf(path + "/a"), PathKind::kUnroutable);
  EXPECT_EQ(KindOf(path + "/%41"), PathKind::kUnroutable);
}

}  // namespace
}  // namespace skep::server
