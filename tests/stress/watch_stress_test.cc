// Many threads that subscribe, pull, end watches and change what is watched, all at once, and the
// engine's end among them. What each watch saw is checked; ThreadSanitizer looks on.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "skep/skep.h"
#include "tests/stress/pulled_watch.h"
#include "tests/support/watch_checker.h"

namespace skep::testing {
namespace {

using Start = WatchOptions::Start;
using Threads = std::vector<std::thread>;

constexpr int kRounds = 300;

class WatchStressTest : public ::testing::Test {
 protected:
  WatchStressTest() {
    cart_ = registry().microservices().Register({.app_id = "shop", .name = "cart"}).value();
    shop_ = registry().microservices().Register({.app_id = "shop", .name = "checkout"}).value();
  }

  Registry& registry() { return engine_->registry(); }

  void Change(int writer) {
    for (int round = 0; round < kRounds; ++round) {
      const std::string host = std::to_string(writer) + "-" + std::to_string(round % 7);
      const InstanceId id =
          registry().instances().Register(cart_, {.host = host, .endpoints = {host}}).value();
      registry().discovery().Find(shop_, {.app_id = "shop", .name = "cart"}).value();
      (void)registry().instances().SetStatus(cart_, id, InstanceStatus::kDown);
      if (round % 2 == 0) (void)registry().instances().Unregister(cart_, id);
    }
  }

  WatchState List() { return StateOf(registry().instances().List(cart_).value().instances()); }

  const std::unique_ptr<Engine> engine_ = Engine::Open({.id_seed = 1}).value();
  ServiceId cart_;
  ServiceId shop_;
};

// A watch that is pulled by a thread of its own, which sleeps until there is something.
TEST_F(WatchStressTest, PullersEndWithTheState) {
  const WatchScope scopes[] = {WatchScope::Tenant(), WatchScope::Consumer(shop_),
                               WatchScope::Microservice(cart_)};
  Threads pullers;
  std::vector<std::unique_ptr<WatchChecker>> checkers;
  for (const WatchScope& scope : scopes) {
    for (const std::size_t queue_max : {std::size_t{0}, std::size_t{8}}) {
      checkers.push_back(std::make_unique<WatchChecker>(Start::kSnapshot));
      // A full queue may shed between the look at the lag and the pull: what is slow is not known.
      pullers.emplace_back([this, scope, queue_max, &checker = *checkers.back()] {
        Watch watch = registry().watch().Subscribe(scope, {.queue_max = queue_max}).value();
        const auto pace = queue_max == 0 ? WatchChecker::Pace::kFast : WatchChecker::Pace::kSlow;
        while (!checker.closed()) checker.Take(watch.Next(MonotonicTime::max()), pace);
      });
    }
  }
  Threads writers;
  for (int writer = 0; writer < 2; ++writer)
    writers.emplace_back([this, writer] { Change(writer); });
  for (std::thread& writer : writers) writer.join();
  const WatchState state = List();
  engine_->Close().value();
  for (std::thread& puller : pullers) puller.join();
  for (const auto& checker : checkers) EXPECT_EQ(checker->problems(), "");
  // One that never lagged has pulled every event, if it got a snapshot before the end at all.
  for (std::size_t i = 0; i < checkers.size(); i += 2) {
    if (checkers[i]->can_resume()) {
      EXPECT_EQ(checkers[i]->state(), state) << "watcher " << i;
    }
  }
}

// A microservice goes with all its instances, in one change, while another writer is busy. Whoever
// is quick between them sees no change in parts.
TEST_F(WatchStressTest, LargeChangesAmongSmallOnesStayWhole) {
  Instances instances = registry().instances();
  const InstanceId one = instances.Register(shop_, {.host = "h", .endpoints = {"h"}}).value();
  Watch watch = registry().watch().Subscribe(WatchScope::App("shop")).value();
  std::atomic<bool> stop{false};
  Threads writers;
  writers.emplace_back([&] {
    for (int round = 0; round < kRounds / 3; ++round) {
      const ServiceId many =
          registry().microservices().Register({.app_id = "shop", .name = "many"}).value();
      for (int i = 0; i < 50; ++i) {
        instances.Register(many, {.host = std::to_string(i), .endpoints = {"e"}}).value();
      }
      registry().microservices().Delete(many, DeleteMode::kForce).value();
    }
    stop.store(true);
  });
  writers.emplace_back([&] {
    for (int round = 0; !stop.load(); ++round) {
      const auto status = round % 2 == 0 ? InstanceStatus::kDown : InstanceStatus::kUp;
      instances.SetStatus(shop_, one, status).value();
      // Not so much that the queue has to leave out anything.
      while (!stop.load() && watch.lag().queued > 1'000) std::this_thread::yield();
    }
  });
  WatchChecker checker(Start::kSnapshot);
  while (!stop.load()) checker.Drain(watch);
  for (std::thread& writer : writers) writer.join();
  checker.Drain(watch);
  EXPECT_EQ(checker.problems(), "");
  EXPECT_EQ(checker.state(), StateOf(instances.List(shop_).value().instances()));
}

TEST_F(WatchStressTest, CallsAndEndsAtOnce) {
  std::atomic<bool> stop{false};
  Threads writers;
  for (int writer = 0; writer < 2; ++writer) {
    writers.emplace_back([this, writer] { Change(writer); });
  }
  Threads subscribers;
  for (const WatchScope& scope : {WatchScope::Consumer(shop_), WatchScope::App("shop")}) {
    subscribers.emplace_back([this, &stop, scope] {
      while (!stop.load()) {
        PulledWatch<InstanceBatches>::BeginAndEnd(registry().watch().Subscribe(scope).value());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  stop.store(true);
  for (std::thread& subscriber : subscribers) subscriber.join();
  EXPECT_EQ(engine_->metrics().watches, 0u);
}

}  // namespace
}  // namespace skep::testing
