// GatedStorage: a storage in memory whose commits wait for the test's leave, so that a test knows
// what has come while a commit was under way. The gate is open at first.
#ifndef SKEP_TESTS_STORAGE_GATED_STORAGE_H_
#define SKEP_TESTS_STORAGE_GATED_STORAGE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "skep/memory_storage.h"
#include "skep/storage.h"

namespace skep::testing {

class GatedStorage final : public Storage {
 public:
  struct Commits {
    std::vector<std::string> keys;
    Sync sync;
  };

  explicit GatedStorage(std::shared_ptr<MemoryStorage> under = MemoryStorage::Create())
      : under_(std::move(under)) {}

  MemoryStorage& under() { return *under_; }

  void Close() { Set(false); }
  void Open() { Set(true); }

  /// Returns when so many commits, since the beginning, have come to the gate.
  void AwaitBegun(std::size_t count) {
    base::MutexLock lock(&mu_);
    while (begun_.size() < count) changed_.Wait(&mu_);
  }

  /// What each commit that has come to the gate has brought.
  std::vector<Commits> begun() const {
    base::MutexLock lock(&mu_);
    return begun_;
  }

  Status Commit(const WriteBatch& batch, Sync sync) override {
    {
      base::MutexLock lock(&mu_);
      Commits commit{{}, sync};
      for (const WriteBatch::Change& change : batch.changes()) commit.keys.push_back(change.key);
      begun_.push_back(std::move(commit));
      changed_.NotifyAll();
      while (!open_) changed_.Wait(&mu_);
    }
    return under_->Commit(batch, sync);
  }

  Status Scan(std::string_view prefix,
              const std::function<bool(std::string_view, std::string_view)>& fn) const override {
    return under_->Scan(prefix, fn);
  }

  Status Checkpoint(const std::string& directory) override { return under_->Checkpoint(directory); }

 private:
  void Set(bool open) {
    base::MutexLock lock(&mu_);
    open_ = open;
    changed_.NotifyAll();
  }

  const std::shared_ptr<MemoryStorage> under_;
  mutable base::Mutex mu_;
  base::CondVar changed_;
  bool open_ ABSL_GUARDED_BY(mu_) = true;
  std::vector<Commits> begun_ ABSL_GUARDED_BY(mu_);
};

}  // namespace skep::testing

#endif  // SKEP_TESTS_STORAGE_GATED_STORAGE_H_
