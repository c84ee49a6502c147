#include "base/hash.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

namespace skep::base {
namespace {

constexpr std::uint64_t kSeed = 0xd1b54a32d192ed03;  // As random as the ones in use.

TEST(Hasher, SameSeedSameHash) {
  EXPECT_EQ(Hasher(7)("cart"), Hasher(7)("cart"));
  EXPECT_EQ(Hasher(7).Of128(1, 2), Hasher(7).Of128(1, 2));
}

TEST(Hasher, AnotherSeedAnotherHash) {
  EXPECT_NE(Hasher(7)("cart"), Hasher(9)("cart"));
  EXPECT_NE(Hasher(7).Of128(1, 2), Hasher(9).Of128(1, 2));
}

TEST(Hasher, PiecesInAnotherOrderHashOtherwise) {
  const Hasher hasher(7);
  EXPECT_NE(hasher.Mix(hasher("shop"), "cart"), hasher.Mix(hasher("cart"), "shop"));
  EXPECT_NE(hasher.Mix(hasher("shop"), "cart"), hasher("shopcart"));
}

// Lengths around a word, a block and its multiples; every byte of each counts, and so does length.
TEST(Hasher, EveryByteOfATextCounts) {
  const Hasher hasher(kSeed);
  std::set<std::uint64_t> seen{hasher("")};
  std::size_t texts = 1;
  for (std::size_t length = 1; length <= 70; ++length) {
    std::string text(length, '\0');
    seen.insert(hasher(text));
    for (char& c : text) {
      c = 'x';
      seen.insert(hasher(text));
      c = '\0';
    }
    texts += length + 1;
  }
  EXPECT_EQ(seen.size(), texts);
}

TEST(Hasher, BlocksInAnotherOrderHashOtherwise) {
  const Hasher hasher(kSeed);
  const std::string a(16, 'a');
  const std::string b(16, 'b');
  const std::string c(16, 'c');
  EXPECT_NE(hasher(a + b + c), hasher(b + a + c));
  EXPECT_NE(hasher(a + b + c), hasher(a + c + b));
  EXPECT_NE(hasher(a + a + c), hasher(b + b + c));
}

// Names count up in their last digits, ids in any of 40; both must be spread as random keys are.
TEST(Hasher, TextsThatCountUpAreSpread) {
  const Hasher hasher(kSeed);
  constexpr int kKeys = 4096;
  for (const std::string frame : {"service-", "c0ffee-0123456789-0123456789-012345", "s"}) {
    std::set<std::uint64_t> tops;
    std::set<std::uint64_t> lows;
    for (int i = 0; i < kKeys; ++i) {
      const std::uint64_t hash = hasher(frame + std::to_string(i));
      tops.insert(hash >> 52);
      lows.insert(hash & 0xfff);
    }
    EXPECT_GT(tops.size(), 2300u) << frame;
    EXPECT_GT(lows.size(), 2300u) << frame;
  }
}

// Tables pick the shard by the top bits and the place by the low ones, so both must be spread, for
// ids that differ in few bits, too.
TEST(Hasher, TopAndLowBitsAreSpread) {
  const Hasher hasher(kSeed);
  constexpr int kKeys = 4096;
  std::set<std::uint64_t> tops;
  std::set<std::uint64_t> lows;
  for (std::uint64_t i = 0; i < kKeys; ++i) {
    const std::uint64_t hash = hasher.Of128(0x4000, i);
    tops.insert(hash >> 52);
    lows.insert(hash & 0xfff);
  }
  // Of 4,096 balls in as many bins 2,589 are expected to hit an empty one.
  EXPECT_GT(tops.size(), 2300u);
  EXPECT_GT(lows.size(), 2300u);
}

}  // namespace
}  // namespace skep::base
