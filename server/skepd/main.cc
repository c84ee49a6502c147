// skepd: an engine and a server, as a process.
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "server/skepd/flags.h"
#include "skep/server/server.h"
#include "skep/skep.h"

namespace skep::skepd {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

int Fail(std::string_view line) {
  std::fprintf(stderr, "skepd: %.*s\n", static_cast<int>(line.size()), line.data());
  return 1;
}

// ---------------------------------------------------------------------------------------------
// The process: signals and files

// SIGTERM and SIGINT, taken by Wait() alone. Made before any thread, so that all inherit the mask.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // A closed stdout is no reason to die.
    std::signal(SIGXFSZ, SIG_IGN);  // A file that may not grow is a write that fails.
  }

  // Returns with the first signal; from then on another ends the process, as is the default.
  void Wait() {
    int received = 0;
    sigwait(&set_, &received);
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  }

 private:
  sigset_t set_;
};

// A connection is a file; the usual soft limit of 1,024 is kept for programs that use select.
void RaiseOpenFiles() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

// The file that says where we listen; whoever sees it sees all of it.
class ReadyFile {
 public:
  explicit ReadyFile(std::string path) : path_(std::move(path)) {}
  ~ReadyFile() { Remove(); }
  ReadyFile(const ReadyFile&) = delete;
  ReadyFile& operator=(const ReadyFile&) = delete;

  bool Write(const std::vector<std::string>& addresses) {
    if (path_.empty()) return true;
    std::string text = "{\"addresses\":[";
    for (const std::string& address : addresses) {
      text += (text.back() == '[' ? "\"" : ",\"") + address + "\"";
    }
    text += "],\"pid\":" + std::to_string(getpid()) + "}\n";
    const std::string draft = path_ + "." + std::to_string(getpid());
    std::ofstream out(draft, std::ios::trunc);
    out << text;
    out.close();
    written_ = out.good() && std::rename(draft.c_str(), path_.c_str()) == 0;
    if (!written_) std::remove(draft.c_str());
    return written_;
  }

  void Remove() {
    if (std::exchange(written_, false)) std::remove(path_.c_str());
  }

 private:
  const std::string path_;
  bool written_ = false;
};

// ---------------------------------------------------------------------------------------------
// Logs

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

LogSink MakeLog(LogLevel least) {
  auto logger =
      std::make_shared<spdlog::logger>("skepd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  logger->set_level(SpdlogLevel(least));
  return [logger](LogLevel level, std::string_view line) {
    logger->log(SpdlogLevel(level), spdlog::string_view_t(line.data(), line.size()));
  };
}

spdlog::sink_ptr MakeAccessSink(const std::string& where) {
  if (where == "stdout") return std::make_shared<spdlog::sinks::stdout_sink_mt>();
  if (where == "stderr") return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  return std::make_shared<spdlog::sinks::basic_file_sink_mt>(where);
}

// Throws spdlog_ex where the file cannot be written.
std::function<void(std::string_view)> MakeAccessLog(const std::string& where) {
  if (where.empty()) return {};
  auto logger = std::make_shared<spdlog::logger>("access", MakeAccessSink(where));
  logger->set_pattern("%v");
  // Lines reach the file within a second, without a system call for each.
  spdlog::register_logger(logger);
  spdlog::flush_every(std::chrono::seconds(1));
  return [logger](std::string_view line) {
    logger->info(spdlog::string_view_t(line.data(), line.size()));
  };
}

// ---------------------------------------------------------------------------------------------
// Serving

// An error's detail is all that is to be said.
Result<std::unique_ptr<Engine>> OpenEngine(const Flags& flags, const LogSink& log) {
  EngineOptions options{.log = log,
                        .durability = flags.durability,
                        .storage_waiting_bytes_max = flags.storage_waiting_bytes_max,
                        .registry = flags.registry,
                        .kie = flags.kie};
  if (flags.clock == ClockKind::kManual) options.clock = ManualClock::Create();
  // Without storage, with an empty one, or with a backup in its place, a restarted process must not
  // show a revision that it showed before: the seconds since 1970, shifted, stay ahead of any
  // former run's count and below 2^53.
  constexpr int kRevisionsPerSecondBits = 20;
  options.first_revision =
      Revision(static_cast<std::uint64_t>(std::time(nullptr)) << kRevisionsPerSecondBits);
  if (flags.storage == StorageKind::kMemory) return Engine::Open(std::move(options));

  RocksDbOptions data = flags.data;
  data.log = log;
  Result<std::unique_ptr<Storage>> storage = OpenRocksDb(std::move(data));
  if (!storage.ok()) return storage.error();
  options.storage = *std::move(storage);
  Result<std::unique_ptr<Engine>> engine = Engine::Open(std::move(options));
  if (engine.ok()) return engine;
  const Error& error = engine.error();
  return Error(error.code(), flags.data.directory + ": " + error.detail());
}

// "data ./skep-data (rocksdb, sync)  loaded 7 services, 9 keys in 3 ms"
std::string StorageLine(const Flags& flags, const Engine& engine, SteadyTime::duration took) {
  if (flags.storage == StorageKind::kMemory) return "storage memory (state ends with the process)";
  const EngineMetrics metrics = engine.metrics();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  return "data " + flags.data.directory + " (rocksdb, " +
         (flags.durability == Durability::kSync ? "sync" : "async") + ")  loaded " +
         std::to_string(metrics.services) + " services, " + std::to_string(metrics.kvs) +
         " keys in " + std::to_string(ms) + " ms";
}

void PrintBanner(const Server& server, const std::string& storage, SteadyTime started) {
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started);
  std::printf("skepd %s  %s\n", SKEP_VERSION_STRING, storage.c_str());
  const char* label = "registry";
  const char* hint = "point servicecomb.registry.address here";
  for (const std::string& address : server.addresses()) {
    std::printf("  %-8s   http://%s   %s\n", label, address.c_str(), hint);
    label = "also";
    hint = "serves the same";
  }
  std::printf("  ready in %lld ms\n", static_cast<long long>(took.count()));
  std::fflush(stdout);
}

int Serve(const Flags& flags, StopSignals& signals, SteadyTime started) {
  const LogSink log = MakeLog(flags.log_level);
  const SteadyTime opening = std::chrono::steady_clock::now();
  auto engine = OpenEngine(flags, log);
  if (!engine.ok()) return Fail(engine.error().detail());
  // Before the server registers itself.
  const std::string storage =
      StorageLine(flags, **engine, std::chrono::steady_clock::now() - opening);

  ServerOptions options = flags.server;
  options.log = log;
  options.access_log = MakeAccessLog(flags.access_log);
  options.serve_manual_clock = flags.clock == ClockKind::kManual;
  auto server = Server::Start(**engine, options);
  if (!server.ok()) return Fail(server.error().detail());

  ReadyFile ready(flags.ready_file);
  if (!ready.Write((*server)->addresses())) {
    return Fail("cannot write the ready file " + flags.ready_file);
  }
  PrintBanner(**server, storage, started);

  signals.Wait();
  ready.Remove();
  log(LogLevel::kInfo, "stopping");
  if (!(*server)->Stop(flags.stop_deadline)) {
    log(LogLevel::kWarning, "the stop deadline cut off what was not answered");
  }
  const Status closed = (*engine)->Close();
  return closed.ok() ? 0 : Fail(closed.error().detail());
}

int Main(int argc, const char* const* argv) {
  const SteadyTime started = std::chrono::steady_clock::now();
  auto flags = ReadFlags(argc, argv);
  if (const Leave* leave = std::get_if<Leave>(&flags)) {
    std::fputs(leave->text.c_str(), leave->exit_code == 0 ? stdout : stderr);
    return leave->exit_code;
  }
  StopSignals signals;
  RaiseOpenFiles();
  try {
    return Serve(std::get<Flags>(flags), signals, started);
  } catch (const std::exception& error) {  // spdlog throws where a log cannot be opened.
    return Fail(error.what());
  }
}

}  // namespace
}  // namespace skep::skepd

int main(int argc, char** argv) { return skep::skepd::Main(argc, argv); }
