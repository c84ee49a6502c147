#include "server/codec/time_text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string_view>

namespace skep::server {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, ReadsWhatGoWrites) {
  EXPECT_EQ(ParseDuration("90s"), 90s);
  EXPECT_EQ(ParseDuration("1h2m3s4ms5us6ns"), 1h + 2min + 3s + 4ms + 5us + 6ns);
  EXPECT_EQ(ParseDuration("1.5h"), 90min);
  EXPECT_EQ(ParseDuration(".5s"), 500ms);
  EXPECT_EQ(ParseDuration("1.s"), 1s);
  EXPECT_EQ(ParseDuration("0.0000000019s"), 1ns);
  EXPECT_EQ(ParseDuration("+3m"), 3min);
  EXPECT_EQ(ParseDuration("0"), 0s);
  EXPECT_EQ(ParseDuration("0s"), 0s);
  EXPECT_EQ(ParseDuration("3\u00b5s"), 3us);
  EXPECT_EQ(ParseDuration("3\u03bcs"), 3us);
  EXPECT_EQ(ParseDuration("9223372036854775807ns"), std::chrono::nanoseconds::max());
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const std::string_view bad : {"", "90", "s", "-1s", "1 s", "1d", "1h-1m", ".s", "1s2",
                                     "++1s", "1e3s", "9223372036854775808ns", "2562048h",
                                     "9223372036s900000000000ns", "99999999999999999999999999s"}) {
    EXPECT_EQ(ParseDuration(bad), std::nullopt) << bad;
  }
}

TEST(Timestamp, IsUtcWithMilliseconds) {
  EXPECT_EQ(Timestamp(WallTime(1704067290007ms)), "2024-01-01T00:01:30.007Z");
}

}  // namespace
}  // namespace skep::server
