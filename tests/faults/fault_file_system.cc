#include "tests/faults/fault_file_system.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace skep::testing {
namespace {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

std::string FolderOf(const std::string& path) { return fs::path(path).parent_path().string(); }

std::optional<std::string> ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class FaultFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultFile(FaultFileSystem* files, std::string path, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), files_(*files), path_(std::move(path)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    for (const Fault fault : {Fault::kWrite, Fault::kNoSpace}) {
      if (IOStatus struck = files_.Strike(fault); !struck.ok()) return struck;
    }
    if (IOStatus struck = files_.Strike(Fault::kShortWrite); !struck.ok()) {
      const Slice half(data.data(), data.size() / 2);
      if (target()->Append(half, options, debug).ok()) files_.Appended(path_, half.size());
      return struck;
    }
    IOStatus status = target()->Append(data, options, debug);
    if (status.ok()) files_.Appended(path_, data.size());
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = target()->Truncate(size, options, debug);
    if (status.ok()) files_.Truncated(path_, size);
    return status;
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    IOStatus struck = files_.Strike(Fault::kSync);
    if (struck.ok()) files_.Synced(path_);
    return struck;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  FaultFileSystem& files_;
  const std::string path_;
};

class FaultFolder final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultFolder(FaultFileSystem* files, std::string path,
              std::unique_ptr<rocksdb::FSDirectory> folder)
      : FSDirectoryWrapper(std::move(folder)), files_(*files), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    IOStatus struck = files_.Strike(Fault::kFolderSync);
    if (struck.ok()) files_.FolderSynced(path_);
    return struck;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  FaultFileSystem& files_;
  const std::string path_;
};

}  // namespace

void FaultFileSystem::Arm(Fault fault, std::size_t nth, Lasting lasting) {
  base::MutexLock lock(&mu_);
  fault_ = fault;
  left_ = nth;
  lasting_ = lasting;
}

bool FaultFileSystem::struck() const {
  base::MutexLock lock(&mu_);
  return struck_;
}

IOStatus FaultFileSystem::Strike(Fault fault) {
  base::MutexLock lock(&mu_);
  if (fault_ != fault) return IOStatus::OK();
  if (left_ > 0) {
    --left_;
    return IOStatus::OK();
  }
  if (struck_ && lasting_ == Lasting::kOnce) return IOStatus::OK();
  struck_ = true;
  if (fault == Fault::kNoSpace) return IOStatus::NoSpace("no space, says the test");
  return IOStatus::IOError("it fails, says the test");
}

void FaultFileSystem::LosePower() {
  base::MutexLock lock(&mu_);
  for (const auto& [path, file] : files_) {
    std::error_code gone;
    if (fs::exists(path, gone) && file.synced < file.size) fs::resize_file(path, file.synced);
  }
  for (const auto& [path, name] : new_names_) {
    std::error_code gone;
    fs::remove_all(path, gone);
    if (name.before.has_value()) std::ofstream(path, std::ios::binary) << *name.before;
  }
}

void FaultFileSystem::Made(const std::string& path) {
  files_[path] = {};
  new_names_.try_emplace(path);
}

void FaultFileSystem::Appended(const std::string& path, std::size_t bytes) {
  base::MutexLock lock(&mu_);
  files_[path].size += bytes;
}

void FaultFileSystem::Truncated(const std::string& path, std::size_t size) {
  base::MutexLock lock(&mu_);
  files_[path].size = size;
}

void FaultFileSystem::Synced(const std::string& path) {
  base::MutexLock lock(&mu_);
  File& file = files_[path];
  file.synced = file.size;
}

void FaultFileSystem::FolderSynced(const std::string& folder) {
  base::MutexLock lock(&mu_);
  std::erase_if(new_names_, [&](const auto& name) { return FolderOf(name.first) == folder; });
}

IOStatus FaultFileSystem::NewWritableFile(const std::string& path,
                                          const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* file,
                                          IODebugContext* debug) {
  if (IOStatus struck = Strike(Fault::kOpen); !struck.ok()) return struck;
  std::unique_ptr<rocksdb::FSWritableFile> opened;
  IOStatus status = target()->NewWritableFile(path, options, &opened, debug);
  if (!status.ok()) return status;
  {
    base::MutexLock lock(&mu_);
    Made(path);
  }
  *file = std::make_unique<FaultFile>(this, path, std::move(opened));
  return status;
}

IOStatus FaultFileSystem::ReopenWritableFile(const std::string& path,
                                             const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* file,
                                             IODebugContext* debug) {
  if (IOStatus struck = Strike(Fault::kOpen); !struck.ok()) return struck;
  std::unique_ptr<rocksdb::FSWritableFile> opened;
  IOStatus status = target()->ReopenWritableFile(path, options, &opened, debug);
  if (status.ok()) *file = std::make_unique<FaultFile>(this, path, std::move(opened));
  return status;
}

IOStatus FaultFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                       std::unique_ptr<rocksdb::FSDirectory>* directory,
                                       IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> opened;
  IOStatus status = target()->NewDirectory(path, options, &opened, debug);
  if (status.ok()) *directory = std::make_unique<FaultFolder>(this, path, std::move(opened));
  return status;
}

IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to,
                                     const IOOptions& options, IODebugContext* debug) {
  if (IOStatus struck = Strike(Fault::kRename); !struck.ok()) return struck;
  std::optional<std::string> before = ContentOf(to);
  IOStatus status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  base::MutexLock lock(&mu_);
  if (const auto moved = files_.extract(from)) files_[to] = moved.mapped();
  new_names_.erase(from);
  new_names_.try_emplace(to, NewName{std::move(before)});
  return status;
}

IOStatus FaultFileSystem::DeleteFile(const std::string& path, const IOOptions& options,
                                     IODebugContext* debug) {
  IOStatus status = target()->DeleteFile(path, options, debug);
  if (!status.ok()) return status;
  base::MutexLock lock(&mu_);
  files_.erase(path);
  new_names_.erase(path);
  return status;
}

}  // namespace skep::testing
