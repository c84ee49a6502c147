#include "skep/revision.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

TEST(Revision, DefaultIsNone) {
  EXPECT_FALSE(Revision());
  EXPECT_EQ(Revision().number(), 0u);
  EXPECT_TRUE(Revision(1));
}

TEST(Revision, IsOrderedByItsNumber) {
  EXPECT_LT(Revision(), Revision(1));
  EXPECT_LT(Revision(9), Revision(10));
  EXPECT_EQ(Revision(9) + 1, Revision(10));
}

TEST(Revision, DoesNotFallBelowNone) {
  EXPECT_EQ(Revision(9) - 4, Revision(5));
  EXPECT_EQ(Revision(3) - 4, Revision());
}

}  // namespace
}  // namespace skep
