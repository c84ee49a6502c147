#include "server/transport/load_meter.h"

#include <gtest/gtest.h>

namespace skep::server {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""ns;

TEST(LoadMeter, StartsWithoutLoad) { EXPECT_EQ(LoadMeter(1000, 100ms).percent(), 0); }

TEST(LoadMeter, WaitingBytesAreAShareOfTheirLimit) {
  LoadMeter load(1000, 100ms);
  load.ChangeWaitingBytes(0, 399);
  EXPECT_EQ(load.percent(), 39);
  load.ChangeWaitingBytes(0, 200);
  EXPECT_EQ(load.percent(), 59);
  load.ChangeWaitingBytes(399, 5000);
  EXPECT_EQ(load.percent(), 100);
  load.ChangeWaitingBytes(5000, 0);
  load.ChangeWaitingBytes(200, 0);
  EXPECT_EQ(load.percent(), 0);
}

TEST(LoadMeter, TheNearerLimitCounts) {
  LoadMeter load(1000, 100ms);
  load.NoteDelay(70ms);
  load.ChangeWaitingBytes(0, 500);
  EXPECT_EQ(load.percent(), 70);
  load.NoteDelay(20ms);
  EXPECT_EQ(load.percent(), 50);
}

TEST(LoadMeter, OnlyTheLastDelayCounts) {
  LoadMeter load(1000, 100ms);
  load.NoteDelay(5000ms);
  EXPECT_EQ(load.percent(), 100);
  load.NoteDelay(-1ns);  // The tick came early.
  EXPECT_EQ(load.percent(), 0);
}

}  // namespace
}  // namespace skep::server
