#include "bench/load/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skep::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Text, NumbersHaveTheDigitsAskedFor) {
  EXPECT_EQ(Padded(17, 5), "00017");
  EXPECT_EQ(Padded(123456, 5), "123456");
  EXPECT_EQ(Hex(0xdeadbeef), "00000000deadbeef");
}

TEST(Text, MembersAreFoundInCompactAndInIndentedJson) {
  EXPECT_EQ(StringOf(R"({"a":"x","id":"17"})", "id"), "17");
  EXPECT_EQ(StringOf("{\n \"a\": \"x\",\n \"id\": \"17\"\n}", "id"), "17");
}

TEST(Text, MembersOfTheSameNameAreFoundInTheirOrder) {
  EXPECT_THAT(StringsOf(R"([{"id":"a"},{"id": "b"},{"id":""}])", "id"), ElementsAre("a", "b", ""));
}

// "id" is a value in the first, a number in the second, part of another name in the third.
TEST(Text, NumbersAreFoundInCompactAndInIndentedJson) {
  EXPECT_THAT(NumbersOf(R"({"rev":12,"a":{"rev": 0},"rev":"3","b":"rev"})", "rev"),
              ElementsAre(12, 0));
  EXPECT_THAT(NumbersOf(R"({"rev")", "rev"), IsEmpty());
}

TEST(Text, WhatIsNoMemberOfThatNameIsPassedOver) {
  EXPECT_THAT(StringsOf(R"({"kind":"id","id":5,"uid":"x","id":"found"})", "id"),
              ElementsAre("found"));
}

TEST(Text, PartsAreCountedWithoutOverlap) {
  EXPECT_EQ(CountOf("aaaa", "aa"), 2u);
  EXPECT_EQ(CountOf("", "a"), 0u);
}

TEST(Text, WhatAQueryCannotHoldIsEncoded) {
  EXPECT_EQ(PercentEncoded("a-b.c_9"), "a-b.c_9");
  EXPECT_EQ(PercentEncoded("a b&\xc3\xa4"), "a%20b%26%C3%A4");
}

}  // namespace
}  // namespace skep::bench
