/// MemoryStorage: a storage without a disk, for tests of what survives.
///
/// What it holds outlives the engine, not the process. It knows which commits were synced, so that
/// a test can have the crash of a process, or the loss of power, at any moment it likes:
///
///   auto disk = skep::MemoryStorage::Create();
///   auto engine = skep::Engine::Open({.storage = disk}).value();
///   ...
///   auto after = skep::Engine::Open({.storage = disk->AfterPowerLoss()}).value();
///
/// Thread-safety: all members may be called from any thread.
#ifndef SKEP_MEMORY_STORAGE_H_
#define SKEP_MEMORY_STORAGE_H_

#include <cstddef>
#include <memory>

#include "skep/error.h"
#include "skep/storage.h"

namespace skep {

class MemoryStorage : public Storage {
 public:
  /// An empty one.
  static std::shared_ptr<MemoryStorage> Create();

  /// A copy of what a new process would find if this one ended now: all that was committed.
  virtual std::shared_ptr<MemoryStorage> AfterCrash() const = 0;

  /// A copy of what would be found if the machine lost its power now: what was committed up to the
  /// last commit with Sync::kYes.
  virtual std::shared_ptr<MemoryStorage> AfterPowerLoss() const = 0;

  /// Lets so many more commits succeed; each one after them fails with `error` and changes nothing.
  virtual void FailAfter(std::size_t commits, Error error) = 0;
};

}  // namespace skep

#endif  // SKEP_MEMORY_STORAGE_H_
