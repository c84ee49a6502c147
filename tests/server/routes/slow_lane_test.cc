#include "server/routes/slow_lane.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <future>
#include <memory>
#include <vector>

namespace skep::server {
namespace {

TEST(SlowLane, RunsJobsInTheirOrderOnAThreadOfItsOwn) {
  SlowLane lane(16);
  std::promise<std::vector<int>> all;
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(lane.Add([&, i] {
      order.push_back(i);
      EXPECT_NE(std::this_thread::get_id(), std::thread::id());
      if (i == 2) all.set_value(order);
    }));
  }
  EXPECT_EQ(all.get_future().get(), (std::vector<int>{0, 1, 2}));
}

constexpr std::size_t kJobsMax = 3;

TEST(SlowLane, RefusesWhatItHasNoPlaceForAndDropsWhatWaitsAtItsEnd) {
  std::promise<void> begun;
  std::promise<void> go_on;
  const auto dropped = std::make_shared<int>(0);
  {
    SlowLane lane(kJobsMax);
    lane.Add([&] {
      begun.set_value();
      go_on.get_future().wait();
    });
    begun.get_future().wait();
    for (std::size_t i = 0; i < kJobsMax; ++i) {
      EXPECT_TRUE(lane.Add([dropped] { ++*dropped; }));
    }
    EXPECT_FALSE(lane.Add([] {}));
    EXPECT_EQ(dropped.use_count(), 1 + static_cast<long>(kJobsMax));
    // The end waits for the job that runs, which goes on once the others are gone.
    std::thread later([&] {
      while (dropped.use_count() > 1) std::this_thread::yield();
      go_on.set_value();
    });
    later.detach();
  }
  EXPECT_EQ(dropped.use_count(), 1);
  EXPECT_EQ(*dropped, 0);
}

}  // namespace
}  // namespace skep::server
