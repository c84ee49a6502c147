#include "base/record_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace skep::base {
namespace {

using namespace std::string_view_literals;

template <class Fn>
std::string Written(Fn&& fn) {
  std::string bytes;
  RecordWriter out(&bytes);
  fn(out);
  return bytes;
}

TEST(RecordBytes, LayoutIsTheOneThatIsWrittenDown) {
  const std::string bytes = Written([](RecordWriter& out) {
    out.Byte(1);
    out.Number(300);
    out.Text("ab");
    out.Signed(-1);
    out.Bool(true);
    out.SortedNumber(258);
  });
  EXPECT_EQ(bytes,
            "\x01\xac\x02\x02"
            "ab\x01\x01\0\0\0\0\0\0\x01\x02"sv);
}

TEST(RecordBytes, NumbersComeBack) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{1} << 35,
        std::uint64_t{1} << 63, kMost - 1, kMost}) {
    const std::string bytes = Written([number](RecordWriter& out) {
      out.Number(number);
      out.Signed(static_cast<std::int64_t>(number));
      out.SortedNumber(number);
    });
    RecordReader in(bytes);
    EXPECT_EQ(in.Number(), number);
    EXPECT_EQ(in.Signed(), static_cast<std::int64_t>(number));
    EXPECT_EQ(in.SortedNumber(), number);
    EXPECT_TRUE(in.Finished());
  }
}

TEST(RecordBytes, SortedNumbersSort) {
  const auto key = [](std::uint64_t n) {
    return Written([n](RecordWriter& out) { out.SortedNumber(n); });
  };
  EXPECT_LT(key(0), key(1));
  EXPECT_LT(key(255), key(256));
  EXPECT_LT(key(std::uint64_t{1} << 62), key(std::uint64_t{1} << 63));
}

TEST(RecordBytes, NumberOfMoreThan64BitsFails) {
  for (const std::string_view bytes : {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"sv,
                                       "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"sv}) {
    RecordReader in(bytes);
    EXPECT_EQ(in.Number(), 0u);
    EXPECT_FALSE(in.ok());
  }
}

TEST(RecordBytes, TextBeyondTheEndFailsAndSoDoesAllThatFollows) {
  RecordReader in(
      "\x05"
      "abcd"sv);
  EXPECT_EQ(in.Text(), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.Byte(), 0);
  EXPECT_EQ(in.Number(), 0u);
  EXPECT_FALSE(in.Finished());
}

TEST(RecordBytes, CountThatTheRestCannotHoldFails) {
  RecordReader in(
      "\x03"
      "ab"sv);
  EXPECT_EQ(in.Count(), 0u);
  EXPECT_FALSE(in.ok());
}

TEST(RecordBytes, WordsAndTruthsOutsideTheirRangeFail) {
  enum class Color : std::uint8_t { kRed, kBlue };
  RecordReader good("\x01\x00"sv);
  EXPECT_EQ(good.Word(Color::kBlue), Color::kBlue);
  EXPECT_FALSE(good.Bool());
  EXPECT_TRUE(good.Finished());
  RecordReader bad("\x02"sv);
  EXPECT_EQ(bad.Word(Color::kBlue), Color::kRed);
  EXPECT_FALSE(bad.ok());
  RecordReader neither("\x02"sv);
  EXPECT_FALSE(neither.Bool());
  EXPECT_FALSE(neither.ok());
}

TEST(RecordBytes, VersionsAreOneToTheNewest) {
  EXPECT_EQ(RecordReader("\x02"sv).Version(2), 2);
  RecordReader newer("\x03"sv);
  EXPECT_EQ(newer.Version(2), 0);
  EXPECT_FALSE(newer.ok());
  RecordReader none("\0"sv);
  EXPECT_EQ(none.Version(2), 0);
  EXPECT_FALSE(none.ok());
}

TEST(RecordBytes, WhatIsLeftOverIsNotFinished) {
  RecordReader in("\x01\x01"sv);
  EXPECT_TRUE(in.Bool());
  EXPECT_TRUE(in.ok());
  EXPECT_FALSE(in.Finished());
}

TEST(RecordBytes, PrintableKeyShowsEveryByte) {
  EXPECT_EQ(PrintableKey("rs\x07"
                         "default\\ \xff"sv),
            "rs\\x07default\\x5c\\x20\\xff");
  EXPECT_THAT(PrintableKey(std::string(1000, 'a')), ::testing::EndsWith("a..."));
}

}  // namespace
}  // namespace skep::base
