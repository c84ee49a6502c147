#include "skep/registry/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"
#include "tests/support/watch_checker.h"

namespace skep::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using Start = WatchOptions::Start;

// "CREATE a DELETE b", by host names; "reset", "snapshot a b", "closed", "nothing".
std::string Say(const WatchBatch& batch) {
  static constexpr const char* kActions[] = {"INIT", "CREATE", "UPDATE", "DELETE", "EXPIRE"};
  switch (batch.part) {
    case WatchPart::kNothing:
      return "nothing";
    case WatchPart::kReset:
      return "reset";
    case WatchPart::kClosed:
      return "closed";
    case WatchPart::kSnapshot: {
      std::string text = "snapshot";
      for (const Instance& instance : batch.instances) text += " " + std::string(instance.host());
      return text;
    }
    case WatchPart::kChanges:
      break;
  }
  std::string text;
  for (const InstanceEventPtr& event : batch.events) {
    if (!text.empty()) text += " ";
    text += kActions[static_cast<int>(event->action)];
    text += " " + std::string(event->instance.host());
  }
  return text;
}

class WatchTest : public EngineFixture {
 protected:
  WatchTest() { SetUpServices(); }

  void SetUpServices() {
    cart_ = AddService("cart");
    shop_ = AddService("checkout");
  }

  Watch Subscribe(const WatchScope& scope, const WatchOptions& options = {}) {
    return registry().watch().Subscribe(scope, options).value();
  }
  Watch FromNow(const WatchScope& scope) { return Subscribe(scope, {.start = Start::kNow}); }
  void FindCart() {
    registry().discovery().Find(shop_, {.app_id = "shop", .name = "cart"}).value();
  }
  void SetStatus(const InstanceId& id, InstanceStatus status) {
    registry().instances().SetStatus(cart_, id, status).value();
  }

  ServiceId cart_;
  ServiceId shop_;
};

TEST_F(WatchTest, EveryKindOfChange) {
  Watch watch = FromNow(WatchScope::Microservice(cart_));
  EXPECT_EQ(Say(watch.Next()), "nothing");
  const InstanceId a = AddInstance(cart_, "a");
  const InstanceId b = AddInstance(cart_, "b");
  EXPECT_EQ(Say(watch.Next()), "CREATE a");
  EXPECT_EQ(Say(watch.Next()), "CREATE b");
  SetStatus(a, InstanceStatus::kDown);
  registry().instances().SetProperties(cart_, a, {{"k", "v"}}).value();
  EXPECT_EQ(Say(watch.Next()), "UPDATE a");
  EXPECT_EQ(Say(watch.Next()), "UPDATE a");
  registry().instances().Unregister(cart_, a).value();
  EXPECT_EQ(Say(watch.Next()), "DELETE a");
  clock().Advance(120s);
  EXPECT_EQ(Say(watch.Next()), "EXPIRE b");
  EXPECT_EQ(Say(watch.Next()), "nothing");
}

TEST_F(WatchTest, EventHasKeyInstanceAndRevision) {
  Watch watch = FromNow(WatchScope::Microservice(cart_));
  const Written<InstanceId> a =
      registry().instances().Register(cart_, {.host = "a", .endpoints = {"rest://a:1"}}).value();
  const WatchBatch batch = watch.Next();
  ASSERT_EQ(batch.events.size(), 1u);
  EXPECT_EQ(batch.revision, a.revision);
  EXPECT_EQ(batch.events[0]->revision, a.revision);
  EXPECT_EQ(batch.events[0]->instance.revision(), a.revision);
  const MicroserviceKey key = batch.events[0]->key();
  EXPECT_EQ(key.tenant, "default/default");
  EXPECT_EQ(key.environment, "");
  EXPECT_EQ(key.app_id, "shop");
  EXPECT_EQ(key.name, "cart");
  EXPECT_EQ(key.alias, "");
  EXPECT_EQ(key.version, "0.0.1");
}

TEST_F(WatchTest, WhatIsNoChangeIsNoEvent) {
  const InstanceId a = AddInstance(cart_, "a");
  Watch watch = FromNow(WatchScope::Tenant());
  registry().instances().Heartbeat(cart_, a).value();
  AddInstance(cart_, "a");
  AddService("other");
  EXPECT_EQ(Say(watch.Next()), "nothing");
}

TEST_F(WatchTest, SnapshotIsOfTheMomentAtWhichItIsPulled) {
  AddInstance(cart_, "a");
  Watch watch = Subscribe(WatchScope::Microservice(cart_));
  AddInstance(cart_, "b");
  const WatchBatch snapshot = watch.Next();
  EXPECT_EQ(Say(snapshot), "snapshot a b");
  EXPECT_EQ(snapshot.revision, engine().revision());
  AddInstance(cart_, "c");
  EXPECT_EQ(Say(watch.Next()), "CREATE c");
}

TEST_F(WatchTest, ForcedDeleteIsOneChange) {
  Watch watch = FromNow(WatchScope::Tenant());
  AddInstance(cart_, "a");
  AddInstance(cart_, "b");
  watch.Next();
  watch.Next();
  registry().microservices().Delete(cart_, DeleteMode::kForce).value();
  EXPECT_EQ(Say(watch.Next()), "DELETE a DELETE b");
}

TEST_F(WatchTest, ScopesSeeTheirOwn) {
  const ServiceId other =
      registry().microservices().Register({.app_id = "other", .name = "x"}).value();
  Registry tenant = engine().registry({"acme", "p"});
  const ServiceId foreign =
      tenant.microservices().Register({.app_id = "shop", .name = "cart"}).value();
  Watch all = FromNow(WatchScope::Tenant());
  Watch app = FromNow(WatchScope::App("shop"));
  Watch one = FromNow(WatchScope::Microservice(cart_));
  Watch acme = tenant.watch().Subscribe(WatchScope::Tenant(), {.start = Start::kNow}).value();
  AddInstance(cart_, "a");
  AddInstance(shop_, "b");
  AddInstance(other, "c");
  tenant.instances().Register(foreign, {.host = "d"}).value();
  const auto drain = [](Watch& watch) {
    std::string said;
    while (const WatchBatch batch = watch.Next()) said += Say(batch) + ",";
    return said;
  };
  EXPECT_EQ(drain(all), "CREATE a,CREATE b,CREATE c,");
  EXPECT_EQ(drain(app), "CREATE a,CREATE b,");
  EXPECT_EQ(drain(one), "CREATE a,");
  EXPECT_EQ(drain(acme), "CREATE d,");
}

TEST_F(WatchTest, SharedMicroservicesAreSeenOnlyWhenAskedFor) {
  const ServiceId shared =
      registry()
          .microservices()
          .Register({.app_id = "default", .name = "SERVICECENTER", .environment = "development"})
          .value();
  Watch all = FromNow(WatchScope::Tenant());
  Watch app = FromNow(WatchScope::App("default"));
  Watch one = FromNow(WatchScope::Microservice(shared));
  AddInstance(shared, "a");
  EXPECT_EQ(Say(all.Next()), "nothing");
  EXPECT_EQ(Say(app.Next()), "nothing");
  EXPECT_EQ(Say(one.Next()), "CREATE a");
  EXPECT_EQ(Say(Subscribe(WatchScope::Tenant()).Next()), "snapshot");
  EXPECT_EQ(Say(Subscribe(WatchScope::Microservice(shared)).Next()), "snapshot a");
}

TEST_F(WatchTest, UnknownNames) {
  EXPECT_THAT(registry().watch().Subscribe(WatchScope::Consumer(ServiceIdView("no"))),
              ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(registry().watch().Subscribe(WatchScope::Microservice(ServiceIdView("no"))),
              ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(registry().watch().Subscribe(WatchScope::Consumer(ServiceIdView(""))),
              ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_EQ(Say(Subscribe(WatchScope::App("nosuch")).Next()), "snapshot");
  Registry nobody = engine().registry({"nosuch", "p"});
  EXPECT_EQ(Say(nobody.watch().Subscribe(WatchScope::Tenant()).value().Next()), "snapshot");
  EXPECT_EQ(engine().metrics().tenants, 1u);
}

TEST_F(WatchTest, MicroserviceThatComesBackIsFollowed) {
  Watch watch = FromNow(WatchScope::Microservice(cart_));
  registry().microservices().Delete(cart_, DeleteMode::kForce).value();
  ASSERT_EQ(AddService("cart"), cart_);
  AddInstance(cart_, "a");
  EXPECT_EQ(Say(watch.Next()), "CREATE a");
}

// ------------------------------------------------------------------------------------------------
// Consumers

TEST_F(WatchTest, ConsumerSeesItsProvidersFromTheFindOn) {
  AddInstance(cart_, "a");
  Watch watch = Subscribe(WatchScope::Consumer(shop_));
  EXPECT_EQ(Say(watch.Next()), "snapshot");
  AddInstance(cart_, "b");
  EXPECT_EQ(Say(watch.Next()), "nothing");
  FindCart();
  EXPECT_EQ(Say(watch.Next()), "INIT a INIT b");
  AddInstance(cart_, "c");
  EXPECT_EQ(Say(watch.Next()), "CREATE c");
  EXPECT_EQ(Say(Subscribe(WatchScope::Consumer(shop_)).Next()), "snapshot a b c");
}

TEST_F(WatchTest, ConsumerSeesVersionsYetToCome) {
  AddInstance(cart_, "a");
  FindCart();
  Watch watch = FromNow(WatchScope::Consumer(shop_));
  const ServiceId newer = registry()
                              .microservices()
                              .Register({.app_id = "shop", .name = "cart", .version = "2.0.0"})
                              .value();
  AddInstance(newer, "b");
  EXPECT_EQ(Say(watch.Next()), "CREATE b");
}

TEST_F(WatchTest, ConsumerLosesWhatItDependsOnNoMore) {
  AddInstance(cart_, "a");
  FindCart();
  Watch watch = FromNow(WatchScope::Consumer(shop_));
  const Dependency none[] = {
      {.consumer = {.app_id = "shop", .name = "checkout", .version = "0.0.1"}}};
  registry().dependencies().Override(none).value();
  EXPECT_EQ(Say(watch.Next()), "reset");
  EXPECT_EQ(Say(watch.Next()), "snapshot");
  AddInstance(cart_, "b");
  EXPECT_EQ(Say(watch.Next()), "nothing");
}

TEST_F(WatchTest, ConsumerDoesNotSeeWhatRulesHide) {
  AddInstance(cart_, "a");
  FindCart();
  Watch watch = FromNow(WatchScope::Consumer(shop_));
  const Rule black{.type = RuleType::kBlack, .attribute = "ServiceName", .pattern = "checkout"};
  registry().rules().Replace(cart_, {black}).value();
  EXPECT_EQ(Say(watch.Next()), "reset");
  EXPECT_EQ(Say(watch.Next()), "snapshot");
  AddInstance(cart_, "b");
  EXPECT_EQ(Say(watch.Next()), "nothing");
  registry().rules().Replace(cart_, {}).value();
  EXPECT_EQ(Say(watch.Next()), "INIT a INIT b");
}

TEST_F(WatchTest, ConsumerThatComesBackGoesOn) {
  AddInstance(cart_, "a");
  FindCart();
  Watch watch = FromNow(WatchScope::Consumer(shop_));
  registry().microservices().Delete(shop_, DeleteMode::kForce).value();
  EXPECT_EQ(Say(watch.Next()), "reset");
  EXPECT_EQ(Say(watch.Next()), "snapshot");
  ASSERT_EQ(AddService("checkout"), shop_);
  FindCart();
  EXPECT_EQ(Say(watch.Next()), "INIT a");
}

TEST_F(WatchTest, ProviderThatIsDeletedSaysSo) {
  AddInstance(cart_, "a");
  FindCart();
  Watch watch = FromNow(WatchScope::Consumer(shop_));
  registry().microservices().Delete(cart_, DeleteMode::kForce).value();
  EXPECT_EQ(Say(watch.Next()), "DELETE a");
  EXPECT_EQ(Say(watch.Next()), "nothing");
}

TEST_F(WatchTest, TwoWatchesOfAConsumerAreIndependent) {
  FindCart();
  Watch first = FromNow(WatchScope::Consumer(shop_));
  Watch second = FromNow(WatchScope::Consumer(shop_));
  EXPECT_EQ(engine().metrics().watches, 2u);
  AddInstance(cart_, "a");
  first.Cancel();
  AddInstance(cart_, "b");
  EXPECT_EQ(Say(first.Next()), "closed");
  EXPECT_EQ(Say(second.Next()), "CREATE a");
  EXPECT_EQ(Say(second.Next()), "CREATE b");
  second.Cancel();
  EXPECT_EQ(engine().metrics().watches, 0u);
  Watch third = Subscribe(WatchScope::Consumer(shop_));
  EXPECT_EQ(Say(third.Next()), "snapshot a b");
}

// ------------------------------------------------------------------------------------------------
// Resuming

TEST_F(WatchTest, ResumesAfterARevisionThatIsKept) {
  Watch first = FromNow(WatchScope::Tenant());
  AddInstance(cart_, "a");
  const Revision seen = first.Next().revision;
  first.Cancel();
  AddInstance(cart_, "b");
  AddInstance(cart_, "c");
  Watch again = Subscribe(WatchScope::Tenant(), {.start = Start::kAfter, .after = seen});
  EXPECT_EQ(Say(again.Next()), "CREATE b");
  EXPECT_EQ(Say(again.Next()), "CREATE c");
  EXPECT_EQ(Say(again.Next()), "nothing");
}

TEST_F(WatchTest, ResumesWholeRevisionsOnly) {
  Reopen({.watch_events_kept = 2});
  SetUpServices();
  Watch keeps = FromNow(WatchScope::Tenant());
  AddInstance(cart_, "a");
  AddInstance(cart_, "b");
  const Revision before = engine().revision();
  registry().microservices().Delete(cart_, DeleteMode::kForce).value();
  AddInstance(shop_, "c");
  // Both of the deletion had to go, so that none is there alone.
  Watch again = Subscribe(WatchScope::Tenant(), {.start = Start::kAfter, .after = before});
  EXPECT_EQ(Say(again.Next()), "reset");
  EXPECT_EQ(Say(again.Next()), "snapshot c");
  Watch later = Subscribe(WatchScope::Tenant(), {.start = Start::kAfter, .after = before + 1});
  EXPECT_EQ(Say(later.Next()), "CREATE c");
}

TEST_F(WatchTest, ResumesWithAResetWhereTheRevisionIsNotKeptOrUnknown) {
  AddInstance(cart_, "a");
  const Revision never_watched = engine().revision();
  AddInstance(cart_, "b");
  for (const Revision after : {never_watched, Revision(), Revision(1'000'000)}) {
    Watch watch = Subscribe(WatchScope::Tenant(), {.start = Start::kAfter, .after = after});
    WatchChecker checker(Start::kAfter);
    checker.Drain(watch);
    EXPECT_EQ(checker.problems(), "");
    EXPECT_EQ(checker.state().size(), 2u);
    EXPECT_EQ(watch.lag().resets, 1u);
  }
}

TEST_F(WatchTest, ConsumerResumesUnlessItsViewMayHaveChanged) {
  FindCart();
  Watch first = FromNow(WatchScope::Consumer(shop_));
  AddInstance(cart_, "a");
  const Revision seen = first.Next().revision;
  first.Cancel();
  AddInstance(cart_, "b");
  Watch again = Subscribe(WatchScope::Consumer(shop_), {.start = Start::kAfter, .after = seen});
  EXPECT_EQ(Say(again.Next()), "CREATE b");
  AddService("another");
  Watch late = Subscribe(WatchScope::Consumer(shop_), {.start = Start::kAfter, .after = seen});
  EXPECT_EQ(Say(late.Next()), "reset");
  EXPECT_EQ(Say(late.Next()), "snapshot a b");
}

// ------------------------------------------------------------------------------------------------
// Full queues

TEST_F(WatchTest, FullQueueKeepsTheNewestStateInOrder) {
  const InstanceId a = AddInstance(cart_, "a");
  Watch watch = Subscribe(WatchScope::Tenant(), {.start = Start::kNow, .queue_max = 4});
  AddInstance(cart_, "b");
  SetStatus(a, InstanceStatus::kDown);
  SetStatus(a, InstanceStatus::kUp);
  SetStatus(a, InstanceStatus::kDown);
  EXPECT_FALSE(watch.lag().lagging);
  SetStatus(a, InstanceStatus::kStarting);
  const WatchLag lag = watch.lag();
  EXPECT_TRUE(lag.lagging);
  EXPECT_EQ(lag.queued, 2u);
  EXPECT_EQ(lag.coalesced, 3u);
  EXPECT_EQ(lag.resets, 0u);
  EXPECT_EQ(Say(watch.Next()), "CREATE b");
  const WatchBatch last = watch.Next();
  EXPECT_EQ(Say(last), "UPDATE a");
  EXPECT_EQ(last.events[0]->instance.status(), InstanceStatus::kStarting);
  EXPECT_FALSE(watch.lag().lagging);
}

TEST_F(WatchTest, DeleteOfAFullQueueIsNotLost) {
  const InstanceId a = AddInstance(cart_, "a");
  Watch watch = Subscribe(WatchScope::Tenant(), {.start = Start::kNow, .queue_max = 2});
  SetStatus(a, InstanceStatus::kDown);
  SetStatus(a, InstanceStatus::kUp);
  registry().instances().Unregister(cart_, a).value();
  EXPECT_TRUE(watch.lag().lagging);
  EXPECT_EQ(Say(watch.Next()), "DELETE a");
  EXPECT_EQ(Say(watch.Next()), "nothing");
}

TEST_F(WatchTest, TooMuchForTheQueueIsAResetAndASnapshot) {
  Watch watch = Subscribe(WatchScope::Tenant(), {.start = Start::kNow, .queue_max = 2});
  AddInstance(cart_, "a");
  AddInstance(cart_, "b");
  AddInstance(cart_, "c");
  EXPECT_EQ(watch.lag().resets, 1u);
  EXPECT_EQ(Say(watch.Next()), "reset");
  AddInstance(cart_, "d");
  EXPECT_EQ(Say(watch.Next()), "snapshot a b c d");
  AddInstance(cart_, "e");
  EXPECT_EQ(Say(watch.Next()), "CREATE e");
}

// ------------------------------------------------------------------------------------------------
// Being told

TEST_F(WatchTest, ReadyIsCalledOnceUntilAllIsPulled) {
  Watch watch = FromNow(WatchScope::Tenant());
  int calls = 0;
  watch.OnReady([&calls] { ++calls; });
  EXPECT_EQ(calls, 0);
  AddInstance(cart_, "a");
  AddInstance(cart_, "b");
  EXPECT_EQ(calls, 1);
  watch.Next();
  AddInstance(cart_, "c");
  EXPECT_EQ(calls, 1);
  watch.Next();
  watch.Next();
  EXPECT_EQ(Say(watch.Next()), "nothing");
  AddInstance(cart_, "d");
  EXPECT_EQ(calls, 2);
}

TEST_F(WatchTest, ReadyIsCalledAtOnceWhereThereIsSomething) {
  Watch watch = Subscribe(WatchScope::Tenant());
  int calls = 0;
  watch.OnReady([&calls] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST_F(WatchTest, ReadyHoldsNoLock) {
  Watch watch = FromNow(WatchScope::Tenant());
  std::vector<std::string> said;
  watch.OnReady([&] {
    // Reads, writes, subscribes, pulls: all within.
    if (said.empty()) AddInstance(cart_, "b");
    said.push_back(Say(Subscribe(WatchScope::Microservice(cart_)).Next()));
    while (const WatchBatch batch = watch.Next()) said.push_back(Say(batch));
  });
  AddInstance(cart_, "a");
  EXPECT_THAT(said, ElementsAre("snapshot a b", "CREATE a", "CREATE b"));
}

TEST_F(WatchTest, WatchMayEndWithinItsOwnCall) {
  auto watch = std::make_unique<Watch>(FromNow(WatchScope::Tenant()));
  int calls = 0;
  watch->OnReady([&] {
    ++calls;
    watch.reset();
  });
  AddInstance(cart_, "a");
  AddInstance(cart_, "b");
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(engine().metrics().watches, 0u);
}

TEST_F(WatchTest, ExpiryTellsOnTheThreadThatMovesTheClock) {
  AddInstance(cart_, "a");
  Watch watch = FromNow(WatchScope::Tenant());
  std::thread::id told;
  watch.OnReady([&told] { told = std::this_thread::get_id(); });
  clock().Advance(120s);
  EXPECT_EQ(told, std::this_thread::get_id());
  EXPECT_EQ(Say(watch.Next()), "EXPIRE a");
}

TEST_F(WatchTest, NextWaitsForAChange) {
  Watch watch = FromNow(WatchScope::Tenant());
  std::string said;
  std::thread waits([&] { said = Say(watch.Next(MonotonicTime::max())); });
  AddInstance(cart_, "a");
  waits.join();
  EXPECT_EQ(said, "CREATE a");
}

TEST_F(WatchTest, NextWaitsUntilItsDeadline) {
  Watch watch = FromNow(WatchScope::Tenant());
  EXPECT_EQ(Say(watch.Next(clock().Now())), "nothing");
  const MonotonicTime deadline = clock().Now() + 10s;
  std::string said;
  std::thread waits([&] { said = Say(watch.Next(deadline)); });
  clock().Advance(10s);
  waits.join();
  EXPECT_EQ(said, "nothing");
}

// ------------------------------------------------------------------------------------------------
// The end

TEST_F(WatchTest, ClosingTheEngineIsTheLastEvent) {
  Watch watch = FromNow(WatchScope::Tenant());
  Watch unread = Subscribe(WatchScope::Tenant());
  int calls = 0;
  watch.OnReady([&calls] { ++calls; });
  AddInstance(cart_, "a");
  EXPECT_EQ(Say(watch.Next()), "CREATE a");
  EXPECT_EQ(Say(watch.Next()), "nothing");
  AddInstance(cart_, "b");
  engine().Close().value();
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(Say(watch.Next()), "CREATE b");
  EXPECT_EQ(Say(watch.Next()), "closed");
  EXPECT_EQ(Say(watch.Next()), "closed");
  EXPECT_EQ(Say(unread.Next()), "closed");
  EXPECT_THAT(registry().watch().Subscribe(WatchScope::Tenant()), ErrorIs(EngineErrc::kClosed));
}

TEST_F(WatchTest, ClosingTheEngineWakesWhoWaits) {
  Watch watch = FromNow(WatchScope::Tenant());
  std::string said;
  std::thread waits([&] { said = Say(watch.Next(MonotonicTime::max())); });
  engine().Close().value();
  waits.join();
  EXPECT_EQ(said, "closed");
}

TEST_F(WatchTest, WatchOutlivesItsEngine) {
  Watch watch = FromNow(WatchScope::Tenant());
  AddInstance(cart_, "a");
  Reopen({});
  EXPECT_EQ(Say(watch.Next()), "closed");
  watch.Cancel();
  EXPECT_EQ(Say(Watch().Next()), "closed");
}

TEST_F(WatchTest, NumberOfWatchesHasALimit) {
  Reopen({.watches_max = 1});
  Watch watch = FromNow(WatchScope::Tenant());
  EXPECT_THAT(registry().watch().Subscribe(WatchScope::Tenant()),
              ErrorIs(RegistryErrc::kTooManyRequests));
  watch.Cancel();
  EXPECT_THAT(registry().watch().Subscribe(WatchScope::Tenant()), IsOk());
}

}  // namespace
}  // namespace skep::testing
