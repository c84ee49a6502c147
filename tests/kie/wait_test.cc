#include "skep/kie/wait.h"

#include <gmock/gmock.h>

#include <optional>

#include "tests/support/error_matchers.h"
#include "tests/support/kie_fixture.h"

// Waits: who is woken by what, time-outs, cancelling, closing, limits.
namespace skep {
namespace {

using namespace std::chrono_literals;
using testing::ErrorIs;
using testing::IsOk;

class KieWaitTest : public testing::KieFixture {
 protected:
  struct Waiting {
    KvWait wait;
    std::shared_ptr<std::optional<WaitEnd>> end = std::make_shared<std::optional<WaitEnd>>();

    bool is_over() const { return end->has_value(); }
    WaitEnd how() const { return end->value(); }
  };

  // Waits for a change after the newest one.
  Waiting Start(const KvQuery& query, Millis timeout = 10s) {
    return StartAt(query, config().revision(), timeout);
  }
  Waiting StartAt(const KvQuery& query, std::optional<Revision> known, Millis timeout = 10s) {
    Waiting waiting;
    waiting.wait = config()
                       .Wait(query, known, timeout,
                             [end = waiting.end](WaitEnd how) {
                               EXPECT_FALSE(end->has_value()) << "called twice";
                               *end = how;
                             })
                       .value();
    return waiting;
  }
};

const KvQuery kAppA{.labels = {{"app", "a"}}};
const KvQuery kExactlyAppA{.labels = {{"app", "a"}}, .match = LabelMatch::kExact};

TEST_F(KieWaitTest, AChangeWakes) {
  const Waiting waiting = Start(kAppA);
  EXPECT_FALSE(waiting.is_over());
  EXPECT_EQ(engine().metrics().kv_waits, 1u);
  Add("k", "v", {{"app", "a"}});
  EXPECT_EQ(waiting.how(), WaitEnd::kChanged);
  EXPECT_EQ(engine().metrics().kv_waits, 0u);
  clock().Advance(1h);  // Nothing is called again.
}

// Spec kie A.5, but for other projects, whose items this list cannot hold.
TEST_F(KieWaitTest, WhoIsWokenByWhat) {
  const auto wakes = [&](const KvQuery& query, Labels labels, const Tenant& tenant = {}) {
    const Waiting waiting = Start(query);
    ConfigCenter config = engine().config(tenant);
    const WrittenKv kv = config.Create({.key = "k", .labels = std::move(labels)}).value();
    const bool woken = waiting.is_over();
    EXPECT_THAT(config.Delete(kv.id), IsOk());
    static_cast<void>(waiting.wait.Cancel());
    return woken;
  };
  EXPECT_FALSE(wakes(kExactlyAppA, {{"app", "a"}, {"x", "y"}}));
  EXPECT_TRUE(wakes(kExactlyAppA, {{"app", "a"}}));
  EXPECT_FALSE(wakes(kExactlyAppA, {{"app", "a"}}, {.project = "other"}));
  EXPECT_TRUE(wakes(kAppA, {{"app", "a"}, {"x", "y"}}));
  EXPECT_FALSE(wakes(kAppA, {{"app", "b"}}));
  EXPECT_TRUE(wakes({}, {{"app", "a"}}));
  EXPECT_TRUE(wakes({}, {}));
  EXPECT_FALSE(wakes({.match = LabelMatch::kExact}, {{"app", "a"}}));
  EXPECT_TRUE(wakes({.match = LabelMatch::kExact}, {}));
  EXPECT_TRUE(wakes({.labels = {{"e", ""}, {"app", "a"}}}, {{"app", "a"}, {"e", ""}, {"x", "y"}}));
  EXPECT_FALSE(wakes({.labels = {{"public", ""}}}, {{"app", "a"}}));
  EXPECT_TRUE(wakes({.key = "beginWith(K)"}, {}));
  EXPECT_FALSE(wakes({.key = "other"}, {}));
}

TEST_F(KieWaitTest, DeletionsAndChangesOfNothingWake) {
  const WrittenKv kv = Add("k", "v", {{"app", "a"}});
  const Waiting first = Start(kExactlyAppA);
  ASSERT_THAT(config().Update(kv.id, {}), IsOk());
  EXPECT_EQ(first.how(), WaitEnd::kChanged);
  const Waiting second = Start(kExactlyAppA);
  ASSERT_THAT(config().Delete(kv.id), IsOk());
  EXPECT_EQ(second.how(), WaitEnd::kChanged);
}

// A filter is asked of the item as it was and as it is.
TEST_F(KieWaitTest, LeavingTheSelectionWakesToo) {
  const WrittenKv kv = Add("k", "v");
  const Waiting enabled = Start({.status = KvStatus::kEnabled});
  const Waiting other = Start({.value = "zzz"});
  ASSERT_THAT(config().Update(kv.id, {.status = KvStatus::kDisabled}), IsOk());
  EXPECT_TRUE(enabled.is_over());
  EXPECT_FALSE(other.is_over());
}

// Spec kie 5.1.3.
TEST_F(KieWaitTest, AnotherRevisionAnswersAtOnce) {
  Add("k", "v");
  for (const Revision stale : {Revision(), Revision(999)}) {
    EXPECT_EQ(StartAt({}, stale).how(), WaitEnd::kChanged);
    EXPECT_EQ(StartAt({}, stale, 1h).how(), WaitEnd::kChanged);  // It does not wait.
  }
  EXPECT_FALSE(StartAt({}, config().revision()).is_over());
  EXPECT_FALSE(StartAt({}, std::nullopt).is_over());
}

TEST_F(KieWaitTest, TimeOutIsTheClocks) {
  const Waiting waiting = Start(kAppA, 10s);
  clock().Advance(9999ms);
  EXPECT_FALSE(waiting.is_over());
  clock().Advance(1ms);
  EXPECT_EQ(waiting.how(), WaitEnd::kTimedOut);
  EXPECT_FALSE(waiting.wait.Cancel());
  EXPECT_EQ(Start(kAppA, 0ms).how(), WaitEnd::kTimedOut);
}

TEST_F(KieWaitTest, LongestWait) {
  const auto never = [](WaitEnd) { FAIL(); };
  EXPECT_THAT(config().Wait({}, std::nullopt, 5min + 1ms, never), ErrorIs(KieErrc::kWaitTooLong));
  EXPECT_THAT(config().Wait({.key = "beginWith("}, std::nullopt, 1s, never),
              ErrorIs(KieErrc::kInvalidParams));
  EXPECT_FALSE(Start({}, 5min).is_over());
}

TEST_F(KieWaitTest, CancelledWaitsAreNotCalled) {
  const auto held = std::make_shared<int>();
  const KvWait wait = config().Wait(kAppA, std::nullopt, 10s, [held](WaitEnd) { FAIL(); }).value();
  EXPECT_EQ(held.use_count(), 2);
  EXPECT_TRUE(wait.Cancel());
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(wait.Cancel());
  Add("k", "v", {{"app", "a"}});
  clock().Advance(1h);
  EXPECT_FALSE(KvWait().Cancel());
}

TEST_F(KieWaitTest, WhoIsWokenSeesTheChange) {
  std::size_t seen = 0;
  ASSERT_THAT(config().Wait(kAppA, std::nullopt, 10s,
                            [&](WaitEnd) { seen = config().List(kAppA).value().total(); }),
              IsOk());
  Add("k", "v", {{"app", "a"}});
  EXPECT_EQ(seen, 1u);
}

// A waiter may wait again from within its call.
TEST_F(KieWaitTest, WaitingAgainFromTheCall) {
  int woken = 0;
  WaitFn again = [&](WaitEnd how) {
    if (how != WaitEnd::kChanged) return;
    ++woken;
    ASSERT_THAT(config().Wait(kAppA, config().revision(), 10s, again), IsOk());
  };
  ASSERT_THAT(config().Wait(kAppA, config().revision(), 10s, again), IsOk());
  const WrittenKv kv = Add("k", "v", {{"app", "a"}});
  Set(kv.id, "w");
  EXPECT_EQ(woken, 2);
}

TEST_F(KieWaitTest, OneWriteOfManyWakesOnce) {
  const WrittenKv a = Add("a", "v", {{"app", "a"}});
  const WrittenKv b = Add("b", "v", {{"app", "a"}});
  const Waiting waiting = Start(kAppA);
  ASSERT_THAT(config().DeleteMany(std::vector<std::string>{a.id, b.id}), IsOk());
  EXPECT_TRUE(waiting.is_over());
}

TEST_F(KieWaitTest, ClosingEndsAll) {
  const Waiting waiting = Start(kAppA);
  ASSERT_THAT(engine().Close(), IsOk());
  EXPECT_EQ(waiting.how(), WaitEnd::kClosed);
}

TEST_F(KieWaitTest, WaitsHaveALimit) {
  Reopen({.waits_max = 2});
  const Waiting first = Start(kAppA);
  const Waiting second = Start({});
  EXPECT_THAT(config().Wait({}, std::nullopt, 1s, [](WaitEnd) {}),
              ErrorIs(KieErrc::kTooManyRequests));
  EXPECT_TRUE(first.wait.Cancel());
  EXPECT_THAT(config().Wait({}, std::nullopt, 1s, [](WaitEnd) {}), IsOk());
}

TEST_F(KieWaitTest, AnUnknownTenantCanBeWaitedFor) {
  ConfigCenter other = engine().config({.domain = "d", .project = "p"});
  bool woken = false;
  ASSERT_THAT(other.Wait({}, Revision(), 10s, [&](WaitEnd) { woken = true; }), IsOk());
  EXPECT_EQ(engine().metrics().kv_waits, 1u);
  ASSERT_THAT(other.Create({.key = "a"}), IsOk());
  EXPECT_TRUE(woken);
}

}  // namespace
}  // namespace skep
