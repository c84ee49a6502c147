// The examples of docs/config.md, as they stand there, and what comes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "skep/skep.h"

namespace skep {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

std::vector<std::string> Values(const KvList& list) {
  std::vector<std::string> values;
  for (const KeyValuePtr& kv : list.items()) values.push_back(kv->value);
  return values;
}

TEST(ConfigExamples, Labels) {
  auto engine = Engine::Open({.clock = ManualClock::Create()}).value();

  auto& config = engine->config();
  using Labels = skep::Labels;

  const Labels shop = {{"app", "shop"}};
  const Labels cart = {{"app", "shop"}, {"service", "cart"}};
  config.Create({.key = "timeout", .value = "2s", .labels = shop}).value();
  config.Create({.key = "timeout", .value = "5s", .labels = cart}).value();

  auto all = config.List({.labels = {{"app", "shop"}}}).value();
  auto own = config.List({.labels = {{"app", "shop"}}, .match = skep::LabelMatch::kExact}).value();

  EXPECT_THAT(Values(all), UnorderedElementsAre("2s", "5s"));
  EXPECT_THAT(Values(own), ElementsAre("2s"));
}

TEST(ConfigExamples, LabelsWithoutValueAndItemsWithoutLabels) {
  auto engine = Engine::Open({.clock = ManualClock::Create()}).value();
  auto& config = engine->config();
  config.Create({.key = "k", .value = "empty", .labels = {{"environment", ""}}}).value();
  config.Create({.key = "k", .value = "none"}).value();

  EXPECT_THAT(Values(config.List({.labels = {{"environment", ""}}}).value()), ElementsAre("empty"));
  EXPECT_THAT(Values(config.List({.match = LabelMatch::kExact}).value()), ElementsAre("none"));
}

TEST(ConfigExamples, Revisions) {
  auto engine = Engine::Open({.clock = ManualClock::Create()}).value();
  auto& config = engine->config();

  auto kv = config.Create({.key = "db.url", .value = "one", .labels = {{"app", "shop"}}}).value();
  auto second = config.Update(kv.id, {.value = "two"}).value();
  auto third = config.Update(kv.id, {.value = "three"}).value();

  auto then = config.List({.labels = {{"app", "shop"}}, .as_of = second.revision}).value();
  auto history = config.History(kv.id).value();
  auto changed = config.Difference(kv.revision, third.revision).value();

  EXPECT_THAT(Values(then), ElementsAre("two"));
  ASSERT_THAT(history.changes, SizeIs(3));
  EXPECT_EQ(history.changes.front().kv->value, "three");
  ASSERT_THAT(changed, SizeIs(1));
  EXPECT_EQ(changed[0].before->value, "one");
  EXPECT_EQ(changed[0].after->value, "three");

  config.RollBack(kv.id, kv.revision).value();

  EXPECT_EQ(config.Get(kv.id).value()->value, "one");
  EXPECT_EQ(config.History(kv.id).value().total, 4u);
}

TEST(ConfigExamples, RollingBackASelection) {
  auto engine = Engine::Open({.clock = ManualClock::Create()}).value();
  auto& config = engine->config();
  const auto add = [&](std::string key, std::string app) {
    return config.Create({.key = std::move(key), .value = "good", .labels = {{"app", app}}})
        .value();
  };
  const WrittenKv url = add("db.url", "shop");
  const WrittenKv pool = add("db.pool", "shop");
  const WrittenKv other = add("db.url", "blog");

  auto good = config.revision();
  config.Update(url.id, {.value = "jdbc:wrong"}).value();
  config.Delete(pool.id).value();
  config.Create({.key = "db.debug", .value = "on", .labels = {{"app", "shop"}}}).value();

  config.Update(other.id, {.value = "new"}).value();
  const Revision before = config.revision();
  config.RollBack({.labels = {{"app", "shop"}}}, good).value();

  EXPECT_EQ(config.revision(), before + 1);
  EXPECT_EQ(config.List({.labels = {{"app", "shop"}}}).value().total(), 2u);
  EXPECT_EQ(config.Get(url.id).value()->value, "good");
  EXPECT_EQ(config.Get(pool.id).value()->value, "good");
  EXPECT_EQ(config.Get(other.id).value()->value, "new");
}

TEST(ConfigExamples, Waiting) {
  auto engine = Engine::Open({.clock = ManualClock::Create()}).value();
  auto& config = engine->config();
  auto kv = config.Create({.key = "db.url", .value = "one", .labels = {{"app", "shop"}}}).value();

  auto list = config.List({.labels = {{"app", "shop"}}}).value();
  skep::WaitEnd end = skep::WaitEnd::kTimedOut;
  config
      .Wait({.labels = {{"app", "shop"}}}, list.revision(), 30s,
            [&end](skep::WaitEnd why) { end = why; })
      .value();
  config.Update(kv.id, {.value = "two"}).value();

  EXPECT_EQ(end, WaitEnd::kChanged);
}

TEST(ConfigExamples, Watching) {
  auto engine = Engine::Open({.clock = ManualClock::Create()}).value();
  auto& config = engine->config();
  auto url = config.Create({.key = "db.url", .value = "one", .labels = {{"app", "shop"}}}).value();

  skep::KvWatch watch = config.Watch({.labels = {{"app", "shop"}}}).value();
  std::map<std::string, std::string> settings;
  while (skep::KvWatchBatch batch = watch.Next()) {
    if (batch.part == skep::WatchPart::kReset) settings.clear();
    for (const skep::KeyValuePtr& kv : batch.items) settings[kv->key()] = kv->value;
    for (const skep::KvEvent& event : batch.events) {
      if (event.is_gone()) settings.erase(event.kv->key());
      if (!event.is_gone()) settings[event.kv->key()] = event.kv->value;
    }
  }

  using Settings = std::map<std::string, std::string>;
  EXPECT_EQ(settings, (Settings{{"db.url", "one"}}));
  config.Update(url.id, {.value = "two"}).value();
  const KvWatchBatch batch = watch.Next();
  EXPECT_EQ(batch.events.at(0).kv->value, "two");
  config.Update(url.id, {.value = "three"}).value();

  const Revision revision = batch.revision;
  KvWatch again = config
                      .Watch({.labels = {{"app", "shop"}}},
                             {.start = skep::WatchOptions::Start::kAfter, .after = revision})
                      .value();
  EXPECT_EQ(again.Next().events.at(0).kv->value, "three");
}

}  // namespace
}  // namespace skep
