#include "base/timer_wheel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace skep::base {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Wheel = TimerWheel<int>;
using Fired = std::pair<std::int64_t, int>;  // Due and value.

constexpr std::size_t kAll = ~std::size_t{0};

MonotonicTime At(std::int64_t ms) { return MonotonicTime(Millis(ms)); }
std::int64_t MsOf(MonotonicTime time) { return time.time_since_epoch().count(); }

// Fires what is due by `now`, for good.
std::vector<Fired> FireAll(Wheel* wheel, std::int64_t now, std::size_t max = kAll) {
  std::vector<Fired> fired;
  const std::size_t count = wheel->Fire(At(now), max, [&](int value, MonotonicTime due) {
    fired.emplace_back(MsOf(due), value);
    return std::optional<MonotonicTime>();
  });
  EXPECT_EQ(count, fired.size());
  return fired;
}

TEST(TimerWheel, EmptyHasNothingDue) {
  Wheel wheel(At(1000));
  EXPECT_EQ(wheel.size(), 0u);
  EXPECT_EQ(wheel.NextDue(), std::nullopt);
  EXPECT_THAT(FireAll(&wheel, 1'000'000), IsEmpty());
}

TEST(TimerWheel, FiresAtItsMillisecondAndNotBefore) {
  // One deadline in reach of each level, one at each edge between two, one beyond the last.
  for (std::int64_t ahead : {1LL, 255LL, 256LL, 257LL, 65'535LL, 65'536LL, 120'000LL, 16'777'215LL,
                             16'777'216LL, 4'294'967'295LL, 4'294'967'296LL, 315'360'000'000LL}) {
    for (std::int64_t start : {0LL, 1LL, 200LL, 65'535LL, 3'600'000LL, 4'294'967'295LL}) {
      Wheel wheel(At(start));
      wheel.Add(At(start + ahead), 7);
      EXPECT_THAT(FireAll(&wheel, start + ahead - 1), IsEmpty()) << start << " + " << ahead;
      EXPECT_THAT(FireAll(&wheel, start + ahead), ElementsAre(Fired(start + ahead, 7)))
          << start << " + " << ahead;
      EXPECT_EQ(wheel.size(), 0u);
    }
  }
}

TEST(TimerWheel, PastDeadlineIsDueNow) {
  Wheel wheel(At(5000));
  wheel.Add(At(10), 1);
  EXPECT_EQ(wheel.NextDue(), At(5000));
  EXPECT_THAT(FireAll(&wheel, 5000), ElementsAre(Fired(5000, 1)));
}

TEST(TimerWheel, FiresInDueOrderAndOneMillisecondsInOrderOfComing) {
  Wheel wheel(At(0));
  wheel.Add(At(70'000), 1);
  wheel.Add(At(300), 2);
  wheel.Add(At(5), 3);
  wheel.Add(At(300), 4);
  wheel.Add(At(5), 5);
  EXPECT_THAT(FireAll(&wheel, 100'000), ElementsAre(Fired(5, 3), Fired(5, 5), Fired(300, 2),
                                                    Fired(300, 4), Fired(70'000, 1)));
}

TEST(TimerWheel, RemovedDoesNotFire) {
  Wheel wheel(At(0));
  wheel.Add(At(50), 1);
  const Wheel::Handle second = wheel.Add(At(50), 2);
  wheel.Add(At(50), 3);
  wheel.Remove(second);
  EXPECT_EQ(wheel.size(), 2u);
  EXPECT_THAT(FireAll(&wheel, 50), ElementsAre(Fired(50, 1), Fired(50, 3)));
}

TEST(TimerWheel, HandlesAreUsedAgain) {
  Wheel wheel(At(0));
  const Wheel::Handle first = wheel.Add(At(50), 1);
  wheel.Remove(first);
  EXPECT_EQ(wheel.Add(At(60), 2), first);
  EXPECT_THAT(FireAll(&wheel, 60), ElementsAre(Fired(60, 2)));
}

TEST(TimerWheel, SetReplacesTheValueAndKeepsTheDeadline) {
  Wheel wheel(At(0));
  const Wheel::Handle handle = wheel.Add(At(1000), 1);
  wheel.Set(handle, 2);
  EXPECT_THAT(FireAll(&wheel, 1000), ElementsAre(Fired(1000, 2)));
}

TEST(TimerWheel, FiresAtMostMaxAndGoesOnFromThere) {
  Wheel wheel(At(0));
  for (int value = 1; value <= 5; ++value) wheel.Add(At(10 * value), value);
  EXPECT_THAT(FireAll(&wheel, 100, 2), ElementsAre(Fired(10, 1), Fired(20, 2)));
  EXPECT_LE(wheel.NextDue(), At(30));
  EXPECT_THAT(FireAll(&wheel, 100, 3), ElementsAre(Fired(30, 3), Fired(40, 4), Fired(50, 5)));
  EXPECT_THAT(FireAll(&wheel, 100, 1), IsEmpty());
}

TEST(TimerWheel, AnswerOfTheCallIsTheNextDeadlineUnderTheSameHandle) {
  Wheel wheel(At(0));
  const Wheel::Handle handle = wheel.Add(At(100), 1);
  std::vector<std::int64_t> dues;
  wheel.Fire(At(250), kAll, [&](int, MonotonicTime due) {
    dues.push_back(MsOf(due));
    return std::optional(due + Millis(100));
  });
  EXPECT_THAT(dues, ElementsAre(100, 200));
  wheel.Set(handle, 2);
  EXPECT_THAT(FireAll(&wheel, 300), ElementsAre(Fired(300, 2)));
}

TEST(TimerWheel, NextDeadlineInThePastFiresAMillisecondLater) {
  Wheel wheel(At(0));
  wheel.Add(At(100), 1);
  std::vector<std::int64_t> dues;
  wheel.Fire(At(101), kAll, [&](int, MonotonicTime due) {
    dues.push_back(MsOf(due));
    return dues.size() < 2 ? std::optional(At(3)) : std::nullopt;
  });
  EXPECT_THAT(dues, ElementsAre(100, 101));
}

TEST(TimerWheel, NextDueLeadsToTheDeadlineInFewSteps) {
  Wheel wheel(At(0));
  wheel.Add(At(10'000'000), 1);
  std::vector<Fired> fired;
  int steps = 0;
  while (fired.empty()) {
    const std::optional<MonotonicTime> next = wheel.NextDue();
    ASSERT_TRUE(next.has_value());
    ASSERT_LE(*next, At(10'000'000));
    fired = FireAll(&wheel, MsOf(*next));
    ++steps;
  }
  EXPECT_THAT(fired, ElementsAre(Fired(10'000'000, 1)));
  EXPECT_LE(steps, 4);
}

// A wheel beside a multimap that holds the same deadlines, driven by the same random steps. The
// wheel must fire what the map has due, at the same moments; values of one moment in any order.
class WheelAndModel {
 public:
  WheelAndModel(std::uint64_t seed, std::int64_t start)
      : random_(seed), now_(start), wheel_(At(start)) {}

  void Add(std::int64_t ahead) {
    const int value = ++last_value_;
    const std::int64_t due = now_ + ahead;
    handles_.emplace(value, wheel_.Add(At(due), value));
    Put(value, std::max(due, now_));
  }

  // A deadline in the past; what that counts as is only clear while nothing is left to fire.
  void AddPast() {
    if (caught_up_) Add(-static_cast<std::int64_t>(Below(1000)));
  }

  void RemoveOne() {
    if (handles_.empty()) return;
    auto at =
        handles_.lower_bound(static_cast<int>(Below(static_cast<std::uint64_t>(last_value_))));
    if (at == handles_.end()) at = handles_.begin();
    wheel_.Remove(at->second);
    Take(at->first);
    handles_.erase(at);
  }

  // Moves on and fires; some of what fired gets another deadline.
  void Advance(std::int64_t by, std::size_t max) {
    now_ += by;
    std::vector<Fired> fired;
    std::multimap<std::int64_t, int> again;
    const std::size_t count = wheel_.Fire(
        At(now_), max, [&](int value, MonotonicTime due) -> std::optional<MonotonicTime> {
          fired.emplace_back(MsOf(due), value);
          Expect(MsOf(due), value);
          if (Below(3) != 0) {
            handles_.erase(value);
            return std::nullopt;
          }
          const std::int64_t next = MsOf(due) + 1 + static_cast<std::int64_t>(Below(400'000));
          Put(value, next);
          return At(next);
        });
    ASSERT_EQ(count, fired.size());
    ASSERT_LE(count, max);
    ASSERT_TRUE(std::is_sorted(fired.begin(), fired.end(),
                               [](const Fired& a, const Fired& b) { return a.first < b.first; }));
    caught_up_ = count < max;
    ASSERT_TRUE(!caught_up_ || by_due_.empty() || by_due_.begin()->first > now_);
  }

  void Check() {
    ASSERT_EQ(wheel_.size(), by_due_.size());
    const std::optional<MonotonicTime> next = wheel_.NextDue();
    ASSERT_EQ(next.has_value(), !by_due_.empty());
    if (next.has_value()) {
      ASSERT_LE(MsOf(*next), by_due_.begin()->first);
    }
  }

  std::int64_t earliest() const { return by_due_.empty() ? now_ : by_due_.begin()->first; }
  std::int64_t now() const { return now_; }
  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }

 private:
  void Put(int value, std::int64_t due) {
    due_of_[value] = due;
    by_due_.emplace(due, value);
  }

  void Take(int value) {
    const std::int64_t due = due_of_.at(value);
    const auto [first, last] = by_due_.equal_range(due);
    by_due_.erase(std::find_if(first, last, [&](const auto& e) { return e.second == value; }));
    due_of_.erase(value);
  }

  void Expect(std::int64_t due, int value) {
    ASSERT_TRUE(due_of_.contains(value)) << value << " fired, and is not there";
    ASSERT_EQ(due, due_of_.at(value)) << value;
    ASSERT_EQ(due, by_due_.begin()->first) << value << " was not the earliest";
    Take(value);
  }

  std::mt19937_64 random_;
  std::int64_t now_;
  bool caught_up_ = true;
  Wheel wheel_;
  int last_value_ = 0;
  std::map<int, Wheel::Handle> handles_;
  std::map<int, std::int64_t> due_of_;
  std::multimap<std::int64_t, int> by_due_;
};

// Spans of every size from a millisecond to ten years.
std::int64_t Span(WheelAndModel* both) {
  const std::uint64_t bits = both->Below(39);
  return static_cast<std::int64_t>(both->Below((std::uint64_t{1} << bits) + 1));
}

TEST(TimerWheel, AgreesWithASortedMultimapOverAnySpans) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    WheelAndModel both(seed, static_cast<std::int64_t>(seed % 3 == 0 ? 0 : seed * 987'654'321));
    for (int step = 0; step < 3000; ++step) {
      switch (both.Below(8)) {
        case 0:
        case 1:
        case 2:
        case 3:
          both.Add(Span(&both));
          break;
        case 4:
          both.AddPast();
          break;
        case 5:
          both.RemoveOne();
          break;
        case 6:
          both.Advance(Span(&both) / 64, 1 + both.Below(50));
          break;
        default:
          both.Advance(std::max<std::int64_t>(both.earliest() - both.now(), 0), kAll);
      }
      both.Check();
      if (::testing::Test::HasFatalFailure()) return;
    }
    // Until nothing is left: a third comes again each time, with ever fewer.
    while (both.earliest() > both.now()) {
      both.Advance(both.earliest() - both.now(), kAll);
      both.Check();
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

// As leases use it: one length, renewed now and then, fired whenever NextDue says so.
TEST(TimerWheel, AgreesWithASortedMultimapAsLeasesUseIt) {
  WheelAndModel both(99, 3'600'000);
  for (int step = 0; step < 20'000; ++step) {
    if (both.Below(3) != 0) {
      both.Add(both.Below(2) != 0 ? 120'000 : 20'000);
    } else {
      both.Advance(static_cast<std::int64_t>(both.Below(500)), 64);
    }
    both.Check();
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace skep::base
