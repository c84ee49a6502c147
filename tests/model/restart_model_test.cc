// What an engine with a storage shows is what the next one on the same storage shows: after it was
// closed, after it was lost at any moment, and after the storage has failed.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "skep/memory_storage.h"
#include "skep/skep.h"
#include "tests/model/world.h"

namespace skep::testing {
namespace {

using namespace std::chrono_literals;

class Restart : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  std::unique_ptr<Engine> Open(std::shared_ptr<Storage> storage) {
    // History so short that some of it goes.
    return Engine::Open({.clock = clock_,
                         .id_seed = GetParam(),
                         .storage = std::move(storage),
                         .registry = {.versions_kept = 1},
                         .kie = {.history_max = 6, .history_age_max = 100s, .history_min = 2}})
        .value();
  }

  void Change(Engine& engine, World* world, bool one_revision, Ack ack) {
    if (world->Pick(2) == 0) {
      world->ChangeRegistry(engine, one_revision, ack);
    } else {
      world->ChangeKie(engine, one_revision, ack);
    }
  }

  const std::shared_ptr<ManualClock> clock_ = ManualClock::Create();
};

TEST_P(Restart, NextEngineShowsTheSame) {
  World world(GetParam());
  std::shared_ptr<MemoryStorage> storage = MemoryStorage::Create();
  std::unique_ptr<Engine> engine = Open(storage);
  for (int run = 0; run < 4; ++run) {
    for (int i = 0; i < 60; ++i) {
      Change(*engine, &world, false, Ack::kDurable);
      if (world.Pick(10) == 0) clock_->Advance(Millis(world.Pick(40'000)));
      if (world.Pick(100) == 0) clock_->Advance(24h);  // Old versions are retired.
    }
    const Description before = world.DescribeAll(*engine);
    const Revision last = engine->revision();
    if (world.Pick(2) == 0) {
      ASSERT_TRUE(engine->Close().ok());
    } else {
      // What was recorded by finds, or ended by time, has nobody who waits for it.
      ASSERT_TRUE(engine->WaitDurable(last).ok());
      storage = storage->AfterPowerLoss();
    }
    engine = Open(storage);
    ASSERT_EQ(Difference(before, world.DescribeAll(*engine)), "") << "after run " << run;
    ASSERT_GE(engine->revision(), last);
  }
}

// Storage fails after some commits. What is found then is the state after some change, no older
// than the newest one that was acknowledged.
TEST_P(Restart, LosesOnlyTheNewestChanges) {
  World world(GetParam());
  const std::shared_ptr<MemoryStorage> storage = MemoryStorage::Create();
  std::unique_ptr<Engine> engine = Open(storage);
  std::vector<Description> states = {world.Describe(*engine)};
  std::size_t acknowledged = 0;
  storage->FailAfter(world.Pick(60), Error(EngineErrc::kSystem, "no space left on device"));
  for (int i = 0; i < 150; ++i) {
    Change(*engine, &world, true, Ack::kPublished);
    states.push_back(world.Describe(*engine));
    if (world.Pick(4) == 0 && engine->WaitDurable(engine->revision()).ok()) {
      acknowledged = states.size() - 1;
    }
  }
  const std::unique_ptr<Engine> next = Open(storage->AfterPowerLoss());
  const Description found = world.Describe(*next);
  bool is_one_of_them = false;
  for (std::size_t at = states.size(); at-- > acknowledged && !is_one_of_them;) {
    is_one_of_them = Difference(states[at], found).empty();
  }
  EXPECT_TRUE(is_one_of_them) << "beside the newest acknowledged one: "
                              << Difference(states[acknowledged], found);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Restart, ::testing::Range<std::uint64_t>(1, 41));

}  // namespace
}  // namespace skep::testing
