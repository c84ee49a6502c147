// OpenRocksDbIn: OpenRocksDb, with the file system as one wants it.
#ifndef SKEP_STORAGE_ROCKSDB_ROCKSDB_STORAGE_H_
#define SKEP_STORAGE_ROCKSDB_ROCKSDB_STORAGE_H_

#include <rocksdb/env.h>

#include <memory>

#include "skep/result.h"
#include "skep/rocksdb_storage.h"
#include "skep/storage.h"

namespace skep::storage {

/// `env` outlives the storage. All access to files goes through it, but the look at who holds the
/// lock of a folder that is in use.
Result<std::unique_ptr<Storage>> OpenRocksDbIn(rocksdb::Env* env, RocksDbOptions options);

}  // namespace skep::storage

#endif  // SKEP_STORAGE_ROCKSDB_ROCKSDB_STORAGE_H_
