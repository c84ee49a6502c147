#include "tests/storage/backends.h"

#include <memory>

#include "skep/memory_storage.h"

namespace skep::testing {
namespace {

class MemoryBackend final : public Backend {
 public:
  Storage& storage() override { return *storage_; }
  void Reopen() override { storage_ = storage_->AfterCrash(); }

 private:
  std::shared_ptr<MemoryStorage> storage_ = MemoryStorage::Create();
};

}  // namespace

std::vector<BackendFactory> AllBackends() {
  return {{"Memory", [] { return std::make_unique<MemoryBackend>(); }}};
}

}  // namespace skep::testing
