#include "skep/memory_storage.h"

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace skep {
namespace {

using Bytes = std::map<std::string, std::string, std::less<>>;

void Apply(const WriteBatch& batch, Bytes* bytes) {
  for (const WriteBatch::Change& change : batch.changes()) {
    if (change.deletes) {
      bytes->erase(change.key);
    } else {
      bytes->insert_or_assign(change.key, change.value);
    }
  }
}

class MemoryStorageImpl final : public MemoryStorage {
 public:
  explicit MemoryStorageImpl(Bytes bytes) : committed_(bytes), synced_(std::move(bytes)) {}

  Status Commit(const WriteBatch& batch, Sync sync) override {
    base::MutexLock lock(&mu_);
    if (commits_left_ == 0) return *failure_;
    if (failure_.has_value()) --commits_left_;
    Apply(batch, &committed_);
    unsynced_.push_back(batch);
    if (sync == Sync::kYes) {
      for (const WriteBatch& kept : unsynced_) Apply(kept, &synced_);
      unsynced_.clear();
    }
    return {};
  }

  // `fn` may take locks of its own, so it is called with none held: some at a time are copied.
  Status Scan(std::string_view prefix,
              const std::function<bool(std::string_view, std::string_view)>& fn) const override {
    std::string from(prefix);
    while (true) {
      const Some some = SomeFrom(from, prefix);
      for (const auto& [key, value] : some) {
        if (!fn(key, value)) return {};
      }
      if (some.size() < kAtOnce) return {};
      // The smallest key that is above the last one.
      from = some.back().first + '\0';
    }
  }

  Status Checkpoint(const std::string&) override {
    return Error(EngineErrc::kUnsupported, "a storage in memory has no folder to copy");
  }

  std::shared_ptr<MemoryStorage> AfterCrash() const override {
    base::MutexLock lock(&mu_);
    return std::make_shared<MemoryStorageImpl>(committed_);
  }

  std::shared_ptr<MemoryStorage> AfterPowerLoss() const override {
    base::MutexLock lock(&mu_);
    return std::make_shared<MemoryStorageImpl>(synced_);
  }

  void FailAfter(std::size_t commits, Error error) override {
    base::MutexLock lock(&mu_);
    commits_left_ = commits;
    failure_ = std::move(error);
  }

 private:
  static constexpr std::size_t kAtOnce = 128;
  using Some = std::vector<std::pair<std::string, std::string>>;

  Some SomeFrom(const std::string& from, std::string_view prefix) const {
    Some some;
    base::MutexLock lock(&mu_);
    for (auto at = committed_.lower_bound(from); at != committed_.end(); ++at) {
      if (some.size() == kAtOnce || !at->first.starts_with(prefix)) break;
      some.emplace_back(*at);
    }
    return some;
  }

  mutable base::Mutex mu_;
  Bytes committed_ ABSL_GUARDED_BY(mu_);
  Bytes synced_ ABSL_GUARDED_BY(mu_);
  std::vector<WriteBatch> unsynced_ ABSL_GUARDED_BY(mu_);  ///< What committed_ has before synced_.
  std::optional<Error> failure_ ABSL_GUARDED_BY(mu_);
  std::size_t commits_left_ ABSL_GUARDED_BY(mu_) = std::numeric_limits<std::size_t>::max();
};

}  // namespace

std::shared_ptr<MemoryStorage> MemoryStorage::Create() {
  return std::make_shared<MemoryStorageImpl>(Bytes{});
}

}  // namespace skep
