// The configuration center under many threads: writers, listers and waiters at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "skep/skep.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using std::chrono::seconds;

constexpr int kWriters = 2;
constexpr int kReaders = 3;
constexpr int kWrites = 2000;

std::string Text(int n) { return std::to_string(n); }

// Each writer owns a key and counts up in it; two more keys are only ever written together. A list
// is never older than its revision, its revisions never fall, and it never shows half a write.
TEST(KieStress, ListsAreWholeAndNotOlderThanTheirRevision) {
  const auto engine = Engine::Open({.kie = {.history_max = 50}}).value();
  ConfigCenter config = engine->config();
  const Labels labels{{"app", "a"}};
  std::vector<std::string> ids;
  for (int w = 0; w < kWriters; ++w) {
    ids.push_back(config.Create({.key = "w" + Text(w), .value = "0", .labels = labels}).value().id);
  }
  std::atomic<std::uint64_t> published[kWriters] = {};
  std::atomic<bool> done = false;

  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      ConfigCenter own = engine->config();
      for (int i = 1; i <= kWrites; ++i) {
        const auto written = own.Update(ids[static_cast<std::size_t>(w)], {.value = Text(i)});
        ASSERT_THAT(written, IsOk());
        published[w].store(written->revision.number());
        if (i % 10 != 0) continue;
        std::vector<KvSpec> pair;
        for (const char* side : {"left", "right"}) {
          pair.push_back({.key = side, .value = Text(w) + "-" + Text(i), .labels = labels});
        }
        EXPECT_THAT(own.Import(pair, {.override_mode = Override::kForce, .atomic = true}), IsOk());
        if (i % 50 != 0) continue;
        const std::vector<std::string> both{KvId({}, "left", labels), KvId({}, "right", labels)};
        EXPECT_THAT(own.DeleteMany(both), IsOk());
      }
    });
  }
  std::vector<std::thread> readers;
  for (int r = 0; r < kReaders; ++r) {
    readers.emplace_back([&, r] {
      const ConfigCenter own = engine->config();
      Revision newest;
      while (!done.load()) {
        std::uint64_t least = 0;
        for (const auto& revision : published) least = std::max(least, revision.load());
        KvQuery query{.labels = {{"app", "a"}}};
        if (r == 0) query.as_of = own.revision();
        const auto list = own.List(query);
        if (!list.ok()) {
          // That revision was overtaken by more changes than are kept.
          EXPECT_THAT(list, ErrorIs(KieErrc::kCompacted));
          continue;
        }
        EXPECT_GE(list->revision().number(), least);
        EXPECT_GE(list->revision(), newest);
        newest = list->revision();
        std::vector<std::string> sides;
        for (const KeyValuePtr& kv : list->items()) {
          EXPECT_LE(kv->update_revision, list->revision());
          if (kv->key() == "left" || kv->key() == "right") sides.push_back(kv->value);
        }
        EXPECT_TRUE(sides.empty() || (sides.size() == 2 && sides[0] == sides[1]))
            << ::testing::PrintToString(sides);
      }
    });
  }
  for (std::thread& thread : writers) thread.join();
  done = true;
  for (std::thread& thread : readers) thread.join();
}

// A client polls as clients do: wait for what it does not know, list, wait again. Whatever comes
// between, it ends up with the last value: no change is lost between comparing and waiting.
TEST(KieStress, PollersMissNothing) {
  constexpr int kPollers = 40;
  const auto engine = Engine::Open().value();
  ConfigCenter config = engine->config();
  const Labels labels{{"app", "a"}, {"env", ""}};
  const std::string id = config.Create({.key = "k", .value = "0", .labels = labels}).value().id;
  const std::string last = Text(kWrites);
  std::atomic<int> finished = 0;

  // Runs on whichever thread wakes it.
  struct Poller : std::enable_shared_from_this<Poller> {
    ConfigCenter config;
    std::string last;
    std::atomic<int>* finished;

    Poller(ConfigCenter center, std::string until, std::atomic<int>* count)
        : config(std::move(center)), last(std::move(until)), finished(count) {}

    void Poll() {
      const KvList list = config.List({.labels = {{"app", "a"}}}).value();
      if (list.items().at(0)->value == last) {
        finished->fetch_add(1);
        finished->notify_all();
        return;
      }
      const auto wait = config.Wait({.labels = {{"app", "a"}}}, list.revision(), seconds(200),
                                    [self = shared_from_this()](WaitEnd end) {
                                      ASSERT_EQ(end, WaitEnd::kChanged);
                                      self->Poll();
                                    });
      ASSERT_THAT(wait, IsOk());
    }
  };

  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      for (int p = 0; p < kPollers / 2; ++p) {
        std::make_shared<Poller>(engine->config(), last, &finished)->Poll();
      }
    });
  }
  threads.emplace_back([&] {
    for (int i = 1; i <= kWrites; ++i) EXPECT_THAT(config.Update(id, {.value = Text(i)}), IsOk());
  });
  for (std::thread& thread : threads) thread.join();
  for (int n = finished.load(); n < kPollers; n = finished.load()) finished.wait(n);
  EXPECT_EQ(engine->metrics().kv_waits, 0u);
}

// Waits that are woken, time out and are cancelled at the same moment end exactly once.
TEST(KieStress, EveryWaitEndsOnce) {
  constexpr int kWaits = 3000;
  const auto clock = ManualClock::Create();
  const auto engine = Engine::Open({.clock = clock}).value();
  ConfigCenter config = engine->config();
  const std::string id = config.Create({.key = "k"}).value().id;
  std::atomic<int> called = 0;
  std::atomic<int> cancelled = 0;
  std::atomic<bool> done = false;

  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    while (!done.load()) EXPECT_THAT(config.Update(id, {}), IsOk());
  });
  threads.emplace_back([&] {
    while (!done.load()) clock->Advance(seconds(1));
  });
  for (int i = 0; i < kWaits; ++i) {
    const KvWait wait = config
                            .Wait({.key = i % 2 == 0 ? "k" : "other"}, std::nullopt, seconds(2),
                                  [&](WaitEnd) { called.fetch_add(1); })
                            .value();
    if (i % 3 == 0 && wait.Cancel()) cancelled.fetch_add(1);
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  clock->Advance(seconds(3));
  EXPECT_EQ(called.load() + cancelled.load(), kWaits);
}

}  // namespace
}  // namespace skep::testing
