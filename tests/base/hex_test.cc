#include "base/hex.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>
#include <string>

namespace skep::base {
namespace {

std::string Written(std::uint64_t value) {
  std::string text(16, '?');
  AppendHex64(value, text.data());
  return text;
}

TEST(Hex64, WritesLowerCaseWithLeadingZeros) {
  EXPECT_EQ(Written(0), "0000000000000000");
  EXPECT_EQ(Written(0x0123456789abcdef), "0123456789abcdef");
  EXPECT_EQ(Written(~std::uint64_t{0}), "ffffffffffffffff");
}

TEST(Hex64, ReadsWhatItWrote) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t value = random() >> (i % 64);
    EXPECT_EQ(ParseHex64(Written(value).data()), value);
  }
}

// Every byte value at every place: the eight bytes that are read at once must not touch each other.
TEST(Hex64, ReadsDigitsAndRefusesAllElseAtEveryPlace) {
  const std::string good = "0f9a1b2c3d4e5f60";
  for (std::size_t place = 0; place < good.size(); ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = good;
      text[place] = static_cast<char>(byte);
      const bool is_digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
      const std::optional<std::uint64_t> parsed = ParseHex64(text.data());
      ASSERT_EQ(parsed.has_value(), is_digit) << "byte " << byte << " at " << place;
      if (is_digit) {
        ASSERT_EQ(*parsed, std::stoull(text, nullptr, 16));
      }
    }
  }
}

TEST(Hex64, RefusesRandomBytesAsAPlainReaderDoes) {
  std::mt19937_64 random(2);
  const std::string pool = "0123456789abcdefABCDEFgG/:`@ \xff\x80";
  for (int i = 0; i < 20'000; ++i) {
    std::string text(16, '0');
    // Mostly digits, so that some texts are good.
    for (char& c : text) c = pool[random() % (random() % 8 != 0 ? 16 : pool.size())];
    const bool good = text.find_first_not_of("0123456789abcdef") == std::string::npos;
    ASSERT_EQ(ParseHex64(text.data()).has_value(), good) << text;
  }
}

}  // namespace
}  // namespace skep::base
