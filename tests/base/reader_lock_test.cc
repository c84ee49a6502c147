#include "base/reader_lock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <cstdint>
#include <thread>
#include <vector>

namespace skep::base {
namespace {

// Two plain numbers that are equal whenever nobody writes. Under the thread sanitizer a lock that
// orders too little is a data race here.
struct Pair {
  ReaderLock lock;
  std::uint64_t one ABSL_GUARDED_BY(lock) = 0;
  std::uint64_t other ABSL_GUARDED_BY(lock) = 0;

  void Increment() {
    MutexLock writing(lock.mutex());
    ReaderLock::Writer alone(&lock);
    ++one;
    ++other;
  }

  std::uint64_t Read() {
    ReaderLock::Reader reading(&lock);
    const std::uint64_t first = one;
    EXPECT_EQ(first, other);
    return first;
  }
};

TEST(ReaderLock, ReadersSeeWhatWasWrittenBefore) {
  Pair pair;
  EXPECT_EQ(pair.Read(), 0u);
  pair.Increment();
  EXPECT_EQ(pair.Read(), 1u);
}

TEST(ReaderLock, ReadersShare) {
  ReaderLock lock;
  std::barrier<> both_inside(2);
  auto read = [&] {
    ReaderLock::Reader reading(&lock);
    both_inside.arrive_and_wait();  // Comes back only when both are inside.
  };
  std::thread other(read);
  read();
  other.join();
}

TEST(ReaderLock, MutexAloneLeavesReadersIn) {
  Pair pair;
  MutexLock writing(pair.lock.mutex());
  std::thread([&] { EXPECT_EQ(pair.Read(), 0u); }).join();
}

TEST(ReaderLock, WriterWaitsUntilTheReaderIsOut) {
  ReaderLock lock;
  std::atomic<bool> inside = false;
  std::atomic<bool> written = false;
  std::thread writer;
  {
    ReaderLock::Reader reading(&lock);
    inside = true;
    writer = std::thread([&] {
      MutexLock writing(lock.mutex());
      ReaderLock::Writer alone(&lock);
      EXPECT_FALSE(inside);
      written = true;
    });
    for (int i = 0; i < 1000; ++i) {
      EXPECT_FALSE(written);
      std::this_thread::yield();
    }
    inside = false;
  }
  writer.join();
  EXPECT_TRUE(written);
}

TEST(ReaderLock, ReaderWaitsUntilTheWriterIsOut) {
  Pair pair;
  std::thread reader;
  std::barrier<> started(2);
  {
    MutexLock writing(pair.lock.mutex());
    ReaderLock::Writer alone(&pair.lock);
    reader = std::thread([&] {
      started.arrive_and_wait();
      EXPECT_EQ(pair.Read(), 1000u);
    });
    started.arrive_and_wait();
    for (int i = 0; i < 1000; ++i) {
      ++pair.one;
      std::this_thread::yield();
      ++pair.other;
    }
  }
  reader.join();
}

TEST(ReaderLock, LocksOfOneThreadOneAfterTheOtherDoNotDisturb) {
  Pair pairs[2];
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; i < 2000; ++i) pairs[i % 2].Increment();
    stop = true;
  });
  std::uint64_t last[2] = {};
  for (int i = 0; !stop; i = 1 - i) {
    const std::uint64_t seen = pairs[i].Read();
    EXPECT_GE(seen, last[i]);
    last[i] = seen;
  }
  writer.join();
  EXPECT_EQ(pairs[0].Read() + pairs[1].Read(), 2000u);
}

// `threads` of them read all the time, two write.
void Hammer(int threads, int rounds) {
  Pair pair;
  std::barrier<> start(threads + 2);
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t) {
    all.emplace_back([&] {
      std::uint64_t last = 0;
      start.arrive_and_wait();
      for (int i = 0; i < rounds; ++i) {
        const std::uint64_t seen = pair.Read();
        EXPECT_GE(seen, last);
        last = seen;
      }
    });
  }
  for (int t = 0; t < 2; ++t) {
    all.emplace_back([&] {
      start.arrive_and_wait();
      for (int i = 0; i < rounds / 10; ++i) pair.Increment();
    });
  }
  for (std::thread& thread : all) thread.join();
  EXPECT_EQ(pair.Read(), 2u * static_cast<unsigned>(rounds / 10));
}

TEST(ReaderLock, ReadersAndWritersOfManyThreads) { Hammer(4, 5000); }

// More threads than there are lines: some read under the mutex.
TEST(ReaderLock, MoreThreadsThanLines) { Hammer(static_cast<int>(kThreadIndexMax) + 20, 50); }

}  // namespace
}  // namespace skep::base
