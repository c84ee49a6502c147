/// Engine: one private world, a registry and a configuration center with their clock.
///
/// Open as many as you like in one process; they share code and nothing else. Opening one takes
/// well under a millisecond.
///
///   auto engine = skep::Engine::Open({.clock = skep::ManualClock::Create()}).value();
///   auto& registry = engine->registry();
///
/// Thread-safety: any thread, but Close and the destructor, which must be the last call.
#ifndef SKEP_ENGINE_H_
#define SKEP_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "skep/clock.h"
#include "skep/kie/config_center.h"
#include "skep/kie/options.h"
#include "skep/log.h"
#include "skep/registry/options.h"
#include "skep/registry/registry.h"
#include "skep/result.h"
#include "skep/storage.h"
#include "skep/tenant.h"

namespace skep {

struct EngineOptions {
  /// Null: a SystemClock of the engine's own. A clock may serve several engines.
  std::shared_ptr<Clock> clock{};

  /// Null: nothing is logged.
  LogSink log{};

  /// Seed of generated ids; the same seed, calls and clock give the same ids. 0: random.
  std::uint64_t id_seed = 0;

  /// The first change's number. At least 1, at most 2^53. On a storage that an engine has used
  /// before the first change comes behind all of that one, too. What a backup does not know of are
  /// the revisions that were told after it was made: where backups are put back, let this be what
  /// no former run can have come to, such as the time.
  Revision first_revision{1};

  /// Where the state is kept; null: nowhere else, and nothing is encoded. The engine's alone while
  /// it is open. What it holds is loaded by Open. See skep/rocksdb_storage.h,
  /// skep/memory_storage.h.
  std::shared_ptr<Storage> storage{};

  /// What a change that was acknowledged survives.
  Durability durability = Durability::kSync;

  /// Changes that come while more bytes than these wait for the storage are refused (kStorageBusy).
  std::size_t storage_waiting_bytes_max = std::size_t{256} << 20;

  RegistryOptions registry{};

  KieOptions kie{};
};

/// Counts since the engine opened, and sizes now. Pulled by whoever shows them.
struct EngineMetrics {
  Revision revision{};
  std::size_t tenants = 0;
  std::size_t services = 0;
  std::size_t instances = 0;
  std::uint64_t expired_instances = 0;
  std::size_t watches = 0;  ///< Of the registry.
  std::size_t kvs = 0;
  std::size_t kv_waits = 0;
  std::size_t kv_watches = 0;  ///< Of the configuration center.
  std::size_t memo_bytes = 0;  ///< The registry's and the configuration center's.
  bool expiry_protection_on = false;
  std::uint64_t expiry_protections = 0;   ///< Times that it began.
  std::uint64_t kept_instances = 0;       ///< Leases that it kept beyond their end.
  Revision durable_revision{};            ///< The newest change that is durable.
  std::size_t storage_waiting_bytes = 0;  ///< Of changes that are not durable yet.
  std::uint64_t storage_commits = 0;      ///< Batches of changes that the storage was given.
  bool storage_failed = false;            ///< Writes are refused until the engine is opened anew.
};

class Engine {
 public:
  /// Loads what the storage holds. Errors: kInvalidOptions; kStorageNewer, kStorageCorrupt,
  /// kStorageFailed, and what the storage itself says.
  static Result<std::unique_ptr<Engine>> Open(EngineOptions options = {});

  /// Closes, if Close was not called.
  virtual ~Engine() = default;
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// The registry of default/default.
  virtual Registry& registry() = 0;

  /// The registry of another tenant. Names of 1 to 256 bytes; others find and store nothing
  /// (kInvalidParams on the first write).
  virtual Registry registry(Tenant tenant) = 0;

  /// The configuration center of default/default.
  virtual ConfigCenter& config() = 0;

  /// The configuration center of another tenant. Domain and project of 1 to 256 letters, digits and
  /// _-., a letter or digit at both ends; under other names everything is kInvalidParams or not
  /// there.
  virtual ConfigCenter config(Tenant tenant) = 0;

  virtual Clock& clock() = 0;

  /// The newest change.
  virtual Revision revision() const = 0;

  /// Returns when the change is durable: at once without storage. Errors: kStorageFailed. Not from
  /// within a call of WhenDurable.
  virtual Status WaitDurable(Revision revision) = 0;

  /// Calls `fn` once when the change is durable, or with the error that keeps it from being so.
  /// Threading: on the calling thread before it returns, if the change is durable (always, without
  /// storage), else on the storage's. Locking: none held. `fn` must not block and not throw.
  virtual void WhenDurable(Revision revision, std::function<void(Status)> fn) = 0;

  /// kStorageFailed from the first write on that has failed: all writes are refused with it, no
  /// lease ends, reads go on. Fine without storage.
  virtual Status storage_health() const = 0;

  /// A copy of all that is durable now, in a folder that must not exist: a backup that can be
  /// opened like the original. Other calls go on meanwhile. Errors: kUnsupported, without storage
  /// or where it has no folder; what the disk says.
  virtual Status Checkpoint(const std::string& directory) = 0;

  virtual EngineMetrics metrics() const = 0;

  /// Ends every lease's timer and every watch (with its last event), makes durable what is not yet,
  /// and ends every thread that the engine started. Servers stop first. Nothing may be called
  /// afterwards but Close, which then reports kClosed. Errors: kStorageFailed, whenever that was.
  virtual Status Close() = 0;
};

}  // namespace skep

#endif  // SKEP_ENGINE_H_
