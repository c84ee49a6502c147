#include "storage/rocksdb/rocksdb_storage.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "storage/rocksdb/folder.h"
#include "storage/rocksdb/log_check.h"
#include "storage/rocksdb/sound.h"

namespace skep::storage {
namespace {

std::string_view ViewOf(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// The smallest key that is above all with the prefix; empty: there is none.
std::string EndOf(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

// Whether a checkpoint has files of this name.
bool IsOfCheckpoint(std::string_view name) {
  constexpr std::string_view kBeginnings[] = {"CURRENT", "FORMAT", "IDENTITY", "MANIFEST-",
                                              "OPTIONS-"};
  return name.ends_with(".sst") || name.ends_with(".log") || name.ends_with(".dbtmp") ||
         std::ranges::any_of(kBeginnings,
                             [&](std::string_view begin) { return name.starts_with(begin); });
}

// RocksDB's own log goes to no file of its own: the warnings and errors in it are our log's, from
// when the folder is open. What keeps it from being opened is told to the one who opens it.
class LogBridge final : public rocksdb::Logger {
 public:
  explicit LogBridge(LogSink log)
      : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), log_(std::move(log)) {}

  void Begin() { begun_ = true; }

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    Logv(rocksdb::InfoLogLevel::WARN_LEVEL, format, arguments);
  }
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (!log_ || !begun_ || level < GetInfoLogLevel() ||
        level == rocksdb::InfoLogLevel::HEADER_LEVEL)
      return;
    char line[512];
    const int size = std::vsnprintf(line, sizeof line, format, arguments);
    if (size <= 0) return;
    log_(level == rocksdb::InfoLogLevel::WARN_LEVEL ? LogLevel::kWarning : LogLevel::kError,
         "rocksdb: " + std::string(line));
  }

 private:
  const LogSink log_;
  std::atomic<bool> begun_{false};
};

rocksdb::Options OptionsOf(rocksdb::Env* env, const RocksDbOptions& options, FolderState state,
                           std::shared_ptr<rocksdb::Logger> log) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  table.format_version = 5;

  rocksdb::Options db;
  db.env = env;
  db.create_if_missing = state == FolderState::kNew;
  db.info_log = std::move(log);
  db.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  db.compression = rocksdb::kLZ4Compression;

  // One memtable is filled while another goes to disk.
  db.write_buffer_size = options.memtable_bytes / 2;
  db.max_write_buffer_number = 2;
  db.max_background_jobs = 2;
  constexpr int kOpenFilesMax = 256;
  db.max_open_files = kOpenFilesMax;

  // After the loss of power the log may end in a record that was never acknowledged; it is dropped.
  // That a log which was synced is missing, or too short, is an error.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.track_and_verify_wals_in_manifest = true;
  // After a failed write RocksDB must not take up writing again by itself.
  db.max_bgerror_resume_count = 0;
  return db;
}

class RocksDbStorage final : public Storage {
 public:
  RocksDbStorage(rocksdb::Env* env, std::string directory, std::unique_ptr<rocksdb::DB> db)
      : env_(env), directory_(std::move(directory)), db_(std::move(db)) {}

  // What is in memory goes to the tables, so that the next one to open the folder reads no log.
  ~RocksDbStorage() override {
    if (!failed_) db_->Flush(rocksdb::FlushOptions()).PermitUncheckedError();
    db_->Close().PermitUncheckedError();
  }

  Status Commit(const WriteBatch& batch, Sync sync) override {
    constexpr std::size_t kHeaderBytes = 32;  // With a mark.
    constexpr std::size_t kChangeBytes = 16;
    rocksdb::WriteBatch changes(kHeaderBytes + batch.bytes() +
                                kChangeBytes * batch.changes().size());
    if (sync == Sync::kNo) {
      const rocksdb::Status marked =
          changes.PutLogData({kUnsyncedMark.data(), kUnsyncedMark.size()});
      if (!marked.ok()) return Told(marked);
    }
    for (const WriteBatch::Change& change : batch.changes()) {
      const rocksdb::Status put =
          change.deletes ? changes.Delete(change.key) : changes.Put(change.key, change.value);
      if (!put.ok()) return Told(put);
    }
    rocksdb::WriteOptions options;
    options.sync = sync == Sync::kYes;
    return Told(db_->Write(options, &changes));
  }

  Status Scan(std::string_view prefix,
              const std::function<bool(std::string_view, std::string_view)>& fn) const override {
    const std::string end = EndOf(prefix);
    const rocksdb::Slice bound(end);
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    constexpr std::size_t kReadaheadBytes = std::size_t{2} << 20;
    options.readahead_size = kReadaheadBytes;
    if (!end.empty()) options.iterate_upper_bound = &bound;
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options));
    for (at->Seek({prefix.data(), prefix.size()}); at->Valid(); at->Next()) {
      const std::string_view key = ViewOf(at->key());
      if (!key.starts_with(prefix) || !fn(key, ViewOf(at->value()))) break;
    }
    if (!at->status().ok()) return FolderError(directory_, at->status());
    return {};
  }

  // Made under another name, so that whoever sees the folder sees all of it. One at a time: of two
  // of one name the other would take the draft for what an attempt has left.
  Status Checkpoint(const std::string& directory) override {
    base::MutexLock lock(&checkpoint_mu_);
    const std::string path = directory.substr(0, directory.find_last_not_of('/') + 1);
    if (path.empty() || env_->FileExists(path).ok()) {
      return Error(EngineErrc::kSystem,
                   "\"" + directory +
                       "\" is there already; name a folder for the checkpoint that "
                       "is not");
    }
    const std::string draft = path + ".partial";
    // RocksDB has a draft of its own.
    for (const std::string& left : {draft, draft + ".tmp"}) {
      if (!Clear(left)) {
        return Error(EngineErrc::kSystem,
                     left + " is in the checkpoint's way, and holds other files; move it");
      }
    }
    rocksdb::Status status = MakeCheckpoint(draft);
    if (status.ok()) status = WriteFormat(env_, draft);
    if (status.ok()) status = env_->RenameFile(draft, path);
    if (status.ok()) status = SyncFolder(env_, ParentOf(path));
    if (status.ok()) return {};
    Clear(draft);
    return FolderError(path, status);
  }

 private:
  Status Told(const rocksdb::Status& status) {
    if (status.ok()) return {};
    failed_ = true;
    return FolderError(directory_, status);
  }

  rocksdb::Status MakeCheckpoint(const std::string& directory) {
    rocksdb::Checkpoint* made = nullptr;
    rocksdb::Status status = rocksdb::Checkpoint::Create(db_.get(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    if (status.ok()) status = checkpoint->CreateCheckpoint(directory);
    return status;
  }

  // Removes what an attempt at a checkpoint has left; false: there is something else in it.
  bool Clear(const std::string& draft) {
    std::vector<std::string> files;
    if (!env_->GetChildren(draft, &files).ok()) return !env_->FileExists(draft).ok();
    std::erase_if(files, [](const std::string& name) { return name == "." || name == ".."; });
    if (!std::ranges::all_of(files, IsOfCheckpoint)) return false;
    for (const std::string& file : files) {
      env_->DeleteFile(draft + "/" + file).PermitUncheckedError();
    }
    env_->DeleteDir(draft).PermitUncheckedError();
    return true;
  }

  rocksdb::Env* const env_;
  const std::string directory_;
  const std::unique_ptr<rocksdb::DB> db_;
  std::atomic<bool> failed_{false};
  base::Mutex checkpoint_mu_;  ///< Held while a checkpoint is made.
};

Status Check(const RocksDbOptions& options) {
  if (options.directory.empty()) {
    return Error(EngineErrc::kInvalidOptions, "directory: name a folder for the state");
  }
  if (options.memtable_bytes < kMemtableBytesMin) {
    return Error(EngineErrc::kInvalidOptions,
                 "memtable_bytes " + std::to_string(options.memtable_bytes) + ": at least " +
                     std::to_string(kMemtableBytesMin));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Storage>> OpenRocksDbIn(rocksdb::Env* env, RocksDbOptions options) {
  if (Status good = Check(options); !good.ok()) return good.error();
  const Result<FolderState> state = PrepareFolder(env, options.directory);
  if (!state.ok()) return state.error();
  const auto log = std::make_shared<LogBridge>(options.log);
  const rocksdb::Options db_options = OptionsOf(env, options, *state, log);
  rocksdb::Status opened;
  if (*state == FolderState::kUsed) opened = CheckSound(env, options.directory, db_options);
  rocksdb::DB* db = nullptr;
  if (opened.ok()) opened = rocksdb::DB::Open(db_options, options.directory, &db);
  if (!opened.ok()) return OpenError(options.directory, opened);
  log->Begin();
  return std::unique_ptr<Storage>(std::make_unique<RocksDbStorage>(
      env, std::move(options.directory), std::unique_ptr<rocksdb::DB>(db)));
}

}  // namespace skep::storage

namespace skep {

Result<std::unique_ptr<Storage>> OpenRocksDb(RocksDbOptions options) {
  return storage::OpenRocksDbIn(rocksdb::Env::Default(), std::move(options));
}

}  // namespace skep
