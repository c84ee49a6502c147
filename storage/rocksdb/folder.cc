#include "storage/rocksdb/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "storage/format.h"

namespace skep::storage {
namespace {

constexpr std::string_view kFormatFile = "/FORMAT";
constexpr std::string_view kFormatDraft = "/FORMAT.new";
constexpr std::string_view kLockFile = "/LOCK";
constexpr std::string_view kFormatWord = "skep ";

std::string PathOf(const std::string& directory, std::string_view file) {
  return directory + std::string(file);
}

// "skep 1\n" -> 1.
std::optional<std::uint64_t> ParseFormat(std::string_view text) {
  if (!text.starts_with(kFormatWord) || !text.ends_with('\n')) return std::nullopt;
  text.remove_prefix(kFormatWord.size());
  text.remove_suffix(1);
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Error Corrupt(const std::string& directory, const std::string& what) {
  return {EngineErrc::kStorageCorrupt,
          directory + ": " + what + "; put a checkpoint in its place, or choose another folder"};
}

Error NotOurs(const std::string& directory) {
  return {EngineErrc::kStorageCorrupt,
          directory +
              " has files in it, but no FORMAT: no folder of skep's; choose an empty or a "
              "new one"};
}

Error Newer(const std::string& directory, std::uint64_t format) {
  return {EngineErrc::kStorageNewer,
          directory + " has format " + std::to_string(format) + ", and this version knows " +
              std::to_string(kFormat) +
              " at most; start the version that wrote it, or choose another folder"};
}

Error SystemError(const std::string& directory, const std::string& said) {
  return {EngineErrc::kSystem,
          directory + ": " + said + "; see to the folder's permissions and the disk's space"};
}

// RocksDB says of each folder that it cannot list that it is not there.
Error CannotList(const std::string& directory, const rocksdb::Status& status) {
  DIR* const opened = opendir(directory.c_str());
  if (opened == nullptr) {
    return SystemError(directory, std::error_code(errno, std::generic_category()).message());
  }
  closedir(opened);
  return SystemError(directory, status.ToString());
}

rocksdb::Status MakeFolder(rocksdb::Env* env, const std::string& directory) {
  if (env->FileExists(directory).ok()) return rocksdb::Status::OK();
  const std::string parent = ParentOf(directory);
  rocksdb::Status status = MakeFolder(env, parent);
  if (status.ok()) status = env->CreateDirIfMissing(directory);
  if (status.ok()) status = SyncFolder(env, parent);
  return status;
}

bool EndsAs(std::string_view name, std::string_view end) { return name.ends_with(end); }

// RocksDB would take a folder without its file CURRENT for a new one, and sweep the others away.
Result<FolderState> StateOf(const std::string& directory, const std::vector<std::string>& files) {
  if (std::ranges::find(files, "CURRENT") != files.end()) return FolderState::kUsed;
  const bool has_data = std::ranges::any_of(
      files, [](const std::string& name) { return EndsAs(name, ".sst") || EndsAs(name, ".log"); });
  if (has_data) return Corrupt(directory, "the file CURRENT is missing");
  return FolderState::kNew;
}

// Who holds RocksDB's lock of the folder; 0: not known.
pid_t HolderOf(const std::string& directory) {
  const int file = open(PathOf(directory, kLockFile).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool asked = fcntl(file, F_GETLK, &lock) == 0;
  close(file);
  return asked && lock.l_type != F_UNLCK ? lock.l_pid : 0;
}

Error InUse(const std::string& directory, std::string_view said) {
  // A look at our own lock's file would end the lock: closing it does.
  const bool is_ours = said.find("lock hold by current process") != said.npos;
  const pid_t holder = is_ours ? getpid() : HolderOf(directory);
  const std::string by = is_ours      ? "this process"
                         : holder > 0 ? "process " + std::to_string(holder)
                                      : "another process";
  return {EngineErrc::kStorageInUse,
          directory + " is in use by " + by + "; stop that, or choose another folder"};
}

bool IsAboutTheLock(std::string_view said) {
  return said.find("While lock file: ") != said.npos ||
         said.find("lock hold by current process") != said.npos;
}

}  // namespace

FolderLock::FolderLock(rocksdb::Env* env, const std::string& directory)
    : env_(env), path_(PathOf(directory, kLockFile)) {}

FolderLock::~FolderLock() {
  if (lock_ != nullptr) env_->UnlockFile(lock_).PermitUncheckedError();
}

rocksdb::Status FolderLock::Take() { return env_->LockFile(path_, &lock_); }

std::string ParentOf(const std::string& directory) {
  const std::size_t last = directory.find_last_not_of('/');
  const std::size_t slash = directory.find_last_of('/', last);
  if (slash == std::string::npos || last == std::string::npos) return ".";
  return slash == 0 ? "/" : directory.substr(0, slash);
}

rocksdb::Status SyncFolder(rocksdb::Env* env, const std::string& directory) {
  std::unique_ptr<rocksdb::Directory> opened;
  rocksdb::Status status = env->NewDirectory(directory, &opened);
  if (status.ok()) status = opened->Fsync();
  return status;
}

rocksdb::Status WriteFormat(rocksdb::Env* env, const std::string& directory) {
  const std::string draft = PathOf(directory, kFormatDraft);
  const std::string text = std::string(kFormatWord) + std::to_string(kFormat) + "\n";
  rocksdb::Status status = rocksdb::WriteStringToFile(env, text, draft, /*should_sync=*/true);
  if (status.ok()) status = env->RenameFile(draft, PathOf(directory, kFormatFile));
  if (status.ok()) status = SyncFolder(env, directory);
  return status;
}

Error OpenError(const std::string& directory, const rocksdb::Status& status) {
  if (status.IsPathNotFound()) return Corrupt(directory, status.ToString());
  return FolderError(directory, status);
}

Error FolderError(const std::string& directory, const rocksdb::Status& status) {
  const std::string said = status.ToString();
  if (IsAboutTheLock(said)) return InUse(directory, said);
  if (status.IsCorruption()) return Corrupt(directory, said);
  return SystemError(directory, said);
}

Result<FolderState> PrepareFolder(rocksdb::Env* env, const std::string& directory) {
  rocksdb::Status status = MakeFolder(env, directory);
  if (!status.ok()) return FolderError(directory, status);
  std::vector<std::string> files;
  status = env->GetChildren(directory, &files);
  if (!status.ok()) return CannotList(directory, status);
  std::erase_if(files, [](const std::string& name) { return name == "." || name == ".."; });
  std::erase(files, kFormatDraft.substr(1));
  std::erase(files, "lost+found");

  if (std::ranges::find(files, kFormatFile.substr(1)) == files.end()) {
    std::erase(files, kLockFile.substr(1));
    if (!files.empty()) return NotOurs(directory);
    FolderLock lock(env, directory);
    status = lock.Take();
    if (status.ok()) status = WriteFormat(env, directory);
    if (!status.ok()) return FolderError(directory, status);
    return FolderState::kNew;
  }
  std::string text;
  status = rocksdb::ReadFileToString(env, PathOf(directory, kFormatFile), &text);
  if (!status.ok()) return FolderError(directory, status);
  const std::optional<std::uint64_t> format = ParseFormat(text);
  if (!format.has_value()) return Corrupt(directory, "the file FORMAT cannot be read");
  if (*format > kFormat) return Newer(directory, *format);
  return StateOf(directory, files);
}

}  // namespace skep::storage
