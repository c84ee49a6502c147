// A storage whose disk fails: goal, that whatever fails, and whenever, nothing that was
// acknowledged is lost, no revision comes twice, and who asks gets an error that names the folder.
//
// A run opens a folder, makes changes through a committer until one is refused, takes a checkpoint
// on the way, and closes. Run after run, the next write (sync, rename, ...) fails, until a run ends
// without the failure. After each, the folder is opened on a sound disk and looked at; where power
// is lost besides, what was not synced is gone before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/writer.h"
#include "skep/rocksdb_storage.h"
#include "storage/committer.h"
#include "storage/rocksdb/rocksdb_storage.h"
#include "tests/faults/fault_file_system.h"
#include "tests/support/error_matchers.h"
#include "tests/support/temp_folder.h"

namespace skep::testing {
namespace {

using storage::Committer;
using storage::FirstRevision;
using ::testing::HasSubstr;

// More than a memtable holds, so that tables are written, too.
constexpr std::size_t kChanges = 32;
constexpr std::size_t kValueBytes = 10'000;
constexpr std::size_t kTogether = 8;  // Changes that wait at once.
constexpr std::size_t kRunsMax = 2'000;

std::string KeyOf(Revision revision) { return "k" + std::to_string(revision.number()); }

// The two keys of a change: both are there, or neither.
WriteBatch ChangeOf(Revision revision) {
  WriteBatch batch;
  batch.Put(KeyOf(revision) + "a", std::string(kValueBytes, 'x'));
  batch.Put(KeyOf(revision) + "b", KeyOf(revision));
  return batch;
}

struct Outcome {
  std::vector<Revision> acknowledged;
  Revision newest{};            ///< That was handed out.
  std::vector<Error> errors{};  ///< All that were told.
};

enum class Power { kStays, kIsLost };

class FaultsTest : public ::testing::TestWithParam<std::tuple<Fault, Lasting, Power>> {
 protected:
  // Real syncs would take most of the time, and no power is lost here.
  static std::unique_ptr<rocksdb::Env> SoundDisk() {
    return rocksdb::NewCompositeEnv(std::make_shared<FaultFileSystem>());
  }

  // Opens, writes, checkpoints, closes.
  static Outcome Run(rocksdb::Env* env, const std::string& directory) {
    Outcome outcome;
    auto storage =
        storage::OpenRocksDbIn(env, {.directory = directory, .memtable_bytes = kMemtableBytesMin});
    if (!storage.ok()) return outcome.errors.push_back(storage.error()), outcome;
    const Result<Revision> first = FirstRevision(**storage, Revision(1));
    if (!first.ok()) return outcome.errors.push_back(first.error()), outcome;
    base::RevisionCounter revisions(*first);
    Committer committer(storage->get(), &revisions, {});
    if (const Status started = committer.Start(); !started.ok()) {
      return outcome.errors.push_back(started.error()), outcome;
    }
    for (std::size_t i = 0; i < kChanges; i += kTogether) {
      if (i == kChanges / 2) {
        const Status copied = (*storage)->Checkpoint(directory + "-copy");
        if (!copied.ok()) outcome.errors.push_back(copied.error());
      }
      if (!Change(committer, revisions, &outcome)) break;
    }
    if (const Status stopped = committer.Stop(); !stopped.ok()) {
      outcome.errors.push_back(stopped.error());
    }
    return outcome;
  }

  // Some changes that wait together; false: refused.
  static bool Change(Committer& committer, base::RevisionCounter& revisions, Outcome* outcome) {
    for (std::size_t i = 0; i < kTogether; ++i) {
      if (!committer.Writable().ok()) return false;
      outcome->newest = revisions.Next();
      committer.Append(outcome->newest, ChangeOf(outcome->newest));
    }
    for (std::size_t i = kTogether; i-- > 0;) {
      const Revision revision = outcome->newest - i;
      if (committer.WaitDurable(revision).ok()) outcome->acknowledged.push_back(revision);
    }
    return true;
  }

  // What a sound disk shows afterwards.
  static void Check(const std::string& directory, const Outcome& outcome) {
    const auto sound = SoundDisk();
    const auto storage = storage::OpenRocksDbIn(sound.get(), {.directory = directory});
    ASSERT_THAT(storage, IsOk());
    std::map<std::string, std::string> found;
    const auto take = [&found](std::string_view key, std::string_view value) {
      return found.emplace(key, value), true;
    };
    ASSERT_THAT((*storage)->Scan("k", take), IsOk());
    for (const Revision revision : outcome.acknowledged) {
      EXPECT_EQ(found.count(KeyOf(revision) + "a"), 1U) << "lost " << KeyOf(revision);
    }
    for (const auto& [key, value] : found) {
      const std::string name = key.substr(0, key.size() - 1);
      EXPECT_EQ(found.count(name + "a") + found.count(name + "b"), 2U) << "half of " << name;
      if (key.ends_with('b')) {
        EXPECT_EQ(value, name);
      }
    }
    EXPECT_GT(FirstRevision(**storage, Revision(1)).value(), outcome.newest);
  }

  static void CheckErrors(const std::string& directory, const Outcome& outcome) {
    for (const Error& error : outcome.errors) {
      EXPECT_THAT(error.ToString(), HasSubstr(directory));
      EXPECT_TRUE(error == EngineErrc::kStorageFailed || error == EngineErrc::kSystem ||
                  error == EngineErrc::kStorageCorrupt)
          << error.ToString();
    }
  }
};

TEST_P(FaultsTest, NothingAcknowledgedIsLost) {
  const auto [fault, lasting, power] = GetParam();
  bool struck = true;
  for (std::size_t nth = 0; struck; ++nth) {
    ASSERT_LT(nth, kRunsMax);
    SCOPED_TRACE("number " + std::to_string(nth) + " fails");
    const TempFolder folder;
    const std::string directory = folder.path() + "/data";
    // A folder that has been in use before, every other time.
    if (nth % 2 == 1) Run(SoundDisk().get(), directory);
    std::filesystem::remove_all(directory + "-copy");

    const auto files = std::make_shared<FaultFileSystem>();
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
    files->Arm(fault, nth / 2, lasting);
    const Outcome outcome = Run(env.get(), directory);
    struck = files->struck();
    if (power == Power::kIsLost) files->LosePower();
    Check(directory, outcome);
    CheckErrors(directory, outcome);
    if (!struck) {
      EXPECT_EQ(outcome.acknowledged.size(), kChanges);
      EXPECT_TRUE(outcome.errors.empty());
    }
    if (::testing::Test::HasFailure()) return;
  }
}

std::string NameOf(const ::testing::TestParamInfo<FaultsTest::ParamType>& info) {
  constexpr const char* kFaults[] = {"Write",      "ShortWrite", "NoSpace", "Sync",
                                     "FolderSync", "Rename",     "Open"};
  const auto [fault, lasting, power] = info.param;
  return std::string(kFaults[static_cast<std::size_t>(fault)]) +
         (lasting == Lasting::kOnce ? "Once" : "Forever") +
         (power == Power::kStays ? "" : "AndPowerLoss");
}

INSTANTIATE_TEST_SUITE_P(Once, FaultsTest,
                         ::testing::Combine(::testing::Values(Fault::kWrite, Fault::kShortWrite,
                                                              Fault::kNoSpace, Fault::kSync,
                                                              Fault::kFolderSync, Fault::kRename,
                                                              Fault::kOpen),
                                            ::testing::Values(Lasting::kOnce),
                                            ::testing::Values(Power::kStays, Power::kIsLost)),
                         NameOf);

INSTANTIATE_TEST_SUITE_P(Forever, FaultsTest,
                         ::testing::Combine(::testing::Values(Fault::kNoSpace, Fault::kSync),
                                            ::testing::Values(Lasting::kForever),
                                            ::testing::Values(Power::kStays, Power::kIsLost)),
                         NameOf);

}  // namespace
}  // namespace skep::testing
