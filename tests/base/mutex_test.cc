#include "base/mutex.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace skep::base {
namespace {

// Plain ints throughout: under the thread sanitizer these tests show that it knows our mutexes.

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
  never.WaitFor(&mu, absl::Milliseconds(1));
}

TEST(Mutex, SharedHoldersAreTogetherAndKeepTheWriterOut) {
  Mutex mu;
  int value = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        MutexLock lock(&mu);
        value += 2;
      }
    });
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        SharedMutexLock lock(&mu);
        EXPECT_EQ(value % 2, 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  mu.LockShared();
  std::thread([&] { SharedMutexLock beside(&mu); }).join();  // Would wait for ever for a sole one.
  mu.UnlockShared();
}

}  // namespace
}  // namespace skep::base
