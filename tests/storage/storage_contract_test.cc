// What every storage promises, asked of each backend by the same tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "skep/memory_storage.h"
#include "skep/storage.h"
#include "tests/storage/backends.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Pairs = std::vector<std::pair<std::string, std::string>>;

class StorageContract : public ::testing::TestWithParam<BackendFactory> {
 protected:
  StorageContract() : backend_(GetParam().make()) {}

  Storage& storage() { return backend_->storage(); }
  /// What another process finds later.
  void Reopen() { backend_->Reopen(); }

  Pairs Scan(std::string_view prefix) {
    Pairs found;
    storage()
        .Scan(prefix,
              [&found](std::string_view key, std::string_view value) {
                found.emplace_back(key, value);
                return true;
              })
        .value();
    return found;
  }

  void Put(std::string key, std::string value, Sync sync = Sync::kYes) {
    WriteBatch batch;
    batch.Put(std::move(key), std::move(value));
    storage().Commit(batch, sync).value();
  }

 private:
  const std::unique_ptr<Backend> backend_;
};

TEST_P(StorageContract, NewOneIsEmpty) { EXPECT_THAT(Scan(""), IsEmpty()); }

TEST_P(StorageContract, KeysComeInTheOrderOfTheirBytes) {
  const std::string zero("a\0", 2);
  Put("a\xff", "4");
  Put("b", "5");
  Put(zero, "2");
  Put("a", "1");
  Put("aa", "3");
  EXPECT_THAT(Scan(""), ElementsAre(Pair("a", "1"), Pair(zero, "2"), Pair("aa", "3"),
                                    Pair("a\xff", "4"), Pair("b", "5")));
}

TEST_P(StorageContract, PrefixBoundsAScan) {
  for (const char* key : {"a", "b", "ba", "b\xff", "b\xff\xff", "c"}) Put(key, "");
  EXPECT_THAT(Scan("b"),
              ElementsAre(Pair("b", ""), Pair("ba", ""), Pair("b\xff", ""), Pair("b\xff\xff", "")));
  EXPECT_THAT(Scan("b\xff"), ElementsAre(Pair("b\xff", ""), Pair("b\xff\xff", "")));
  EXPECT_THAT(Scan("d"), IsEmpty());
}

TEST_P(StorageContract, PrefixOfTheHighestBytesHasNoEnd) {
  Put("\xff", "1");
  Put("\xff\xff", "2");
  EXPECT_THAT(Scan("\xff"), ElementsAre(Pair("\xff", "1"), Pair("\xff\xff", "2")));
}

TEST_P(StorageContract, ManyKeysComeOnceEachInOrder) {
  WriteBatch batch;
  Pairs expected;
  for (int i = 1000; i < 2000; ++i) {
    expected.emplace_back("k" + std::to_string(i), std::to_string(i));
    batch.Put("k" + std::to_string(2999 - i), std::to_string(2999 - i));
  }
  batch.Put("j", "");
  batch.Put("l", "");
  ASSERT_THAT(storage().Commit(batch, Sync::kYes), IsOk());
  EXPECT_EQ(Scan("k"), expected);
}

TEST_P(StorageContract, ScanEndsWhenItIsToldTo) {
  Put("a", "");
  Put("b", "");
  int calls = 0;
  storage().Scan("", [&calls](std::string_view, std::string_view) { return ++calls < 1; }).value();
  EXPECT_EQ(calls, 1);
}

TEST_P(StorageContract, OfSeveralChangesOfAKeyTheLastCounts) {
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put("a", "2");
  batch.Put("b", "1");
  batch.Delete("b");
  batch.Delete("c");
  batch.Put("c", "3");
  storage().Commit(batch, Sync::kYes).value();
  EXPECT_THAT(Scan(""), ElementsAre(Pair("a", "2"), Pair("c", "3")));
}

TEST_P(StorageContract, DeletingWhatIsNotThereIsFine) {
  WriteBatch batch;
  batch.Delete("a");
  EXPECT_THAT(storage().Commit(batch, Sync::kNo), IsOk());
}

TEST_P(StorageContract, EmptyBatchIsFine) {
  EXPECT_THAT(storage().Commit(WriteBatch(), Sync::kYes), IsOk());
  EXPECT_THAT(Scan(""), IsEmpty());
}

TEST_P(StorageContract, ValuesAreBytes) {
  const std::string value("\0\xff\n", 3);
  Put("a", value);
  Put("b", std::string(1'000'000, 'x'));
  EXPECT_THAT(Scan("a"), ElementsAre(Pair("a", value)));
  EXPECT_EQ(Scan("b").front().second.size(), 1'000'000U);
}

TEST_P(StorageContract, CommitsSurviveAReopening) {
  Put("a", "1");
  Put("b", "2", Sync::kNo);
  WriteBatch batch;
  batch.Delete("a");
  storage().Commit(batch, Sync::kNo).value();
  Reopen();
  EXPECT_THAT(Scan(""), ElementsAre(Pair("b", "2")));
  Put("c", "3");
  Reopen();
  EXPECT_THAT(Scan(""), ElementsAre(Pair("b", "2"), Pair("c", "3")));
}

INSTANTIATE_TEST_SUITE_P(Backends, StorageContract, ::testing::ValuesIn(AllBackends()),
                         [](const auto& factory) { return factory.param.name; });

}  // namespace
}  // namespace skep::testing
