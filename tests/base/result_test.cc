#include "skep/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "tests/support/error_matchers.h"

namespace skep {
namespace {

using testing::ErrorIs;
using ::testing::HasSubstr;
using testing::IsOk;

Error Closed() { return {EngineErrc::kClosed, "by hand"}; }

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = 5;
  EXPECT_THAT(good, IsOk());
  EXPECT_EQ(good.value(), 5);
  EXPECT_EQ(*good, 5);
  const Result<int> bad = Closed();
  EXPECT_THAT(bad, ErrorIs(EngineErrc::kClosed, "by hand"));
}

TEST(Result, ValueOfAnErrorThrowsItsLine) {
  Result<std::string> bad = Closed();
  try {
    (void)bad.value();
    FAIL() << "no exception";
  } catch (const BadResultAccess& access) {
    EXPECT_STREQ(access.what(), "1 the engine is closed: by hand");
  }
  EXPECT_THROW((void)std::move(bad).value(), BadResultAccess);
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(3);
  EXPECT_EQ(**made, 3);
  const std::unique_ptr<int> taken = std::move(made).value();
  EXPECT_EQ(*taken, 3);
}

TEST(Result, ConvertsWhatTheValueIsMadeFrom) {
  const Result<std::string> text = "cart";
  EXPECT_EQ(text->size(), 4u);
  static_assert(!std::is_constructible_v<Result<std::unique_ptr<int>>, std::string>);
}

TEST(Result, AValueMayBeChangedInPlace) {
  Result<std::string> text = std::string("a");
  text->append("b");
  *text += "c";
  EXPECT_EQ(text.value(), "abc");
}

TEST(Status, IsSuccessUnlessAnErrorIsGiven) {
  EXPECT_THAT(Status(), IsOk());
  Status().value();
  const Status bad = Closed();
  EXPECT_THAT(bad, ErrorIs(EngineErrc::kClosed));
  EXPECT_THROW(bad.value(), BadResultAccess);
}

TEST(Result, IsShownWithItsError) {
  EXPECT_EQ(::testing::PrintToString(Result<int>(Closed())), "1 the engine is closed: by hand");
  EXPECT_EQ(::testing::PrintToString(Result<int>(1)), "a value");
}

}  // namespace
}  // namespace skep
