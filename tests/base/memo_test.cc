#include "skep/memo.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace skep {
namespace {

class CountedMemo final : public Memo {
 public:
  explicit CountedMemo(int* alive) : alive_(alive) { ++*alive_; }

 private:
  ~CountedMemo() override { --*alive_; }
  int* const alive_;
};

class MemoTest : public ::testing::Test {
 protected:
  MemoPtr<CountedMemo> NewMemo() { return MemoPtr<CountedMemo>::Adopt(new CountedMemo(&alive_)); }

  int alive_ = 0;
  MemoBudget budget_{100};
};

TEST_F(MemoTest, PtrSharesAndFreesWithTheLast) {
  MemoPtr<CountedMemo> first = NewMemo();
  MemoPtr<CountedMemo> second = first;
  const MemoPtr<CountedMemo> third = MemoPtr<CountedMemo>::Share(second.get());
  EXPECT_EQ(first.get(), third.get());
  first = {};
  second = std::move(first);
  EXPECT_FALSE(second);
  EXPECT_EQ(alive_, 1);
  EXPECT_TRUE(third);
}

TEST_F(MemoTest, SlotIsEmptyUntilPutAndKeepsTheFirst) {
  const MemoSlot slot(&budget_);
  EXPECT_EQ(slot.Get(), nullptr);
  const auto first = NewMemo();
  const auto second = NewMemo();
  EXPECT_EQ(slot.Put(*first, 10), first.get());
  EXPECT_EQ(slot.Put(*second, 20), first.get());
  EXPECT_EQ(slot.Get(), first.get());
  EXPECT_EQ(budget_.used(), 10u);
}

TEST_F(MemoTest, SlotHoldsAReferenceAndGivesItsBytesBack) {
  {
    const MemoSlot slot(&budget_);
    slot.Put(*NewMemo(), 60);
    EXPECT_EQ(alive_, 1);
    EXPECT_EQ(budget_.used(), 60u);
  }
  EXPECT_EQ(alive_, 0);
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(MemoTest, SpentBudgetKeepsNothingAndIsNoError) {
  const MemoSlot one(&budget_);
  const MemoSlot two(&budget_);
  one.Put(*NewMemo(), 60);
  EXPECT_TRUE(budget_.HasRoom(40));
  EXPECT_FALSE(budget_.HasRoom(41));
  EXPECT_EQ(two.Put(*NewMemo(), 41), nullptr);
  EXPECT_EQ(two.Get(), nullptr);
  EXPECT_EQ(alive_, 1);
  EXPECT_EQ(budget_.used(), 60u);
  const auto fits = NewMemo();
  EXPECT_EQ(two.Put(*fits, 40), fits.get());
  EXPECT_EQ(budget_.used(), budget_.bytes_max());
}

TEST_F(MemoTest, OfManyThreadsThatPutOneWinsAndAllSeeIt) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 200;
  for (int round = 0; round < kRounds; ++round) {
    MemoBudget budget(1000);
    int alive[kThreads] = {};
    {
      const MemoSlot slot(&budget);
      std::vector<const Memo*> seen(kThreads);
      std::vector<std::thread> threads;
      for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
          const auto own = MemoPtr<CountedMemo>::Adopt(new CountedMemo(&alive[t]));
          seen[static_cast<std::size_t>(t)] = slot.Put(*own, 10);
        });
      }
      for (std::thread& thread : threads) thread.join();
      for (const Memo* memo : seen) EXPECT_EQ(memo, slot.Get());
      EXPECT_EQ(budget.used(), 10u);
    }
    EXPECT_EQ(budget.used(), 0u);
    for (int count : alive) EXPECT_EQ(count, 0);
  }
}

}  // namespace
}  // namespace skep
