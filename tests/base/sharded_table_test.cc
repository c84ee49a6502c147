#include "base/sharded_table.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace skep::base {
namespace {

struct Entry {
  std::uint64_t key = 0;
  int value = 0;
};

// Hashes of few different values, so that probes run into each other and around the end.
std::uint64_t CrowdedHash(std::uint64_t key) { return (key % 3) << 62 | (key % 5 + 14); }
std::uint64_t SpreadHash(std::uint64_t key) { return key * 0x9e3779b97f4a7c15; }

class ShardedTableTest : public ::testing::TestWithParam<std::uint64_t (*)(std::uint64_t)> {
 protected:
  std::uint64_t Hash(std::uint64_t key) const { return GetParam()(key); }
  static auto Is(std::uint64_t key) {
    return [key](const Entry& entry) { return entry.key == key; };
  }

  void Insert(std::uint64_t key, int value) {
    auto entry = std::make_unique<Entry>(Entry{key, value});
    table_.Insert(Hash(key), entry.get());
    owned_[key] = std::move(entry);
  }
  bool Remove(std::uint64_t key) {
    const Entry* removed = table_.Remove(Hash(key), Is(key));
    if (removed == nullptr) return false;
    EXPECT_EQ(removed, owned_.at(key).get());
    owned_.erase(key);
    return true;
  }
  /// The value under the key, or -1.
  int Find(std::uint64_t key) const {
    int value = -1;
    const bool found = table_.Read(Hash(key), Is(key), [&](const Entry& e) { value = e.value; });
    EXPECT_EQ(found, value != -1);
    return value;
  }

  ShardedTable<Entry> table_;
  std::map<std::uint64_t, std::unique_ptr<Entry>> owned_;
};

INSTANTIATE_TEST_SUITE_P(Hashes, ShardedTableTest, ::testing::Values(&SpreadHash, &CrowdedHash),
                         [](const auto& of) {
                           return of.param == &SpreadHash ? "Spread" : "Crowded";
                         });

TEST_P(ShardedTableTest, EmptyFindsAndRemovesNothing) {
  EXPECT_EQ(Find(1), -1);
  EXPECT_FALSE(Remove(1));
  EXPECT_FALSE(table_.Update(Hash(1), Is(1), [](Entry&) { FAIL(); }));
  EXPECT_FALSE(table_.ReadAtLength(Hash(1), Is(1), [](Entry&, auto&&) { FAIL(); }));
  table_.ForEach([](Entry&) { FAIL(); });
}

TEST_P(ShardedTableTest, UpdateChangesTheEntryInPlace) {
  Insert(1, 10);
  EXPECT_TRUE(table_.Update(Hash(1), Is(1), [](Entry& entry) { entry.value = 20; }));
  EXPECT_EQ(Find(1), 20);
}

TEST_P(ShardedTableTest, ReadAtLengthLeavesReadersInAndSwapsAlone) {
  Insert(1, 10);
  EXPECT_TRUE(table_.ReadAtLength(Hash(1), Is(1), [&](Entry& entry, auto&& alone) {
    std::thread([&] { EXPECT_EQ(Find(1), 10); }).join();
    alone([&] { entry.value = 30; });
    std::thread([&] { EXPECT_EQ(Find(1), 30); }).join();
  }));
}

TEST_P(ShardedTableTest, ForEachVisitsEachOnce) {
  for (std::uint64_t key = 0; key < 300; ++key) Insert(key, 1);
  std::multiset<std::uint64_t> seen;
  table_.ForEach([&](Entry& entry) { seen.insert(entry.key); });
  EXPECT_EQ(seen.size(), 300u);
  EXPECT_EQ(std::set<std::uint64_t>(seen.begin(), seen.end()).size(), 300u);
}

TEST_P(ShardedTableTest, AgreesWithAMap) {
  std::mt19937_64 random(5);
  constexpr std::uint64_t kKeys = 250;
  std::map<std::uint64_t, int> model;
  for (int step = 0; step < 20'000; ++step) {
    const std::uint64_t key = random() % kKeys;
    const auto at = model.find(key);
    ASSERT_EQ(Find(key), at == model.end() ? -1 : at->second) << "step " << step;
    // Fills up in the first half, empties in the second.
    const bool insert = random() % 10 < (step < 10'000 ? 7u : 3u);
    if (insert && at == model.end()) {
      Insert(key, step);
      model[key] = step;
    } else if (!insert) {
      ASSERT_EQ(Remove(key), model.erase(key) == 1) << "step " << step;
    }
  }
  for (std::uint64_t key = 0; key < kKeys; ++key) {
    ASSERT_EQ(Find(key), model.contains(key) ? model[key] : -1);
  }
}

// What Remove returns may be freed at once: no reader looks at it any more.
TEST_P(ShardedTableTest, RemovedMayBeFreedWhileOthersRead) {
  constexpr std::uint64_t kKeys = 64;
  std::atomic<bool> stop = false;
  std::vector<std::thread> readers;
  for (int t = 0; t < 2; ++t) {
    readers.emplace_back([&] {
      while (!stop) {
        for (std::uint64_t key = 0; key < kKeys; ++key) {
          const int value = Find(key);
          EXPECT_TRUE(value == -1 || value == static_cast<int>(key)) << value;
        }
      }
    });
  }
  for (int round = 0; round < 100; ++round) {
    for (std::uint64_t key = 0; key < kKeys; ++key) Insert(key, static_cast<int>(key));
    for (std::uint64_t key = 0; key < kKeys; ++key) EXPECT_TRUE(Remove(key));
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace skep::base
