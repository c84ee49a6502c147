#include "base/text.h"

#include <gtest/gtest.h>

#include <string_view>

namespace skep::base {
namespace {

using namespace std::string_view_literals;

TEST(IsAlnum, LettersAndDigitsOfAsciiAlone) {
  for (const char c : "azAZ09"sv) EXPECT_TRUE(IsAlnum(c)) << c;
  for (const char c : "/:@[`{_-. \xe9"sv) EXPECT_FALSE(IsAlnum(c)) << c;
}

TEST(SequenceLength, OfEachLength) {
  EXPECT_EQ(SequenceLength("ab"), 1);
  EXPECT_EQ(SequenceLength("\0"sv), 1);
  EXPECT_EQ(SequenceLength("\xc2\x80x"), 2);
  EXPECT_EQ(SequenceLength("\xdf\xbf"), 2);
  EXPECT_EQ(SequenceLength("\xe0\xa0\x80"), 3);
  EXPECT_EQ(SequenceLength("\xed\x9f\xbf"), 3);
  EXPECT_EQ(SequenceLength("\xef\xbf\xbf"), 3);
  EXPECT_EQ(SequenceLength("\xf0\x90\x80\x80"), 4);
  EXPECT_EQ(SequenceLength("\xf4\x8f\xbf\xbf"), 4);
}

TEST(SequenceLength, NoneOfWhatIsNotUtf8) {
  for (const std::string_view text :
       {""sv, "\x80"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xc2"sv, "\xc2x"sv, "\xe0\x9f\xbf"sv,
        "\xed\xa0\x80"sv, "\xe1\x80"sv, "\xe1\x80x"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv,
        "\xf1\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xff"sv}) {
    EXPECT_EQ(SequenceLength(text), 0) << text;
  }
}

TEST(CutAtCharacter, BetweenCharacters) {
  EXPECT_EQ(CutAtCharacter("abc", 3), "abc");
  EXPECT_EQ(CutAtCharacter("abc", 2), "ab");
  EXPECT_EQ(CutAtCharacter("a\xc3\xa9", 2), "a");
  EXPECT_EQ(CutAtCharacter("a\xc3\xa9x", 3), "a\xc3\xa9");
  EXPECT_EQ(CutAtCharacter("\xf0\x9f\x90\x9d", 3), "");
  EXPECT_EQ(CutAtCharacter("abc", 0), "");
}

}  // namespace
}  // namespace skep::base
