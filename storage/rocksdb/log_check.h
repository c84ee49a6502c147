// A log of RocksDB's, looked at for damage that RocksDB would take for the loss of power.
//
// A log is a row of records, each written and, unless it says otherwise, synced before the next one
// is begun. So what power or process was lost in is at the end; where a record cannot be read and a
// later one can, what could not be read had been acknowledged:
//
//   [1][2][3][4|            the process ended within 4: dropped, nobody was told
//   [1][?][3][4]            2 is damaged: an error
//
// In a log with commits that were not synced (kUnsyncedMark) a loss of power may have left any part
// of them, and nothing can be told.
//
// Layout: blocks of 32 KiB; fragments, none across blocks: CRC-32C of type and bytes, rotated and
// shifted (4 bytes), length (2), type (1: a whole record; 2, 3, 4: its first, middle and last
// part), bytes. Numbers have their lowest byte first. Fewer than 7 bytes at a block's end are left
// out.
#ifndef SKEP_STORAGE_ROCKSDB_LOG_CHECK_H_
#define SKEP_STORAGE_ROCKSDB_LOG_CHECK_H_

#include <rocksdb/env.h>
#include <rocksdb/status.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skep::storage {

/// What a commit that is not synced begins with in the log, and nowhere else.
inline constexpr std::string_view kUnsyncedMark = "unsynced";

/// A log that is fed block by block.
///
/// Thread-safety: a value.
class LogCheck {
 public:
  static constexpr std::size_t kBlockBytes = std::size_t{32} << 10;

  /// The next block; only the last one is shorter.
  void Add(std::string_view block);

  /// Where the damage is; nothing: there is none, or none that can be told.
  std::optional<std::uint64_t> damage() const;

 private:
  void Take(std::uint8_t type, std::string_view bytes);
  void Bad(std::uint64_t at);

  std::uint64_t begin_ = 0;           ///< Of the block.
  std::optional<std::uint64_t> bad_;  ///< The first that could not be read.
  bool open_ = false;                 ///< A record has begun, and not ended.
  bool later_ = false;                ///< A whole record comes behind it.
  bool unsynced_ = false;
};

/// Corruption names the file and the place. Other errors: those of reading it.
rocksdb::Status CheckLog(rocksdb::Env* env, const std::string& path);

}  // namespace skep::storage

#endif  // SKEP_STORAGE_ROCKSDB_LOG_CHECK_H_
