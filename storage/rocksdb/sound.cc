#include "storage/rocksdb/sound.h"

#include <rocksdb/db.h>
#include <rocksdb/metadata.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "storage/rocksdb/folder.h"
#include "storage/rocksdb/log_check.h"

namespace skep::storage {
namespace {

rocksdb::Status CheckTable(const std::string& path, const rocksdb::Options& options) {
  rocksdb::SstFileReader table(options);
  const rocksdb::Status status = table.Open(path);
  return status.ok() ? table.VerifyChecksum() : status;
}

// Whether the table is one of the state's, and not what a process has left that ended while it
// wrote it.
rocksdb::Status CheckInUse(const std::string& directory, const rocksdb::Options& options,
                           std::string_view table, const rocksdb::Status& damage) {
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, directory, &opened);
  if (!status.ok()) return status;
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::vector<rocksdb::LiveFileMetaData> files;
  db->GetLiveFilesMetaData(&files);
  const bool is_used = std::ranges::any_of(files, [&](const rocksdb::LiveFileMetaData& file) {
    return file.relative_filename == table;
  });
  return is_used ? damage : rocksdb::Status::OK();
}

}  // namespace

rocksdb::Status CheckSound(rocksdb::Env* env, const std::string& directory,
                           const rocksdb::Options& options) {
  FolderLock lock(env, directory);
  // A folder without the file is nobody's, and gets none.
  rocksdb::Status status;
  if (env->FileExists(directory + "/LOCK").ok()) status = lock.Take();
  std::vector<std::string> files;
  if (status.ok()) status = env->GetChildren(directory, &files);
  for (const std::string& file : files) {
    if (!status.ok()) break;
    const std::string path = directory + "/" + file;
    if (file.ends_with(".log")) status = CheckLog(env, path);
    if (!file.ends_with(".sst")) continue;
    const rocksdb::Status table = CheckTable(path, options);
    if (!table.ok()) status = CheckInUse(directory, options, file, table);
  }
  return status;
}

}  // namespace skep::storage
