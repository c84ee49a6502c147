/// Storage: ordered bytes, in which an engine keeps its state. An embedder may bring its own.
///
/// Keys are ordered as bytes. While an engine is opened, two threads may call Scan at once; later
/// it calls its storage from one thread at a time, but for Checkpoint, which may come at any time.
#ifndef SKEP_STORAGE_H_
#define SKEP_STORAGE_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/result.h"

namespace skep {

/// Changes that belong together. Of several changes of one key the last counts.
///
/// Thread-safety: a value.
class WriteBatch {
 public:
  struct Change {
    std::string key;
    std::string value;
    bool deletes = false;  ///< `value` is empty then.
  };

  void Put(std::string key, std::string value) {
    bytes_ += key.size() + value.size();
    changes_.push_back({std::move(key), std::move(value), false});
  }

  /// Fine where there is no such key.
  void Delete(std::string key) {
    bytes_ += key.size();
    changes_.push_back({std::move(key), {}, true});
  }

  /// The changes of `later`, after those that are here.
  void Append(WriteBatch later) {
    bytes_ += later.bytes_;
    if (changes_.empty()) {
      changes_ = std::move(later.changes_);
    } else {
      std::move(later.changes_.begin(), later.changes_.end(), std::back_inserter(changes_));
    }
  }

  bool empty() const { return changes_.empty(); }
  std::size_t bytes() const { return bytes_; }
  const std::vector<Change>& changes() const { return changes_; }

 private:
  std::vector<Change> changes_;
  std::size_t bytes_ = 0;
};

/// What an acknowledged change of an engine survives.
enum class Durability {
  kSync,   ///< The loss of power: each commit is synced.
  kAsync,  ///< The end of the process. After a loss of power the newest changes may be missing.
};

/// What must have happened when a commit returns.
enum class Sync {
  kYes,  ///< It survives the loss of power.
  kNo,   ///< It survives the end of the process.
};

class Storage {
 public:
  virtual ~Storage() = default;

  /// All of the batch or nothing. After an error the storage is not written to again: what it then
  /// holds is known only after it was opened anew.
  virtual Status Commit(const WriteBatch& batch, Sync sync) = 0;

  /// Calls `fn` for each key with the prefix, in order, until it returns false. The views are valid
  /// during the call. Sees all that was committed before.
  virtual Status Scan(
      std::string_view prefix,
      const std::function<bool(std::string_view key, std::string_view value)>& fn) const = 0;

  /// A copy of all that was committed, in a folder that must not exist. Errors: kUnsupported, or
  /// what the disk says; then nothing is left of it.
  virtual Status Checkpoint(const std::string& directory) = 0;
};

}  // namespace skep

#endif  // SKEP_STORAGE_H_
