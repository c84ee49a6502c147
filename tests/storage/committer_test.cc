#include "storage/committer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/writer.h"
#include "skep/memory_storage.h"
#include "storage/format.h"
#include "storage/keys.h"
#include "tests/storage/gated_storage.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using storage::Committer;
using storage::FirstRevision;
using storage::kRevisionBlock;
using storage::kRevisionsOfOneChangeMax;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> KeysOf(const Storage& storage) {
  std::vector<std::string> keys;
  storage
      .Scan("",
            [&keys](std::string_view key, std::string_view) {
              if (!key.starts_with('s')) keys.emplace_back(key);
              return true;
            })
      .value();
  return keys;
}

// A writer and its committer on a gated storage, each change of which is one key.
class CommitterTest : public ::testing::Test {
 protected:
  ~CommitterTest() override { storage_.Open(); }

  Committer& Start(storage::CommitterOptions options = {}) {
    committer_.reset();
    const Revision first = FirstRevision(storage_, Revision(1)).value();
    revisions_ = std::make_unique<base::RevisionCounter>(first);
    committer_ = std::make_unique<Committer>(&storage_, revisions_.get(), std::move(options));
    committer_->Start().value();
    return *committer_;
  }

  Revision Append(std::string key, std::string value = "") {
    WriteBatch batch;
    batch.Put(std::move(key), std::move(value));
    const Revision revision = revisions_->Next();
    committer_->Append(revision, std::move(batch));
    return revision;
  }

  Revision AppendNothing() {
    const Revision revision = revisions_->Next();
    committer_->Append(revision, {});
    return revision;
  }

  /// Closes the gate, with a commit of the key "first" before it.
  Revision AppendAndHold() {
    const std::size_t before = storage_.begun().size();
    storage_.Close();
    const Revision revision = Append("first");
    storage_.AwaitBegun(before + 1);
    return revision;
  }

  void TakeRevisions(std::uint64_t count) {
    while (count-- > 0) (void)revisions_->Next();
  }

  GatedStorage storage_;
  std::unique_ptr<base::RevisionCounter> revisions_;
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterTest, ChangeIsDurableWhenItsCommitHasReturned) {
  Committer& committer = Start();
  const Revision revision = Append("a");
  ASSERT_THAT(committer.WaitDurable(revision), IsOk());
  EXPECT_EQ(committer.durable(), revision);
  EXPECT_THAT(KeysOf(*storage_.under().AfterPowerLoss()), ElementsAre("a"));
}

TEST_F(CommitterTest, WhatComesDuringACommitIsOneBatch) {
  Committer& committer = Start();
  AppendAndHold();
  Append("b");
  Append("c");
  const Revision last = Append("d");
  storage_.Open();
  committer.WaitDurable(last).value();
  const auto commits = storage_.begun();
  ASSERT_EQ(commits.size(), 3U);  // The first one reserved revisions.
  EXPECT_THAT(commits[1].keys, ElementsAre("first"));
  EXPECT_THAT(commits[2].keys, ElementsAre("b", "c", "d"));
  EXPECT_EQ(committer.commits(), 3U);
}

TEST_F(CommitterTest, WatermarkStandsUntilTheCommitReturns) {
  Committer& committer = Start();
  const Revision first = AppendAndHold();
  EXPECT_LT(committer.durable(), first);
  storage_.Open();
  committer.WaitDurable(first).value();
}

// Callbacks for the commit under way, and for those behind it, come with their own commit, in
// order.
TEST_F(CommitterTest, CallbacksComeWithTheirOwnCommit) {
  Committer& committer = Start();
  const Revision first = AppendAndHold();
  const Revision second = Append("b");
  std::vector<std::pair<int, Revision>> calls;  // Written by the committer's thread alone.
  committer.WhenDurable(second, [&](const Status&) { calls.emplace_back(2, committer.durable()); });
  committer.WhenDurable(first, [&](const Status&) { calls.emplace_back(1, committer.durable()); });
  storage_.Open();
  committer.WaitDurable(second).value();
  committer.Stop().value();
  EXPECT_THAT(calls, ElementsAre(std::pair(1, first), std::pair(2, second)));
}

TEST_F(CommitterTest, CallbackOfADurableChangeComesAtOnce) {
  Committer& committer = Start();
  const Revision revision = Append("a");
  committer.WaitDurable(revision).value();
  const auto self = std::this_thread::get_id();
  std::thread::id by;
  committer.WhenDurable(revision, [&](const Status&) { by = std::this_thread::get_id(); });
  EXPECT_EQ(by, self);
}

TEST_F(CommitterTest, CallbackMayUseTheCommitter) {
  Committer& committer = Start();
  const Revision first = AppendAndHold();
  committer.WhenDurable(first, [&](const Status&) {
    EXPECT_THAT(committer.Writable(), IsOk());
    committer.WhenDurable(Append("b"), [](const Status& status) { EXPECT_THAT(status, IsOk()); });
  });
  storage_.Open();
  ASSERT_THAT(committer.Stop(), IsOk());
  EXPECT_THAT(KeysOf(storage_), ElementsAre("b", "first"));
}

TEST_F(CommitterTest, ChangeWithoutBytesRestsOnWhatWasBefore) {
  Committer& committer = Start();
  const Revision alone = AppendNothing();
  EXPECT_EQ(committer.durable(), alone);
  const Revision first = AppendAndHold();
  const Revision empty = AppendNothing();
  bool called = false;
  committer.WhenDurable(empty, [&](const Status&) { called = true; });
  EXPECT_LT(committer.durable(), first);
  EXPECT_FALSE(called);
  storage_.Open();
  ASSERT_THAT(committer.WaitDurable(empty), IsOk());
  EXPECT_EQ(committer.durable(), empty);
  EXPECT_EQ(committer.commits(), 2U);
}

TEST_F(CommitterTest, RevisionThatWasNeverAppendedRestsOnWhatWas) {
  Committer& committer = Start();
  EXPECT_THAT(committer.WaitDurable(revisions_->Next()), IsOk());
  AppendAndHold();
  bool called = false;
  committer.WhenDurable(revisions_->Next(), [&](const Status&) { called = true; });
  EXPECT_FALSE(called);
  storage_.Open();
  committer.Stop().value();
  EXPECT_TRUE(called);
}

TEST_F(CommitterTest, StopCommitsWhatWaits) {
  Committer& committer = Start();
  AppendAndHold();
  Append("b");
  storage_.Open();
  ASSERT_THAT(committer.Stop(), IsOk());
  EXPECT_THAT(KeysOf(*storage_.under().AfterPowerLoss()), ElementsAre("b", "first"));
}

TEST_F(CommitterTest, FailureIsToldToAllWhoWaitAndStays) {
  Committer& committer = Start();
  const Revision good = Append("a");
  committer.WaitDurable(good).value();
  const Revision first = AppendAndHold();
  const Revision second = Append("b");
  storage_.under().FailAfter(0, Error(EngineErrc::kSystem, "no space"));
  std::vector<Status> told;
  for (const Revision revision : {second, first}) {
    committer.WhenDurable(revision, [&](const Status& status) { told.push_back(status); });
  }
  storage_.Open();
  const auto failed = ErrorIs(EngineErrc::kStorageFailed, HasSubstr("no space"));
  EXPECT_THAT(committer.WaitDurable(second), failed);
  EXPECT_THAT(committer.Writable(), failed);
  EXPECT_THAT(committer.health(), failed);
  EXPECT_THAT(committer.WaitDurable(good), IsOk());
  EXPECT_EQ(committer.durable(), good);

  // The disk would take it again, but nothing goes there any more.
  storage_.under().FailAfter(100, Error(EngineErrc::kSystem, ""));
  EXPECT_THAT(committer.WaitDurable(Append("c")), failed);
  EXPECT_THAT(committer.Stop(), failed);
  EXPECT_THAT(told, ElementsAre(failed, failed));
  EXPECT_THAT(KeysOf(storage_), ElementsAre("a"));
  EXPECT_EQ(storage_.begun().size(), 3U);
  EXPECT_EQ(committer.waiting_bytes(), 0U);
}

TEST_F(CommitterTest, FailureIsLoggedOnce) {
  std::vector<std::string> lines;  // Written by the committer's thread alone.
  Committer& committer = Start({.log = [&](LogLevel level, std::string_view line) {
    EXPECT_EQ(level, LogLevel::kError);
    lines.emplace_back(line);
  }});
  storage_.under().FailAfter(0, Error(EngineErrc::kSystem, "no space"));
  EXPECT_THAT(committer.WaitDurable(Append("a")), ErrorIs(EngineErrc::kStorageFailed));
  EXPECT_THAT(committer.WaitDurable(Append("b")), ErrorIs(EngineErrc::kStorageFailed));
  EXPECT_THAT(committer.Stop(), ErrorIs(EngineErrc::kStorageFailed));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("no space")));
}

TEST_F(CommitterTest, StartOnAStorageThatFailsIsTold) {
  storage_.under().FailAfter(0, Error(EngineErrc::kSystem, "no space"));
  base::RevisionCounter revisions(Revision(1));
  Committer committer(&storage_, &revisions, {});
  EXPECT_THAT(committer.Start(), ErrorIs(EngineErrc::kStorageFailed, HasSubstr("no space")));
}

TEST_F(CommitterTest, TooManyBytesWaitingAreRefusedForNow) {
  Committer& committer = Start({.waiting_bytes_max = 100});
  AppendAndHold();
  EXPECT_THAT(committer.Writable(), IsOk());
  const Revision last = Append("b", std::string(100, 'x'));
  EXPECT_THAT(committer.Writable(), ErrorIs(EngineErrc::kStorageBusy, HasSubstr("100 bytes")));
  storage_.Open();
  committer.WaitDurable(last).value();
  committer.Stop().value();
  EXPECT_THAT(committer.Writable(), IsOk());
  EXPECT_EQ(committer.waiting_bytes(), 0U);
}

TEST_F(CommitterTest, AsyncLosesNothingByACrashAndAllThatWasNotSyncedByAPowerLoss) {
  Committer& committer = Start({.durability = Durability::kAsync});
  committer.WaitDurable(Append("a")).value();
  EXPECT_THAT(KeysOf(*storage_.under().AfterCrash()), ElementsAre("a"));
  EXPECT_THAT(KeysOf(*storage_.under().AfterPowerLoss()), IsEmpty());
  committer.Stop().value();
  EXPECT_THAT(KeysOf(*storage_.under().AfterPowerLoss()), ElementsAre("a"));
}

// ---------------------------------------------------------------------------------------------
// Revisions

TEST_F(CommitterTest, NoRevisionIsUsedBeforeItsBlockIsDurable) {
  for (const Durability durability : {Durability::kSync, Durability::kAsync}) {
    const auto disk = MemoryStorage::Create();
    base::RevisionCounter revisions(Revision(7));
    Committer committer(disk.get(), &revisions, {.durability = durability});
    ASSERT_THAT(committer.Start(), IsOk());
    EXPECT_EQ(FirstRevision(*disk->AfterPowerLoss(), Revision(1)).value(),
              Revision(7 + kRevisionBlock));
  }
}

TEST_F(CommitterTest, RestartBeginsAtTheNextBlock) {
  Start();
  const Revision used = Append("a");
  EXPECT_EQ(used, Revision(1));
  Start();
  EXPECT_EQ(Append("b"), Revision(1 + kRevisionBlock));
  Start();
  EXPECT_EQ(Append("c"), Revision(1 + 2 * kRevisionBlock));
}

TEST_F(CommitterTest, NextBlockIsReservedWhenHalfOfOneIsUsed) {
  Committer& committer = Start({.durability = Durability::kAsync});
  TakeRevisions(kRevisionBlock / 2 - 1);
  committer.WaitDurable(Append("a")).value();
  EXPECT_THAT(storage_.begun().back().keys, ElementsAre("a"));
  committer.WaitDurable(Append("b")).value();
  EXPECT_THAT(storage_.begun().back().keys,
              ElementsAre("b", storage::kFormatKey, storage::kRevisionKey));
  EXPECT_EQ(storage_.begun().back().sync, Sync::kYes);
  EXPECT_EQ(FirstRevision(*storage_.under().AfterPowerLoss(), Revision(1)).value(),
            revisions_->last() + 1 + kRevisionBlock);
}

TEST_F(CommitterTest, UsedUpBlockIsRefusedUntilTheNextIsDurable) {
  Committer& committer = Start();
  AppendAndHold();
  TakeRevisions(kRevisionBlock - kRevisionsOfOneChangeMax - 1);
  EXPECT_THAT(committer.Writable(), IsOk());
  TakeRevisions(1);
  EXPECT_THAT(committer.Writable(), ErrorIs(EngineErrc::kStorageBusy, HasSubstr("revisions")));
  storage_.Open();
  storage_.AwaitBegun(3);  // Without any change: the question was enough.
  committer.Stop().value();
  EXPECT_THAT(committer.Writable(), IsOk());
}

TEST(FirstRevision, OnAnEmptyStorageIsTheOneGiven) {
  EXPECT_EQ(FirstRevision(*MemoryStorage::Create(), Revision(5)).value(), Revision(5));
}

TEST(FirstRevision, IsTheOneGivenWhereThatIsLater) {
  const auto disk = MemoryStorage::Create();
  WriteBatch batch;
  batch.Put(std::string(storage::kRevisionKey), "7");
  disk->Commit(batch, Sync::kYes).value();
  EXPECT_EQ(FirstRevision(*disk, Revision(6)).value(), Revision(7));
  EXPECT_EQ(FirstRevision(*disk, Revision(8)).value(), Revision(8));
}

TEST(FirstRevision, NewerOrUnreadableStorageIsTold) {
  const auto disk = MemoryStorage::Create();
  WriteBatch newer;
  newer.Put(std::string(storage::kFormatKey), std::to_string(storage::kFormat + 1));
  disk->Commit(newer, Sync::kYes).value();
  EXPECT_THAT(FirstRevision(*disk, Revision(1)),
              ErrorIs(EngineErrc::kStorageNewer,
                      AllOf(HasSubstr(std::to_string(storage::kFormat + 1)), HasSubstr("start"))));
  for (const std::string_view key : {storage::kFormatKey, storage::kRevisionKey}) {
    const auto damaged = MemoryStorage::Create();
    WriteBatch batch;
    batch.Put(std::string(key), "1x");
    damaged->Commit(batch, Sync::kYes).value();
    EXPECT_THAT(FirstRevision(*damaged, Revision(1)),
                ErrorIs(EngineErrc::kStorageCorrupt, HasSubstr(std::string(key))));
  }
}

}  // namespace
}  // namespace skep::testing
