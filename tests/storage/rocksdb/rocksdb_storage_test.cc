// What a folder is opened by, and what not: each refusal leaves the folder as it was.
#include "storage/rocksdb/rocksdb_storage.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "skep/rocksdb_storage.h"
#include "tests/support/error_matchers.h"
#include "tests/support/storage_keys.h"
#include "tests/support/temp_folder.h"

namespace skep::testing {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteFile(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

// Every file's name and content.
std::map<std::string, std::string> ContentOf(const std::string& folder) {
  std::map<std::string, std::string> content;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    content[entry.path().string()] = entry.is_regular_file() ? ReadFile(entry.path()) : "";
  }
  return content;
}

// Another byte in place of one; the former one when done twice.
void Damage(const fs::path& path, std::size_t at) {
  std::string content = ReadFile(path);
  content.at(at) = static_cast<char>(content.at(at) ^ 0x10);
  WriteFile(path, content);
}

void Put(Storage& storage, std::string key, Sync sync = Sync::kYes) {
  WriteBatch batch;
  batch.Put(std::move(key), "");
  storage.Commit(batch, sync).value();
}

// Another process, which has the lock of a file as RocksDB takes it, until this is destroyed.
class LockingProcess {
 public:
  explicit LockingProcess(const std::string& path) {
    int locked[2];
    int done[2];
    EXPECT_EQ(pipe(locked), 0);
    EXPECT_EQ(pipe(done), 0);
    id_ = fork();
    if (id_ == 0) {
      close(done[1]);
      const int file = open(path.c_str(), O_RDWR);
      struct flock lock{};
      lock.l_type = F_WRLCK;
      lock.l_whence = SEEK_SET;
      char byte = fcntl(file, F_SETLK, &lock) == 0 ? 'y' : 'n';
      if (write(locked[1], &byte, 1) != 1) _exit(1);
      if (read(done[0], &byte, 1) != 0) _exit(1);
      _exit(0);
    }
    close(done[0]);
    close(locked[1]);
    char taken = 0;
    EXPECT_EQ(read(locked[0], &taken, 1), 1);
    EXPECT_EQ(taken, 'y');
    close(locked[0]);
    done_ = done[1];
  }
  ~LockingProcess() {
    close(done_);
    int status = 0;
    EXPECT_EQ(waitpid(id_, &status, 0), id_);
  }
  LockingProcess(const LockingProcess&) = delete;
  LockingProcess& operator=(const LockingProcess&) = delete;

  pid_t id() const { return id_; }

 private:
  pid_t id_ = 0;
  int done_ = 0;
};

class RocksDbStorageTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Storage>> Open() { return OpenRocksDb({.directory = directory_}); }

  /// A folder with some keys in tables and some in the log, closed.
  void Fill() {
    Put(*Open().value(), "a");
    const auto storage = Open().value();
    Put(*storage, "b");
  }

  /// What a process leaves that ends after `fn` without closing.
  void KillAfter(const std::function<void(Storage&)>& fn) {
    const std::string copy = folder_.path() + "/killed";
    {
      const auto storage = Open().value();
      fn(*storage);
      fs::copy(directory_, copy);
    }
    fs::remove_all(directory_);
    fs::rename(copy, directory_);
  }

  fs::path Manifest() {
    const std::string current = ReadFile(directory_ + "/CURRENT");
    return directory_ + "/" + current.substr(0, current.size() - 1);  // No line break.
  }

  fs::path OneThatEndsAs(const std::string& end) {
    for (const auto& entry : fs::directory_iterator(directory_)) {
      if (entry.path().string().ends_with(end)) return entry.path();
    }
    throw std::runtime_error("no file that ends as " + end);
  }

  /// What opening says, after a look that it has changed nothing.
  Result<std::unique_ptr<Storage>> OpenUnchanged() {
    const auto before = ContentOf(directory_);
    auto opened = Open();
    EXPECT_EQ(ContentOf(directory_), before);
    return opened;
  }

  const TempFolder folder_;
  const std::string directory_ = folder_.path() + "/some/data";
};

TEST_F(RocksDbStorageTest, MakesItsFolderAndThoseAbove) {
  ASSERT_THAT(Open(), IsOk());
  EXPECT_EQ(ReadFile(directory_ + "/FORMAT"), "skep 1\n");
}

TEST_F(RocksDbStorageTest, TakesAnEmptyFolder) {
  fs::create_directories(directory_);
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(RocksDbStorageTest, GoesOnWhereMakingTheFolderWasCutOff) {
  fs::create_directories(directory_);
  WriteFile(directory_ + "/FORMAT.new", "sk");
  EXPECT_THAT(Open(), IsOk());
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(RocksDbStorageTest, SecondOpeningIsToldThatThisProcessHasIt) {
  const auto first = Open().value();
  EXPECT_THAT(Open(), ErrorIs(EngineErrc::kStorageInUse,
                              AllOf(HasSubstr(directory_), HasSubstr("by this process"))));
  Put(*first, "a");
  EXPECT_THAT(Open(), ErrorIs(EngineErrc::kStorageInUse));
}

TEST_F(RocksDbStorageTest, AnotherProcessThatHasItIsNamed) {
  Fill();
  {
    const LockingProcess other(directory_ + "/LOCK");
    EXPECT_THAT(OpenUnchanged(),
                ErrorIs(EngineErrc::kStorageInUse,
                        AllOf(HasSubstr(directory_),
                              HasSubstr("by process " + std::to_string(other.id())))));
  }
  EXPECT_THAT(KeysOf(*Open().value()), ElementsAre("a", "b"));
}

// Two that are started at once on no folder: the first has its lock before it writes anything.
TEST_F(RocksDbStorageTest, AnotherProcessThatIsMakingItIsNamed) {
  fs::create_directories(directory_);
  WriteFile(directory_ + "/LOCK", "");
  for (const char* draft : {"/LOCK", "/FORMAT.new"}) {
    WriteFile(directory_ + draft, "");
    const LockingProcess other(directory_ + "/LOCK");
    EXPECT_THAT(OpenUnchanged(), ErrorIs(EngineErrc::kStorageInUse,
                                         HasSubstr("by process " + std::to_string(other.id()))));
  }
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(RocksDbStorageTest, NewerFormatIsLeftAlone) {
  Fill();
  WriteFile(directory_ + "/FORMAT", "skep 2\n");
  EXPECT_THAT(OpenUnchanged(),
              ErrorIs(EngineErrc::kStorageNewer,
                      AllOf(HasSubstr(directory_), HasSubstr("format 2"), HasSubstr("knows 1"))));
}

TEST_F(RocksDbStorageTest, UnreadableFormatIsLeftAlone) {
  Fill();
  for (const char* text : {"", "skep", "skep 1", "skep x\n", "skep 1 \n", "1\n"}) {
    WriteFile(directory_ + "/FORMAT", text);
    EXPECT_THAT(OpenUnchanged(), ErrorIs(EngineErrc::kStorageCorrupt, HasSubstr(directory_)));
  }
}

TEST_F(RocksDbStorageTest, FilesOfOthersAreLeftAlone) {
  fs::create_directories(directory_);
  WriteFile(directory_ + "/letters.txt", "Dear");
  EXPECT_THAT(OpenUnchanged(), ErrorIs(EngineErrc::kStorageCorrupt, HasSubstr(directory_)));
}

TEST_F(RocksDbStorageTest, MissingFilesAreTold) {
  Fill();
  for (const char* end : {".sst", "CURRENT"}) {
    const fs::path path = OneThatEndsAs(end);
    const std::string content = ReadFile(path);
    fs::remove(path);
    EXPECT_THAT(OpenUnchanged(), ErrorIs(EngineErrc::kStorageCorrupt, HasSubstr(directory_)));
    WriteFile(path, content);
  }
  EXPECT_THAT(KeysOf(*Open().value()), ElementsAre("a", "b"));
}

TEST_F(RocksDbStorageTest, DamagedManifestIsTold) {
  Fill();
  Damage(Manifest(), fs::file_size(Manifest()) / 2);
  EXPECT_THAT(OpenUnchanged(), ErrorIs(EngineErrc::kStorageCorrupt, HasSubstr(directory_)));
}

TEST_F(RocksDbStorageTest, MissingManifestIsTold) {
  Fill();
  fs::remove(Manifest());
  EXPECT_THAT(OpenUnchanged(), ErrorIs(EngineErrc::kStorageCorrupt, HasSubstr(directory_)));
}

TEST_F(RocksDbStorageTest, DamagedTableIsTold) {
  Put(*Open().value(), "a");
  const fs::path table = OneThatEndsAs(".sst");
  Damage(table, 8);
  EXPECT_THAT(OpenUnchanged(), ErrorIs(EngineErrc::kStorageCorrupt,
                                       AllOf(HasSubstr(directory_), HasSubstr(table.filename()))));
  Damage(table, 8);
  EXPECT_THAT(KeysOf(*Open().value()), ElementsAre("a"));
}

TEST_F(RocksDbStorageTest, TableThatWasNeverFinishedIsNoDamage) {
  Fill();
  WriteFile(directory_ + "/000999.sst", "half a tab");
  EXPECT_THAT(KeysOf(*Open().value()), ElementsAre("a", "b"));
}

// Only what comes last can have been cut off: behind a commit that was synced there is no other one
// before that is on the disk.
TEST_F(RocksDbStorageTest, DamagedLogIsTold) {
  const std::string key(100, 'k');
  KillAfter([&](Storage& storage) {
    for (char c = 'a'; c < 'z'; ++c) Put(storage, key + c);
  });
  const fs::path log = OneThatEndsAs(".log");
  const std::size_t size = fs::file_size(log);
  for (std::size_t at = 0; at < size * 9 / 10; at += 13) {
    const bool in_length = at % (size / 25) == 4 || at % (size / 25) == 5;
    if (in_length) continue;  // As if it were cut off.
    Damage(log, at);
    EXPECT_THAT(OpenUnchanged(), ErrorIs(EngineErrc::kStorageCorrupt,
                                         AllOf(HasSubstr(directory_), HasSubstr(log.filename()))))
        << at << " of " << size;
    Damage(log, at);
  }
  EXPECT_THAT(KeysOf(*Open().value()), SizeIs(25));
}

// Records of several blocks, one of whose sectors a disk has lost.
TEST_F(RocksDbStorageTest, LogWithALostSectorIsTold) {
  KillAfter([](Storage& storage) {
    for (char c = 'a'; c < 'i'; ++c) Put(storage, std::string(50'000, 'k') + c);
  });
  const fs::path log = OneThatEndsAs(".log");
  const std::string content = ReadFile(log);
  constexpr std::size_t kSectorBytes = 512;
  for (std::size_t at = 0; at < content.size() * 7 / 8 - kSectorBytes; at += 23 * kSectorBytes) {
    WriteFile(log, std::string(content).replace(at, kSectorBytes, kSectorBytes, '\0'));
    EXPECT_THAT(OpenUnchanged(), ErrorIs(EngineErrc::kStorageCorrupt, HasSubstr(log.filename())))
        << at << " of " << content.size();
  }
  WriteFile(log, content);
  EXPECT_THAT(KeysOf(*Open().value()), SizeIs(8));
}

TEST_F(RocksDbStorageTest, LogThatEndsAnywhereIsGoodUpToThere) {
  KillAfter([](Storage& storage) {
    for (char c = 'a'; c < 'e'; ++c) Put(storage, std::string(20'000, 'k') + c);
  });
  const fs::path log = OneThatEndsAs(".log");
  const std::string content = ReadFile(log);
  for (std::size_t size = 0; size <= content.size(); size += content.size() / 40) {
    const std::string copy = folder_.path() + "/copy";
    fs::copy(directory_, copy);
    WriteFile(fs::path(copy) / log.filename(), content.substr(0, size));
    const auto storage = OpenRocksDb({.directory = copy}).value();
    EXPECT_THAT(KeysOf(*storage), SizeIs(4 * size / content.size())) << size;
    fs::remove_all(copy);
  }
}

// A loss of power may have left any part of what was not synced.
TEST_F(RocksDbStorageTest, LogWithCommitsThatWereNotSyncedEndsWhereItCannotBeRead) {
  KillAfter([](Storage& storage) {
    Put(storage, "a");
    for (const char* key : {"b", "c", "d"}) Put(storage, key, Sync::kNo);
  });
  const fs::path log = OneThatEndsAs(".log");
  Damage(log, fs::file_size(log) / 2);
  EXPECT_THAT(KeysOf(*Open().value()), ElementsAre("a", "b"));
}

TEST_F(RocksDbStorageTest, FileInTheFoldersPlaceIsTold) {
  fs::create_directories(folder_.path() + "/some");
  WriteFile(directory_, "Dear");
  EXPECT_THAT(Open(), ErrorIs(EngineErrc::kSystem,
                              AllOf(HasSubstr(directory_), HasSubstr("Not a directory"))));
}

TEST_F(RocksDbStorageTest, FolderBelowAFileIsTold) {
  WriteFile(folder_.path() + "/some", "");
  EXPECT_THAT(Open(), ErrorIs(EngineErrc::kSystem, HasSubstr(directory_)));
}

TEST_F(RocksDbStorageTest, OptionsOutsideTheirLimitsAreTold) {
  EXPECT_THAT(OpenRocksDb({}), ErrorIs(EngineErrc::kInvalidOptions, HasSubstr("directory")));
  EXPECT_THAT(OpenRocksDb({.directory = directory_, .memtable_bytes = 1}),
              ErrorIs(EngineErrc::kInvalidOptions, HasSubstr("memtable_bytes")));
  EXPECT_FALSE(fs::exists(directory_));
}

TEST_F(RocksDbStorageTest, CheckpointIsAFolderLikeIt) {
  const auto storage = Open().value();
  Put(*storage, "a");
  const std::string copy = folder_.path() + "/copy";
  ASSERT_THAT(storage->Checkpoint(copy), IsOk());
  Put(*storage, "b");
  const auto copied = OpenRocksDb({.directory = copy}).value();
  EXPECT_THAT(KeysOf(*copied), ElementsAre("a"));
  Put(*copied, "c");
  EXPECT_THAT(KeysOf(*storage), ElementsAre("a", "b"));
}

TEST_F(RocksDbStorageTest, CheckpointGoesToNoFolderThatIsThere) {
  const auto storage = Open().value();
  const std::string copy = folder_.path() + "/copy";
  fs::create_directories(copy);
  EXPECT_THAT(storage->Checkpoint(copy), ErrorIs(EngineErrc::kSystem, HasSubstr(copy)));
  EXPECT_THAT(ContentOf(copy), IsEmpty());
  const std::string nowhere = folder_.path() + "/no/where";
  EXPECT_THAT(storage->Checkpoint(nowhere), ErrorIs(EngineErrc::kSystem, HasSubstr(nowhere)));
  EXPECT_FALSE(fs::exists(folder_.path() + "/no"));
}

TEST_F(RocksDbStorageTest, CheckpointGoesOnWhereOneWasCutOff) {
  const auto storage = Open().value();
  Put(*storage, "a");
  const std::string copy = folder_.path() + "/copy";
  fs::create_directories(copy + ".partial");
  WriteFile(copy + ".partial/CURRENT", "?");
  ASSERT_THAT(storage->Checkpoint(copy), IsOk());
  EXPECT_FALSE(fs::exists(copy + ".partial"));
  EXPECT_THAT(KeysOf(*OpenRocksDb({.directory = copy}).value()), ElementsAre("a"));
}

// Its name is nobody's but it may be.
TEST_F(RocksDbStorageTest, CheckpointLeavesFilesOfOthersBesideItAlone) {
  const auto storage = Open().value();
  Put(*storage, "a");
  const std::string copy = folder_.path() + "/copy";
  for (const char* end : {".partial", ".partial.tmp"}) {
    const std::string beside = copy + end;
    fs::create_directories(beside + "/photos");
    WriteFile(beside + "/letters.txt", "Dear");
    const auto before = ContentOf(beside);
    EXPECT_THAT(storage->Checkpoint(copy), ErrorIs(EngineErrc::kSystem, HasSubstr(beside)));
    EXPECT_EQ(ContentOf(beside), before);
    EXPECT_FALSE(fs::exists(copy));
    fs::remove_all(beside);
  }
  EXPECT_THAT(storage->Checkpoint(copy), IsOk());
}

TEST_F(RocksDbStorageTest, CheckpointsNameMayEndInASlash) {
  const auto storage = Open().value();
  Put(*storage, "a");
  const std::string copy = folder_.path() + "/copy";
  ASSERT_THAT(storage->Checkpoint(copy + "//"), IsOk());
  EXPECT_THAT(storage->Checkpoint(copy + "/"), ErrorIs(EngineErrc::kSystem, HasSubstr(copy)));
  EXPECT_THAT(KeysOf(*OpenRocksDb({.directory = copy}).value()), ElementsAre("a"));
}

TEST_F(RocksDbStorageTest, OneOfManyCheckpointsOfOneNameIsMade) {
  const auto storage = Open().value();
  Put(*storage, "a");
  const std::string copy = folder_.path() + "/copy";
  std::atomic<int> made{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const Status status = storage->Checkpoint(copy);
      if (status.ok()) return void(++made);
      EXPECT_THAT(status, ErrorIs(EngineErrc::kSystem, HasSubstr("is there already")));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_THAT(KeysOf(*OpenRocksDb({.directory = copy}).value()), ElementsAre("a"));
}

}  // namespace
}  // namespace skep::testing
