#include "base/mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace skep::base {
namespace {

// Plain ints throughout: the thread sanitizer tells when one is not guarded.

TEST(Mutex, OrdersWhatItGuards) {
  Mutex mu;
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        MutexLock lock(&mu);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 4000);
}

TEST(CondVar, HandsOverFromOneThreadToAnother) {
  Mutex mu;
  CondVar changed;
  int turn = 0;
  std::thread other([&] {
    MutexLock lock(&mu);
    for (int i = 0; i < 100; ++i) {
      while (turn % 2 == 0) changed.Wait(&mu);
      ++turn;
      changed.NotifyAll();
    }
  });
  {
    MutexLock lock(&mu);
    for (int i = 0; i < 100; ++i) {
      while (turn % 2 == 1) changed.Wait(&mu);
      ++turn;
      changed.NotifyAll();
    }
  }
  other.join();
  EXPECT_EQ(turn, 200);
}

TEST(CondVar, WaitForComesBackWithoutANotice) {
  Mutex mu;
  CondVar never;
  MutexLock lock(&mu);
  never.WaitFor(&mu, std::chrono::milliseconds(1));
}

TEST(CondVar, WaitForBearsTheLongestTime) {
  Mutex mu;
  CondVar changed;
  bool done = false;
  std::thread other([&] {
    MutexLock lock(&mu);
    done = true;
    changed.NotifyAll();
  });
  {
    MutexLock lock(&mu);
    while (!done) changed.WaitFor(&mu, std::chrono::milliseconds::max());
  }
  other.join();
}

}  // namespace
}  // namespace skep::base
