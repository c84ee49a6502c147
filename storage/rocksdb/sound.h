// Whether a folder that was used before is sound, seen before RocksDB is let into it to write.
//
// RocksDB finds a damaged table only when that is read, and takes a damaged log for one that a loss
// of power has cut off. In the first case it has changed the folder by then; in the second it goes
// on without what was behind the damage, though that was acknowledged.
#ifndef SKEP_STORAGE_ROCKSDB_SOUND_H_
#define SKEP_STORAGE_ROCKSDB_SOUND_H_

#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/status.h>

#include <string>

namespace skep::storage {

/// Reads all tables that are in use, and all logs. Corruption, and RocksDB's other errors, tell
/// what is wrong; one about the lock: another process has the folder. Changes nothing in it.
rocksdb::Status CheckSound(rocksdb::Env* env, const std::string& directory,
                           const rocksdb::Options& options);

}  // namespace skep::storage

#endif  // SKEP_STORAGE_ROCKSDB_SOUND_H_
