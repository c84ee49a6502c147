#include "skep/registry/types.h"

#include <gtest/gtest.h>

#include <string>

#include "skep/registry/discovery.h"

namespace skep {
namespace {

TEST(InstanceId, ThirtyTwoHexDigitsAre128Bits) {
  const std::string text = "0123456789abcdeffedcba9876543210";
  const InstanceIdView id(text);
  EXPECT_TRUE(id.is_128_bits());
  EXPECT_EQ(id.hi(), 0x0123456789abcdefU);
  EXPECT_EQ(id.lo(), 0xfedcba9876543210U);
  EXPECT_EQ(id.str(), text);
  EXPECT_EQ(InstanceId(text).str(), text);
}

TEST(InstanceId, AnyOtherTextIsKept) {
  for (std::string text :
       {"own-id", "0123456789ABCDEFfedcba9876543210", "0123456789abcdeffedcba987654321g",
        "0123456789abcdeffedcba98765432100"}) {
    EXPECT_FALSE(InstanceIdView(text).is_128_bits()) << text;
    EXPECT_EQ(InstanceId(text).str(), text);
  }
}

TEST(InstanceId, EveryByteThatIsNoDigitIsNoDigit) {
  for (int byte = 0; byte < 256; ++byte) {
    std::string text(32, '7');
    text[5] = static_cast<char>(byte);
    const bool digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
    EXPECT_EQ(InstanceIdView(text).is_128_bits(), digit) << byte;
  }
}

TEST(InstanceId, EmptyTextIsEmpty) {
  EXPECT_TRUE(InstanceId("").empty());
  EXPECT_EQ(InstanceId().str(), "");
}

TEST(ListVersion, TextTellsRevisionAndSelection) {
  EXPECT_EQ(ListVersion(Revision(17), 0).str(), "17");
  EXPECT_EQ(ListVersion(Revision(17), 255).str(), "17-00000000000000ff");
  EXPECT_TRUE(ListVersion(Revision(17), 0).Is("17"));
  EXPECT_FALSE(ListVersion(Revision(17), 255).Is("17"));
  EXPECT_FALSE(ListVersion(Revision(17), 0).Is(""));
}

}  // namespace
}  // namespace skep
