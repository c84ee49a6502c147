// The folder of a RocksDB storage: what is ours beside RocksDB's own files.
//
// That is one file, FORMAT, with one line, "skep 1": the version of what the folder holds. It is
// written before anything but the lock, and read before RocksDB is let into the folder, so that an
// older program leaves a newer folder as it is, and nobody's other files are taken for ours.
#ifndef SKEP_STORAGE_ROCKSDB_FOLDER_H_
#define SKEP_STORAGE_ROCKSDB_FOLDER_H_

#include <rocksdb/env.h>
#include <rocksdb/status.h>

#include <string>

#include "skep/result.h"

namespace skep::storage {

/// Whether RocksDB is to make its files, or must find them.
enum class FolderState { kNew, kUsed };

/// RocksDB's lock of a folder, for what is done before RocksDB itself takes it: another process
/// would change the folder meanwhile, or make it at the same time.
class FolderLock {
 public:
  /// `env` outlives the lock.
  FolderLock(rocksdb::Env* env, const std::string& directory);
  /// Gives it back.
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// Errors: FolderError tells who has it.
  rocksdb::Status Take();

 private:
  rocksdb::Env* const env_;
  const std::string path_;
  rocksdb::FileLock* lock_ = nullptr;
};

/// Makes the folder where it is not there, and sees whether it may be opened.
/// Errors: those of OpenRocksDb.
Result<FolderState> PrepareFolder(rocksdb::Env* env, const std::string& directory);

/// Writes the FORMAT file, durably. Replaces one that is there.
rocksdb::Status WriteFormat(rocksdb::Env* env, const std::string& directory);

/// Makes what was made, renamed or removed in the folder durable.
rocksdb::Status SyncFolder(rocksdb::Env* env, const std::string& directory);

/// The folder above it; "." where the path has none.
std::string ParentOf(const std::string& directory);

/// What RocksDB has said while it was opening the folder, where a file that is missing is damage.
Error OpenError(const std::string& directory, const rocksdb::Status& status);

/// What RocksDB has said about the folder, as an error of OpenRocksDb.
Error FolderError(const std::string& directory, const rocksdb::Status& status);

}  // namespace skep::storage

#endif  // SKEP_STORAGE_ROCKSDB_FOLDER_H_
