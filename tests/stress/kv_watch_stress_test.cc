// Many threads that subscribe, pull, end watches of configuration items and change what is watched,
// all at once, and the engine's end among them. What each watch saw is checked; ThreadSanitizer
// looks on.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "skep/skep.h"
#include "tests/stress/pulled_watch.h"
#include "tests/support/watch_checker.h"

namespace skep::testing {
namespace {

using Start = WatchOptions::Start;
using Threads = std::vector<std::thread>;

constexpr int kRounds = 300;

class KvWatchStressTest : public ::testing::Test {
 protected:
  const std::vector<KvQuery> queries_ = {
      {},
      {.labels = {{"app", "shop"}}},
      {.labels = {{"app", "shop"}}, .key = "beginWith(0)", .status = KvStatus::kEnabled}};

  void Change(int writer) {
    ConfigCenter config = engine_->config();
    for (int round = 0; round < kRounds; ++round) {
      const std::string key = std::to_string(writer) + "." + std::to_string(round % 7);
      const Labels labels = round % 3 == 0 ? Labels{} : Labels{{"app", "shop"}};
      const std::vector<KvSpec> both = {
          {.key = key, .value = "x", .labels = labels, .status = KvStatus::kEnabled},
          {.key = key + ".more", .labels = labels}};
      config.Import(both, {.override_mode = Override::kForce, .atomic = true}).value();
      const std::string id = KvId({}, key, labels);
      config.Update(id, {.status = KvStatus::kDisabled}).value();
      if (round % 2 == 0) config.Delete(id).value();
    }
  }

  Threads StartWriters() {
    Threads writers;
    for (int writer = 0; writer < 2; ++writer) {
      writers.emplace_back([this, writer] { Change(writer); });
    }
    return writers;
  }

  WatchState List(const KvQuery& query) {
    return StateOf(engine_->config().List(query).value().items());
  }

  const std::unique_ptr<Engine> engine_ = Engine::Open().value();
};

void Join(Threads* threads) {
  for (std::thread& thread : *threads) thread.join();
}

// A watch that is pulled by a thread of its own, which sleeps until there is something.
TEST_F(KvWatchStressTest, PullersEndWithTheState) {
  Threads pullers;
  std::vector<std::unique_ptr<KvWatchChecker>> checkers;
  for (const KvQuery& query : queries_) {
    for (const std::size_t queue_max : {std::size_t{0}, std::size_t{8}}) {
      checkers.push_back(std::make_unique<KvWatchChecker>(Start::kSnapshot));
      // A full queue may shed between the look at the lag and the pull: what is slow is not known.
      pullers.emplace_back([this, &query, queue_max, &checker = *checkers.back()] {
        KvWatch watch = engine_->config().Watch(query, {.queue_max = queue_max}).value();
        const WatchPace pace = queue_max == 0 ? WatchPace::kFast : WatchPace::kSlow;
        while (!checker.closed()) checker.Take(watch.Next(MonotonicTime::max()), pace);
      });
    }
  }
  Threads writers = StartWriters();
  Join(&writers);
  std::vector<WatchState> states;
  for (const KvQuery& query : queries_) states.push_back(List(query));
  engine_->Close().value();
  Join(&pullers);
  for (const auto& checker : checkers) EXPECT_EQ(checker->problems(), "");
  // One that never lagged has pulled every event, if it got a snapshot before the end at all.
  for (std::size_t i = 0; i < checkers.size(); i += 2) {
    if (checkers[i]->can_resume()) {
      EXPECT_EQ(checkers[i]->state(), states[i / 2]) << "watcher " << i;
    }
  }
}

TEST_F(KvWatchStressTest, CallsAndEndsAtOnce) {
  std::atomic<bool> stop{false};
  Threads writers = StartWriters();
  Threads subscribers;
  for (const KvQuery& query : queries_) {
    subscribers.emplace_back([this, &stop, &query] {
      while (!stop.load()) {
        PulledWatch<KvBatches>::BeginAndEnd(engine_->config().Watch(query).value());
      }
    });
  }
  Join(&writers);
  stop.store(true);
  Join(&subscribers);
  EXPECT_EQ(engine_->metrics().kv_watches, 0u);
}

// One writer's changes are of many items, another's of one; whoever is quick between them sees no
// change in parts.
TEST_F(KvWatchStressTest, LargeChangesAmongSmallOnesStayWhole) {
  ConfigCenter config = engine_->config();
  std::vector<KvSpec> many;
  for (int i = 0; i < 200; ++i) many.push_back({.key = "many." + std::to_string(i), .value = "x"});
  const std::string one = config.Create({.key = "one", .value = "x"}).value().id;
  KvWatch watch = config.Watch({}).value();
  std::atomic<bool> stop{false};
  std::thread imports([&] {
    for (int round = 0; round < kRounds; ++round) {
      config.Import(many, {.override_mode = Override::kForce, .atomic = true}).value();
    }
    stop.store(true);
  });
  std::thread updates([&] {
    for (int i = 0; !stop.load(); ++i) {
      config.Update(one, {.value = std::to_string(i)}).value();
      // Not so much that the queue has to leave out anything.
      while (!stop.load() && watch.lag().queued > 1'000) std::this_thread::yield();
    }
  });
  KvWatchChecker checker(Start::kSnapshot);
  while (!stop.load()) checker.Drain(watch);
  Threads writers;
  writers.push_back(std::move(imports));
  writers.push_back(std::move(updates));
  Join(&writers);
  checker.Drain(watch);
  EXPECT_EQ(checker.problems(), "");
  EXPECT_EQ(checker.state(), List({}));
}

// Watches begin, are pulled and end while the engine closes.
TEST_F(KvWatchStressTest, ClosingAmongSubscribers) {
  Threads subscribers;
  std::atomic<int> begun{0};
  for (int i = 0; i < 3; ++i) {
    subscribers.emplace_back([this, &begun] {
      while (true) {
        Result<KvWatch> watch = engine_->config().Watch({});
        if (!watch.ok()) {
          EXPECT_EQ(watch.error(), KieErrc::kUnavailable);
          return;
        }
        begun.fetch_add(1);
        begun.notify_all();
        KvWatchChecker checker(Start::kSnapshot);
        checker.Drain(*watch);
        EXPECT_EQ(checker.problems(), "");
      }
    });
  }
  for (int n = begun.load(); n < 50; n = begun.load()) begun.wait(n);
  engine_->Close().value();
  Join(&subscribers);
}

}  // namespace
}  // namespace skep::testing
