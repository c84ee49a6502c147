#include "skep/memory_storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/error_matchers.h"
#include "tests/support/storage_keys.h"

namespace skep::testing {
namespace {

using ::testing::ElementsAre;

Status Put(Storage& storage, std::string key, Sync sync) {
  WriteBatch batch;
  batch.Put(std::move(key), "");
  return storage.Commit(batch, sync);
}

TEST(MemoryStorage, PowerLossKeepsWhatASyncHasMadeDurable) {
  const auto storage = MemoryStorage::Create();
  Put(*storage, "a", Sync::kNo).value();
  Put(*storage, "b", Sync::kYes).value();
  Put(*storage, "c", Sync::kNo).value();
  EXPECT_THAT(KeysOf(*storage->AfterPowerLoss()), ElementsAre("a", "b"));
  EXPECT_THAT(KeysOf(*storage->AfterCrash()), ElementsAre("a", "b", "c"));
  EXPECT_THAT(KeysOf(*storage), ElementsAre("a", "b", "c"));
}

TEST(MemoryStorage, FailsWhenToldTo) {
  const auto storage = MemoryStorage::Create();
  storage->FailAfter(1, Error(EngineErrc::kSystem, "no space"));
  EXPECT_THAT(Put(*storage, "a", Sync::kYes), IsOk());
  EXPECT_THAT(Put(*storage, "b", Sync::kYes), ErrorIs(EngineErrc::kSystem, "no space"));
  EXPECT_THAT(Put(*storage, "c", Sync::kYes), ErrorIs(EngineErrc::kSystem));
  EXPECT_THAT(KeysOf(*storage->AfterCrash()), ElementsAre("a"));
}

TEST(MemoryStorage, HasNoFolderToCopy) {
  EXPECT_THAT(MemoryStorage::Create()->Checkpoint("x"), ErrorIs(EngineErrc::kUnsupported));
}

}  // namespace
}  // namespace skep::testing
