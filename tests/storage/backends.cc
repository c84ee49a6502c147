#include "tests/storage/backends.h"

#include <memory>

#include "skep/memory_storage.h"
#include "tests/support/temp_folder.h"
#if defined(SKEP_WITH_ROCKSDB)
#include "skep/rocksdb_storage.h"
#endif

namespace skep::testing {
namespace {

class MemoryBackend final : public Backend {
 public:
  Storage& storage() override { return *storage_; }
  void Reopen() override { storage_ = storage_->AfterCrash(); }

 private:
  std::shared_ptr<MemoryStorage> storage_ = MemoryStorage::Create();
};

#if defined(SKEP_WITH_ROCKSDB)
class RocksDbBackend final : public Backend {
 public:
  RocksDbBackend() { Open(); }
  Storage& storage() override { return *storage_; }
  void Reopen() override {
    storage_.reset();
    Open();
  }

 private:
  void Open() { storage_ = OpenRocksDb({.directory = folder_.path() + "/data"}).value(); }

  const TempFolder folder_;
  std::unique_ptr<Storage> storage_;
};
#endif

}  // namespace

std::vector<BackendFactory> AllBackends() {
  return {
      {"Memory", [] { return std::make_unique<MemoryBackend>(); }},
#if defined(SKEP_WITH_ROCKSDB)
      {"RocksDb", [] { return std::make_unique<RocksDbBackend>(); }},
#endif
  };
}

}  // namespace skep::testing
