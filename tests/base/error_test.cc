#include "skep/error.h"

#include <gtest/gtest.h>

#include <system_error>

namespace skep {
namespace {

TEST(Error, OneLineHasNumberTextAndDetail) {
  const Error error(EngineErrc::kInvalidOptions, "first_revision 0: 1 to 2^53");
  EXPECT_EQ(error.ToString(), "2 invalid option: first_revision 0: 1 to 2^53");
  EXPECT_EQ(Error(EngineErrc::kClosed, "").ToString(), "1 the engine is closed");
}

TEST(Error, EqualsItsCodeAlone) {
  const Error error(EngineErrc::kClosed, "x");
  EXPECT_TRUE(error == EngineErrc::kClosed);
  EXPECT_FALSE(error == EngineErrc::kSystem);
  // The same number of another category is another fact.
  EXPECT_FALSE(error == std::error_code(1, std::generic_category()));
}

TEST(Error, RestsOnNothingUnlessSaid) {
  EXPECT_FALSE(Error(EngineErrc::kClosed, "").rests_on());
  EXPECT_EQ(Error(EngineErrc::kClosed, "", Revision(7)).rests_on(), Revision(7));
}

TEST(EngineErrc, EachHasAText) {
  for (int code = 1; code <= 5; ++code) {
    EXPECT_NE(EngineCategory().message(code), "unknown error") << code;
  }
  EXPECT_EQ(EngineCategory().message(0), "unknown error");
  EXPECT_STREQ(EngineCategory().name(), "skep.engine");
}

}  // namespace
}  // namespace skep
