/// OpenRocksDb: a storage in a folder of the local disk, by RocksDB. Link skep::rocksdb.
///
///   auto storage = skep::OpenRocksDb({.directory = "./skep-data"});
///   if (!storage.ok()) return Fail(storage.error().ToString());
///   auto engine = skep::Engine::Open({.storage = *std::move(storage)});
///
/// What a commit with Sync::kYes has written survives the loss of power, as far as the disk does
/// not lie about its syncs. The folder holds everything: to move it, or to make a copy, stop
/// whoever has it open, or take a checkpoint, which is such a folder again.
#ifndef SKEP_ROCKSDB_STORAGE_H_
#define SKEP_ROCKSDB_STORAGE_H_

#include <cstddef>
#include <memory>
#include <string>

#include "skep/log.h"
#include "skep/result.h"
#include "skep/storage.h"

namespace skep {

struct RocksDbOptions {
  /// Made, with the folders above it, where it is not there.
  std::string directory{};

  /// Null: nothing is logged.
  LogSink log{};

  // ---- Performance ----

  /// Memory for what was read from disk last. An engine reads at its start only.
  std::size_t block_cache_bytes = std::size_t{8} << 20;

  /// Memory for what was written last, all together; at least kMemtableBytesMin. After a crash so
  /// much is read from the log anew.
  std::size_t memtable_bytes = std::size_t{64} << 20;
};

inline constexpr std::size_t kMemtableBytesMin = std::size_t{256} << 10;

/// Opens the folder, which is then this storage's alone until it is destroyed.
///
/// Errors, each of which names the folder and says what to do: kInvalidOptions; kStorageInUse, with
/// the process that has it where that is known; kStorageNewer, written by a newer version;
/// kStorageCorrupt, damaged, or other files than ours in it; kSystem, the operating system's word,
/// such as a permission or a full disk. None of them changes what is in the folder.
///
/// Thread-safety of the storage: as storage.h; Checkpoint from any thread.
Result<std::unique_ptr<Storage>> OpenRocksDb(RocksDbOptions options);

}  // namespace skep

#endif  // SKEP_ROCKSDB_STORAGE_H_
