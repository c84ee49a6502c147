// An engine and its storage: how one is opened on the other, and what is told of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "kie/core/kie_records.h"
#include "registry/core/registry_records.h"
#include "skep/engine.h"
#include "skep/skep.h"
#include "storage/committer.h"
#include "tests/storage/gated_storage.h"
#include "tests/support/error_matchers.h"
#include "tests/support/temp_folder.h"

#if defined(SKEP_WITH_ROCKSDB)
#include "skep/rocksdb_storage.h"
#endif

namespace skep::testing {
namespace {

using storage::kRevisionBlock;
using ::testing::HasSubstr;

Revision RegisterOne(Engine& engine, std::string name) {
  return engine.registry().microservices().Register({.name = std::move(name)}).value().revision;
}

TEST(EngineStorage, NoRevisionComesTwice) {
  const auto disk = MemoryStorage::Create();
  {
    const auto engine = Engine::Open({.first_revision = Revision(1000), .storage = disk}).value();
    EXPECT_EQ(RegisterOne(*engine, "x"), Revision(1000));
  }
  // Neither after a restart nor after a loss of power, whatever the options say.
  for (const auto& found : {disk->AfterCrash(), disk->AfterPowerLoss()}) {
    const auto engine = Engine::Open({.first_revision = Revision(1), .storage = found}).value();
    EXPECT_EQ(RegisterOne(*engine, "y"), Revision(1000 + kRevisionBlock));
  }
}

// What was lost with the newer storage took revisions of which the backup knows nothing.
TEST(EngineStorage, BackupGoesOnBehindTheRunsAfterIt) {
  const auto disk = MemoryStorage::Create();
  Engine::Open({.first_revision = Revision(1000), .storage = disk}).value();
  const auto backup = disk->AfterCrash();
  constexpr std::uint64_t kLater = 10 * kRevisionBlock;
  const auto later = Engine::Open({.first_revision = Revision(kLater), .storage = disk}).value();
  const Revision lost = RegisterOne(*later, "lost");
  EXPECT_EQ(lost, Revision(kLater));
  const auto restored =
      Engine::Open({.first_revision = Revision(2 * kLater), .storage = backup}).value();
  EXPECT_GT(RegisterOne(*restored, "x"), lost);
}

TEST(EngineStorage, AnEmbeddersOwnIsUsedLikeAnyOther) {
  const auto own = std::make_shared<GatedStorage>();
  const auto engine = Engine::Open({.storage = own}).value();
  EXPECT_THAT(engine->WaitDurable(RegisterOne(*engine, "x")), IsOk());
  const EngineMetrics metrics = engine->metrics();
  EXPECT_EQ(metrics.durable_revision, metrics.revision);
  EXPECT_EQ(metrics.storage_commits, own->begun().size());
  EXPECT_EQ(metrics.storage_waiting_bytes, 0U);
  EXPECT_FALSE(metrics.storage_failed);
  EXPECT_THAT(engine->storage_health(), IsOk());
  EXPECT_THAT(engine->Close(), IsOk());
}

// The gate lets no commit through: who waits for one has not returned, who does not has.
TEST(EngineStorage, VerbWaitsUnlessItIsToldNotTo) {
  const auto disk = std::make_shared<GatedStorage>();
  const auto engine = Engine::Open({.storage = disk}).value();
  Microservices services = engine->registry().microservices();
  disk->Close();
  const auto published = services.Register({.name = "x"}, Ack::kPublished).value();
  EXPECT_LT(engine->metrics().durable_revision, published.revision);

  std::atomic<bool> opened{false};
  std::thread waits([&] {
    const auto durable = services.Register({.name = "y"}, Ack::kDurable).value();
    EXPECT_TRUE(opened.load());
    EXPECT_GE(engine->metrics().durable_revision, durable.revision);
  });
  disk->AwaitBegun(2);
  opened = true;
  disk->Open();
  waits.join();
  EXPECT_THAT(engine->WaitDurable(published.revision), IsOk());
}

TEST(EngineStorage, FailedWriteIsToldToTheOneWhoWaits) {
  const auto disk = MemoryStorage::Create();
  const auto engine = Engine::Open({.storage = disk}).value();
  disk->FailAfter(0, Error(EngineErrc::kSystem, "no space"));
  const auto failed = ErrorIs(EngineErrc::kStorageFailed, HasSubstr("no space"));
  EXPECT_THAT(engine->registry().microservices().Register({.name = "x"}), failed);
  EXPECT_THAT(engine->config().Create({.key = "k"}), failed);
  EXPECT_THAT(engine->storage_health(), failed);
  EXPECT_TRUE(engine->metrics().storage_failed);
  EXPECT_EQ(engine->registry().microservices().List().size(), 1U);  // Published all the same.
  EXPECT_THAT(engine->Close(), failed);
}

// A scan of either part's records goes on only once the other part's has begun.
class MeetingStorage final : public Storage {
 public:
  explicit MeetingStorage(std::shared_ptr<Storage> of) : of_(std::move(of)) {}

  Status Commit(const WriteBatch& batch, Sync sync) override { return of_->Commit(batch, sync); }
  Status Scan(std::string_view prefix,
              const std::function<bool(std::string_view, std::string_view)>& fn) const override {
    if (prefix == core::kInstanceRecords || prefix == core::kKvRecords) Meet();
    return of_->Scan(prefix, fn);
  }
  Status Checkpoint(const std::string& directory) override { return of_->Checkpoint(directory); }

  bool met() const {
    base::MutexLock lock(&mu_);
    return here_ == 2 && !in_vain_;
  }

 private:
  void Meet() const {
    constexpr std::chrono::seconds kLongEnough{30};
    const auto end = std::chrono::steady_clock::now() + kLongEnough;
    base::MutexLock lock(&mu_);
    ++here_;
    came_.NotifyAll();
    while (here_ < 2 && std::chrono::steady_clock::now() < end) came_.WaitFor(&mu_, kLongEnough);
    in_vain_ = in_vain_ || here_ < 2;
  }

  const std::shared_ptr<Storage> of_;
  mutable base::Mutex mu_;
  mutable base::CondVar came_;
  mutable int here_ ABSL_GUARDED_BY(mu_) = 0;
  mutable bool in_vain_ ABSL_GUARDED_BY(mu_) = false;
};

TEST(EngineStorage, BothPartsLoadAtOnce) {
  const auto disk = MemoryStorage::Create();
  {
    const auto engine = Engine::Open({.storage = disk}).value();
    const auto id = engine->registry().microservices().Register({.name = "x"}).value();
    engine->registry().instances().Register(id, {.host = "a"}).value();
    engine->config().Create({.key = "k"}).value();
  }
  const auto meeting = std::make_shared<MeetingStorage>(disk->AfterCrash());
  const auto engine = Engine::Open({.storage = meeting}).value();
  EXPECT_TRUE(meeting->met());
  EXPECT_EQ(engine->metrics().instances, 1U);
  EXPECT_EQ(engine->metrics().kvs, 1U);
}

TEST(EngineStorage, OneThatCannotBeWrittenIsTold) {
  const auto disk = MemoryStorage::Create();
  disk->FailAfter(0, Error(EngineErrc::kSystem, "no space"));
  EXPECT_THAT(Engine::Open({.storage = disk}),
              ErrorIs(EngineErrc::kStorageFailed, HasSubstr("no space")));
}

TEST(EngineStorage, NewerOneIsTold) {
  const auto disk = MemoryStorage::Create();
  WriteBatch newer;
  newer.Put("sf", "999");
  disk->Commit(newer, Sync::kYes).value();
  EXPECT_THAT(Engine::Open({.storage = disk}),
              ErrorIs(EngineErrc::kStorageNewer, HasSubstr("format 999")));
}

TEST(EngineStorage, CheckpointNeedsAStorageWithAFolder) {
  EXPECT_THAT(Engine::Open().value()->Checkpoint("x"), ErrorIs(EngineErrc::kUnsupported));
  EXPECT_THAT(Engine::Open({.storage = MemoryStorage::Create()}).value()->Checkpoint("x"),
              ErrorIs(EngineErrc::kUnsupported));
}

#if defined(SKEP_WITH_ROCKSDB)
// Names of microservices are numbers, registered one after the other.
TEST(EngineStorage, CheckpointWhileOthersWriteIsTheStateAtOneMoment) {
  constexpr std::size_t kCopies = 3;
  const TempFolder folder;
  auto storage = OpenRocksDb({.directory = folder.path() + "/data"}).value();
  const auto engine = Engine::Open({.storage = std::move(storage)}).value();
  std::atomic<std::size_t> written{0};
  std::atomic<bool> done{false};
  std::thread writer([&] {
    while (!done) {
      RegisterOne(*engine, std::to_string(written));
      ++written;
    }
  });
  std::vector<std::size_t> before;
  for (std::size_t copy = 0; copy < kCopies; ++copy) {
    while (written < 10 * copy) std::this_thread::yield();
    before.push_back(written);
    EXPECT_THAT(engine->Checkpoint(folder.path() + "/" + std::to_string(copy)), IsOk());
  }
  done = true;
  writer.join();
  for (std::size_t copy = 0; copy < kCopies; ++copy) {
    auto copied = OpenRocksDb({.directory = folder.path() + "/" + std::to_string(copy)}).value();
    const auto opened = Engine::Open({.storage = std::move(copied)}).value();
    const auto services = opened->registry().microservices();
    const std::size_t count = services.List().size();
    EXPECT_GE(count, before[copy]);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_THAT(
          services.Exists({.app_id = "default", .name = std::to_string(i), .version = "0.0.1"}),
          IsOk())
          << i;
    }
    EXPECT_GT(RegisterOne(*opened, "x"), Revision(count));
  }
}
#endif

TEST(EngineStorage, WithoutOneAllIsWell) {
  const auto engine = Engine::Open().value();
  RegisterOne(*engine, "x");
  EXPECT_THAT(engine->storage_health(), IsOk());
  EXPECT_EQ(engine->metrics().durable_revision, engine->revision());
  EXPECT_EQ(engine->metrics().storage_commits, 0U);
}

}  // namespace
}  // namespace skep::testing
