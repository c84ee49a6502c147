// Flags: what skepd was told to do by its command line, the environment and a file.
#ifndef SKEP_SERVER_SKEPD_FLAGS_H_
#define SKEP_SERVER_SKEPD_FLAGS_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <variant>

#include "skep/engine.h"
#include "skep/kie/options.h"
#include "skep/registry/options.h"
#include "skep/rocksdb_storage.h"
#include "skep/server/options.h"
#include "skep/storage.h"

namespace skep::skepd {

enum class ClockKind { kSystem, kManual };

enum class StorageKind { kMemory, kRocksDb };

struct Flags {
  /// Without the sinks, which main makes.
  ServerOptions server{};
  RegistryOptions registry{};
  KieOptions kie{};
  ClockKind clock = ClockKind::kSystem;
  StorageKind storage = StorageKind::kRocksDb;
  RocksDbOptions data{.directory = "./skep-data"};  ///< Without the sink.
  Durability durability = Durability::kSync;
  std::size_t storage_waiting_bytes_max = EngineOptions().storage_waiting_bytes_max;
  LogLevel log_level = LogLevel::kInfo;
  std::string access_log{};  ///< "stdout", "stderr" or a path; empty: none.
  std::string ready_file{};  ///< Empty: none.
  std::chrono::milliseconds stop_deadline{10'000};
};

/// The process ends here: what it prints, and its exit code.
struct Leave {
  int exit_code = 0;
  std::string text{};  ///< To stdout where the exit code is 0, else to stderr; whole lines.
};

/// The exit code of a command line that cannot be followed.
inline constexpr int kUsageExitCode = 2;

/// Reads the flags. Each is also a key of the file named by --config and, as SKEP_NAME, a variable
/// of the environment; the command line wins over the environment, and that over the file.
std::variant<Flags, Leave> ReadFlags(int argc, const char* const* argv);

}  // namespace skep::skepd

#endif  // SKEP_SERVER_SKEPD_FLAGS_H_
