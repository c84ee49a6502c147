#include "base/thread_index.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

namespace skep::base {
namespace {

// Runs fn(i) on `count` threads that are all alive at once.
template <class Fn>
void OnThreads(int count, Fn&& fn) {
  std::barrier<> all_done(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      fn(static_cast<std::size_t>(i));
      all_done.arrive_and_wait();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ThreadIndex, StaysTheSameForAThread) {
  const std::uint32_t own = ThreadIndex();
  EXPECT_LT(own, kThreadIndexMax);
  EXPECT_EQ(ThreadIndex(), own);
}

TEST(ThreadIndex, LiveThreadsHaveDifferentOnesBelowTheEnd) {
  constexpr int kThreads = 32;
  const std::uint32_t own = ThreadIndex();
  std::vector<std::uint32_t> indices(kThreads);
  OnThreads(kThreads, [&](std::size_t i) {
    indices[i] = ThreadIndex();
    EXPECT_GT(ThreadIndexEnd(), indices[i]);
  });
  std::set<std::uint32_t> different(indices.begin(), indices.end());
  different.insert(own);
  EXPECT_EQ(different.size(), kThreads + 1u);
}

TEST(ThreadIndex, NumbersOfEndedThreadsComeAgain) {
  OnThreads(8, [](std::size_t) { ThreadIndex(); });
  const std::uint32_t end = ThreadIndexEnd();
  for (int round = 0; round < 50; ++round) OnThreads(8, [](std::size_t) { ThreadIndex(); });
  EXPECT_EQ(ThreadIndexEnd(), end);
}

TEST(ThreadIndex, ThreadsBeyondTheLastHaveNone) {
  constexpr int kThreads = kThreadIndexMax + 8;
  ASSERT_NE(ThreadIndex(), kNoThreadIndex);
  std::atomic<int> without = 0;
  OnThreads(kThreads, [&](std::size_t) {
    if (ThreadIndex() == kNoThreadIndex) ++without;
  });
  // This thread has one, too.
  EXPECT_EQ(without, 9);
  EXPECT_EQ(ThreadIndexEnd(), kThreadIndexMax);
  // Those who had none left nothing behind.
  std::thread([] { EXPECT_LT(ThreadIndex(), kThreadIndexMax); }).join();
}

}  // namespace
}  // namespace skep::base
