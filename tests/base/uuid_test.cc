#include "base/uuid.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <utility>

namespace skep::base {
namespace {

TEST(UuidGenerator, EachIsAVersion4Uuid) {
  UuidGenerator ids(1);
  for (int i = 0; i < 1000; ++i) {
    const Uuid id = ids.Next();
    EXPECT_EQ(id.hi >> 12 & 0xf, 4u);  // The 13th of 32 digits.
    EXPECT_EQ(id.lo >> 62, 2u);
  }
}

TEST(UuidGenerator, NoneComesTwice) {
  UuidGenerator ids(1);
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  for (int i = 0; i < 100'000; ++i) {
    const Uuid id = ids.Next();
    EXPECT_TRUE(seen.emplace(id.hi, id.lo).second);
  }
}

TEST(UuidGenerator, SameSeedSameIds) {
  UuidGenerator one(42);
  UuidGenerator other(42);
  UuidGenerator third(43);
  for (int i = 0; i < 10; ++i) {
    const Uuid id = one.Next();
    EXPECT_EQ(id, other.Next());
    EXPECT_NE(id, third.Next());
  }
}

TEST(UuidGenerator, SeedZeroIsRandom) {
  EXPECT_NE(UuidGenerator(0).Next(), UuidGenerator(0).Next());
}

}  // namespace
}  // namespace skep::base
