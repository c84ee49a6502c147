#include "skep/kie/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/error_matchers.h"
#include "tests/support/kie_fixture.h"
#include "tests/support/watch_checker.h"

namespace skep::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using Start = WatchOptions::Start;

// "CREATE a=1 DELETE b=2", by keys and values; "reset", "snapshot a=1 b=2", "closed", "nothing".
std::string Say(const KvWatchBatch& batch) {
  static constexpr const char* kActions[] = {"CREATE", "UPDATE", "DELETE"};
  static constexpr const char* kParts[] = {"nothing", "reset", "snapshot", "", "closed"};
  std::vector<std::string> said;
  for (const KeyValuePtr& kv : batch.items) said.push_back(kv->key() + "=" + kv->value);
  std::ranges::sort(said);
  for (const KvEvent& event : batch.events) {
    said.push_back(std::string(kActions[static_cast<int>(event.action)]) + " " + event.kv->key() +
                   "=" + event.kv->value);
  }
  std::string text = kParts[static_cast<int>(batch.part)];
  for (const std::string& word : said) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string Drain(KvWatch& watch) {
  std::string said;
  while (const KvWatchBatch batch = watch.Next()) said += Say(batch) + ",";
  return said;
}

class KvWatchTest : public KieFixture {
 protected:
  KvWatch Watch(const KvQuery& query = {}, const WatchOptions& options = {}) {
    return config().Watch(query, options).value();
  }
  KvWatch FromNow(const KvQuery& query = {}) { return Watch(query, {.start = Start::kNow}); }
};

TEST_F(KvWatchTest, EveryKindOfChange) {
  KvWatch watch = FromNow();
  EXPECT_EQ(Say(watch.Next()), "nothing");
  const std::string id = Add("a", "1").id;
  Set(id, "2");
  config().Update(id, {.status = KvStatus::kDisabled}).value();
  config().Delete(id).value();
  config().RollBack(id, config().revision() - 1).value();
  EXPECT_EQ(Drain(watch), "CREATE a=1,UPDATE a=2,UPDATE a=2,DELETE a=2,CREATE a=2,");
}

TEST_F(KvWatchTest, EventHasItemAndRevision) {
  KvWatch watch = FromNow();
  const WrittenKv a = Add("a", "1", {{"app", "shop"}});
  const KvWatchBatch batch = watch.Next();
  ASSERT_EQ(batch.events.size(), 1u);
  EXPECT_EQ(batch.revision, a.revision);
  EXPECT_EQ(batch.events[0].revision, a.revision);
  EXPECT_EQ(batch.events[0].kv, a.kv);
}

TEST_F(KvWatchTest, WhatIsNoChangeIsNoEvent) {
  const WrittenKv a = Add("a", "1");
  KvWatch watch = FromNow();
  EXPECT_THAT(config().Create({.key = "a"}), ErrorIs(KieErrc::kAlreadyExists));
  config().RollBack(a.id, a.revision).value();
  config().DeleteMany({}).value();
  engine().registry().microservices().Register({.app_id = "shop", .name = "cart"}).value();
  EXPECT_EQ(Say(watch.Next()), "nothing");
}

TEST_F(KvWatchTest, SnapshotIsOfTheMomentAtWhichItIsPulled) {
  Add("a", "1");
  KvWatch watch = Watch();
  Add("b", "2");
  const KvWatchBatch snapshot = watch.Next();
  EXPECT_EQ(Say(snapshot), "snapshot a=1 b=2");
  EXPECT_EQ(snapshot.revision, engine().revision());
  Add("c", "3");
  EXPECT_EQ(Say(watch.Next()), "CREATE c=3");
}

TEST_F(KvWatchTest, OneRevisionIsOneBatch) {
  KvWatch watch = FromNow();
  config()
      .Import({{.key = "a", .value = "1"}, {.key = "b", .value = "2"}}, {.atomic = true})
      .value();
  EXPECT_EQ(Say(watch.Next()), "CREATE a=1 CREATE b=2");
  config().DeleteMany(std::vector{KvId({}, "a", {}), KvId({}, "b", {})}).value();
  EXPECT_EQ(Say(watch.Next()), "DELETE a=1 DELETE b=2");
  config().Import({{.key = "a", .value = "3"}, {.key = "b", .value = "4"}}).value();
  EXPECT_EQ(Drain(watch), "CREATE a=3,CREATE b=4,");
}

// ------------------------------------------------------------------------------------------------
// What is watched

TEST_F(KvWatchTest, LabelsSelectAsInAList) {
  KvWatch all = FromNow();
  KvWatch shop = FromNow({.labels = {{"app", "shop"}}});
  KvWatch exact = FromNow({.labels = {{"app", "shop"}}, .match = LabelMatch::kExact});
  KvWatch none = FromNow({.match = LabelMatch::kExact});
  Add("a", "1");
  Add("b", "2", {{"app", "shop"}});
  Add("c", "3", {{"app", "shop"}, {"service", "cart"}});
  Add("d", "4", {{"app", "blog"}});
  EXPECT_EQ(Drain(all), "CREATE a=1,CREATE b=2,CREATE c=3,CREATE d=4,");
  EXPECT_EQ(Drain(shop), "CREATE b=2,CREATE c=3,");
  EXPECT_EQ(Drain(exact), "CREATE b=2,");
  EXPECT_EQ(Drain(none), "CREATE a=1,");
}

TEST_F(KvWatchTest, KeysSelectAsInAList) {
  KvWatch whole = FromNow({.key = "DB.url"});
  KvWatch prefix = FromNow({.key = "beginWith(db.)"});
  KvWatch glob = FromNow({.key = "wildcard(*.url)"});
  KvWatch pattern = FromNow({.key_pattern = "^d"});
  for (const char* key : {"db.url", "db.pool", "x.url"}) Add(key, "1");
  EXPECT_EQ(Drain(whole), "CREATE db.url=1,");
  EXPECT_EQ(Drain(prefix), "CREATE db.url=1,CREATE db.pool=1,");
  EXPECT_EQ(Drain(glob), "CREATE db.url=1,CREATE x.url=1,");
  EXPECT_EQ(Drain(pattern), "CREATE db.url=1,CREATE db.pool=1,");
}

TEST_F(KvWatchTest, ItemsComeAndGoAsTheirStatusAndValueChange) {
  const std::string id = Add("a", "one").id;
  KvWatch enabled = FromNow({.status = KvStatus::kEnabled});
  KvWatch two = FromNow({.value = "two"});
  config().Update(id, {.status = KvStatus::kDisabled}).value();
  EXPECT_EQ(Say(enabled.Next()), "DELETE a=one");
  Set(id, "two");
  Set(id, "two more");
  EXPECT_EQ(Say(enabled.Next()), "nothing");
  config().Update(id, {.value = "three", .status = KvStatus::kEnabled}).value();
  EXPECT_EQ(Say(enabled.Next()), "CREATE a=three");
  EXPECT_EQ(Drain(two), "CREATE a=two,UPDATE a=two more,DELETE a=two more,");
}

TEST_F(KvWatchTest, TenantsAreApart) {
  ConfigCenter acme = engine().config({"default", "acme"});
  KvWatch own = FromNow();
  KvWatch other = acme.Watch({}, {.start = Start::kNow}).value();
  Add("a", "1");
  acme.Create({.key = "b", .value = "2"}).value();
  EXPECT_EQ(Drain(own), "CREATE a=1,");
  EXPECT_EQ(Drain(other), "CREATE b=2,");
}

TEST_F(KvWatchTest, TenantThatHoldsNothingIsWatchedForFree) {
  ConfigCenter acme = engine().config({"default", "acme"});
  KvWatch watch = acme.Watch({}).value();
  EXPECT_EQ(Say(watch.Next()), "snapshot");
  acme.Create({.key = "a", .value = "1"}).value();
  EXPECT_EQ(Say(watch.Next()), "CREATE a=1");
}

TEST_F(KvWatchTest, BadQueriesAreErrors) {
  EXPECT_THAT(config().Watch({.key = "a b"}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().Watch({.key_pattern = "("}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().Watch({.labels = {{"b a d", ""}}}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(engine().config({"a b", "p"}).Watch({}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_EQ(engine().metrics().kv_watches, 0u);
}

TEST_F(KvWatchTest, WatchesOfOneQueryAreIndependent) {
  KvWatch first = FromNow({.key = "a"});
  KvWatch second = FromNow({.key = "a"});
  EXPECT_EQ(engine().metrics().kv_watches, 2u);
  const std::string id = Add("a", "1").id;
  first.Cancel();
  Set(id, "2");
  EXPECT_EQ(Say(first.Next()), "closed");
  EXPECT_EQ(Drain(second), "CREATE a=1,UPDATE a=2,");
  second.Cancel();
  EXPECT_EQ(engine().metrics().kv_watches, 0u);
}

// ------------------------------------------------------------------------------------------------
// Resuming

TEST_F(KvWatchTest, ResumesAfterARevisionThatIsKept) {
  KvWatch first = FromNow({.key = "beginWith(a)"});
  Add("a1", "1");
  const Revision seen = first.Next().revision;
  first.Cancel();
  Add("b", "2");
  Add("a2", "3");
  KvWatch again = Watch({.key = "beginWith(a)"}, {.start = Start::kAfter, .after = seen});
  EXPECT_EQ(Drain(again), "CREATE a2=3,");
}

TEST_F(KvWatchTest, GoesOnBehindAList) {
  KvWatch keeps = FromNow();
  Add("a", "1", {{"app", "shop"}});
  const KvList list = config().List({.labels = {{"app", "shop"}}}).value();
  Add("b", "2", {{"app", "shop"}});
  KvWatch watch =
      Watch({.labels = {{"app", "shop"}}}, {.start = Start::kAfter, .after = list.revision()});
  EXPECT_EQ(Drain(watch), "CREATE b=2,");
}

TEST_F(KvWatchTest, ResumesWholeRevisionsOnly) {
  Reopen({.watch_events_kept = 2});
  KvWatch keeps = FromNow();
  Add("a", "1");
  Add("b", "1");
  const Revision before = engine().revision();
  config().DeleteMany(std::vector{KvId({}, "a", {}), KvId({}, "b", {})}).value();
  Add("c", "1");
  // Both of the deletion had to go, so that none is there alone.
  KvWatch again = Watch({}, {.start = Start::kAfter, .after = before});
  EXPECT_EQ(Drain(again), "reset,snapshot c=1,");
  KvWatch later = Watch({}, {.start = Start::kAfter, .after = before + 1});
  EXPECT_EQ(Drain(later), "CREATE c=1,");
}

TEST_F(KvWatchTest, ResumesWithAResetWhereTheRevisionIsNotKeptOrUnknown) {
  Add("a", "1");
  const Revision never_watched = engine().revision();
  Add("b", "2");
  for (const Revision after : {never_watched, Revision(), Revision(1'000'000)}) {
    KvWatch watch = Watch({}, {.start = Start::kAfter, .after = after});
    EXPECT_EQ(Drain(watch), "reset,snapshot a=1 b=2,");
    EXPECT_EQ(watch.lag().resets, 1u);
  }
}

// ------------------------------------------------------------------------------------------------
// Full queues

TEST_F(KvWatchTest, FullQueueKeepsTheNewestStateInOrder) {
  const std::string a = Add("a", "0").id;
  KvWatch watch = Watch({}, {.start = Start::kNow, .queue_max = 4});
  Add("b", "1");
  for (const char* value : {"1", "2", "3"}) Set(a, value);
  EXPECT_FALSE(watch.lag().lagging);
  Set(a, "4");
  const WatchLag lag = watch.lag();
  EXPECT_TRUE(lag.lagging);
  EXPECT_EQ(lag.queued, 2u);
  EXPECT_EQ(lag.coalesced, 3u);
  EXPECT_EQ(Drain(watch), "CREATE b=1,UPDATE a=4,");
  EXPECT_FALSE(watch.lag().lagging);
}

TEST_F(KvWatchTest, EqualKeysWithOtherLabelsAreOtherItems) {
  KvWatch watch = Watch({}, {.start = Start::kNow, .queue_max = 4});
  const std::string id = Add("a", "1").id;
  Add("a", "2", {{"app", "shop"}});
  for (const char* value : {"3", "4", "5"}) Set(id, value);
  EXPECT_EQ(Drain(watch), "CREATE a=2,UPDATE a=5,");
}

TEST_F(KvWatchTest, TooMuchForTheQueueIsAResetAndASnapshot) {
  KvWatch watch = Watch({}, {.start = Start::kNow, .queue_max = 2});
  for (const char* key : {"a", "b", "c"}) Add(key, "1");
  EXPECT_EQ(watch.lag().resets, 1u);
  EXPECT_EQ(Say(watch.Next()), "reset");
  Add("d", "1");
  EXPECT_EQ(Say(watch.Next()), "snapshot a=1 b=1 c=1 d=1");
  Add("e", "1");
  EXPECT_EQ(Say(watch.Next()), "CREATE e=1");
}

// An item that time has taken out of the tables is another one when it comes back.
TEST_F(KvWatchTest, ItemThatWasForgottenComesBackInOrder) {
  Reopen({.history_age_max = 10s});
  const std::string id = Add("a", "1").id;
  KvWatch watch = Watch({}, {.start = Start::kNow, .queue_max = 4});
  config().Delete(id).value();
  clock().Advance(11s);
  Add("a", "2");
  for (const char* value : {"3", "4", "5"}) Set(id, value);
  KvWatchChecker checker(Start::kNow);
  while (const KvWatchBatch batch = watch.Next()) checker.Take(batch, WatchPace::kSlow);
  EXPECT_EQ(checker.problems(), "");
  EXPECT_EQ(checker.state(), StateOf(config().List({}).value().items()));
}

// ------------------------------------------------------------------------------------------------
// Being told

TEST_F(KvWatchTest, ReadyIsCalledOnceUntilAllIsPulled) {
  KvWatch watch = FromNow();
  int calls = 0;
  watch.OnReady([&calls] { ++calls; });
  Add("a", "1");
  Add("b", "1");
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(Drain(watch), "CREATE a=1,CREATE b=1,");
  Add("c", "1");
  EXPECT_EQ(calls, 2);
}

TEST_F(KvWatchTest, ReadyHoldsNoLock) {
  KvWatch watch = FromNow();
  std::vector<std::string> said;
  watch.OnReady([&] {
    // Reads, writes, subscribes, pulls: all within.
    if (said.empty()) Add("b", "1");
    said.push_back(Say(Watch().Next()));
    while (const KvWatchBatch batch = watch.Next()) said.push_back(Say(batch));
  });
  Add("a", "1");
  EXPECT_THAT(said, ElementsAre("snapshot a=1 b=1", "CREATE a=1", "CREATE b=1"));
}

TEST_F(KvWatchTest, WatchMayEndWithinItsOwnCall) {
  auto watch = std::make_unique<KvWatch>(FromNow());
  int calls = 0;
  watch->OnReady([&] {
    ++calls;
    watch.reset();
  });
  Add("a", "1");
  Add("b", "1");
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(engine().metrics().kv_watches, 0u);
}

TEST_F(KvWatchTest, NextWaitsForAChange) {
  KvWatch watch = FromNow();
  std::string said;
  std::thread waits([&] { said = Say(watch.Next(MonotonicTime::max())); });
  Add("a", "1");
  waits.join();
  EXPECT_EQ(said, "CREATE a=1");
}

TEST_F(KvWatchTest, NextWaitsUntilItsDeadline) {
  KvWatch watch = FromNow();
  const MonotonicTime deadline = clock().Now() + 10s;
  std::string said;
  std::thread waits([&] { said = Say(watch.Next(deadline)); });
  clock().Advance(10s);
  waits.join();
  EXPECT_EQ(said, "nothing");
}

// ------------------------------------------------------------------------------------------------
// The end

TEST_F(KvWatchTest, ClosingTheEngineIsTheLastEvent) {
  KvWatch watch = FromNow();
  KvWatch unread = Watch();
  int calls = 0;
  watch.OnReady([&calls] { ++calls; });
  EXPECT_EQ(Say(watch.Next()), "nothing");
  Add("a", "1");
  engine().Close().value();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(Say(watch.Next()), "CREATE a=1");
  EXPECT_EQ(Say(watch.Next()), "closed");
  EXPECT_EQ(Say(watch.Next()), "closed");
  EXPECT_EQ(Say(unread.Next()), "closed");
  EXPECT_THAT(config().Watch({}), ErrorIs(KieErrc::kUnavailable));
}

TEST_F(KvWatchTest, ClosingTheEngineWakesWhoWaits) {
  KvWatch watch = FromNow();
  std::string said;
  std::thread waits([&] { said = Say(watch.Next(MonotonicTime::max())); });
  engine().Close().value();
  waits.join();
  EXPECT_EQ(said, "closed");
}

TEST_F(KvWatchTest, WatchOutlivesItsEngine) {
  KvWatch watch = FromNow();
  Add("a", "1");
  Reopen({});
  EXPECT_EQ(Say(watch.Next()), "closed");
  watch.Cancel();
  EXPECT_EQ(Say(KvWatch().Next()), "closed");
}

TEST_F(KvWatchTest, NumberOfWatchesHasALimit) {
  Reopen({.watches_max = 1});
  KvWatch watch = FromNow();
  EXPECT_THAT(config().Watch({}), ErrorIs(KieErrc::kTooManyRequests));
  watch.Cancel();
  EXPECT_THAT(config().Watch({}), IsOk());
}

}  // namespace
}  // namespace skep::testing
