// FaultFileSystem: the machine's files below RocksDB, of which the Nth write, sync, rename or open
// fails, and which can lose all that was not synced, as with the loss of power.
//
// It syncs nothing in earnest; it knows what would have been. What is not synced may be lost or
// not; it loses the most that the system's promises allow: bytes that were appended since a file's
// last sync, and files that were made, or put in another's place, since their folder's.
//
// Thread-safety: any thread, but LosePower, when nobody uses it any more.
#ifndef SKEP_TESTS_FAULTS_FAULT_FILE_SYSTEM_H_
#define SKEP_TESTS_FAULTS_FAULT_FILE_SYSTEM_H_

#include <rocksdb/file_system.h>
#include <rocksdb/io_status.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"

namespace skep::testing {

enum class Fault {
  kWrite,       ///< Nothing is written.
  kShortWrite,  ///< Half is written.
  kNoSpace,     ///< Nothing is written, for want of space.
  kSync,        ///< Of a file.
  kFolderSync,
  kRename,
  kOpen,  ///< Of a file to be written.
};

enum class Lasting { kOnce, kForever };

class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  FaultFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultFileSystem"; }

  /// The nth of this kind from now on fails; the first is 0.
  void Arm(Fault fault, std::size_t nth, Lasting lasting);

  /// Whether it came to that.
  bool struck() const;

  /// Takes back what was not synced.
  void LosePower();

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

  // For the files and folders that it hands out.
  rocksdb::IOStatus Strike(Fault fault);
  void Appended(const std::string& path, std::size_t bytes);
  void Truncated(const std::string& path, std::size_t size);
  void Synced(const std::string& path);
  void FolderSynced(const std::string& folder);

 private:
  struct File {
    std::size_t size = 0;
    std::size_t synced = 0;
  };
  // A name that its folder does not have for sure yet, and what it stood for before.
  struct NewName {
    std::optional<std::string> before;
  };

  void Made(const std::string& path) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable base::Mutex mu_;
  std::optional<Fault> fault_ ABSL_GUARDED_BY(mu_);
  Lasting lasting_ ABSL_GUARDED_BY(mu_) = Lasting::kOnce;
  std::size_t left_ ABSL_GUARDED_BY(mu_) = 0;
  bool struck_ ABSL_GUARDED_BY(mu_) = false;
  std::map<std::string, File> files_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, NewName> new_names_ ABSL_GUARDED_BY(mu_);
};

}  // namespace skep::testing

#endif  // SKEP_TESTS_FAULTS_FAULT_FILE_SYSTEM_H_
