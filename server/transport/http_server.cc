#include "server/transport/http_server.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "server/transport/event_loop.h"
#include "server/transport/listen_socket.h"

namespace skep::server {
namespace {

constexpr unsigned kThreadsMax = 1024;

Error InvalidOption(std::string detail) {
  return Error(make_error_code(EngineErrc::kInvalidOptions), std::move(detail));
}

Status CheckShedding(const ServerOptions& options) {
  const std::pair<std::string_view, unsigned> steps[] = {
      {"shed_bulk_percent", options.shed_bulk_percent},
      {"shed_lists_percent", options.shed_lists_percent},
      {"shed_finds_percent", options.shed_finds_percent},
      {"shed_writes_percent", options.shed_writes_percent},
  };
  unsigned least = 1;
  for (const auto& [name, percent] : steps) {
    if (percent < least || percent > 100) {
      return InvalidOption(std::string(name) + " is not within " + std::to_string(least) +
                           " and 100");
    }
    least = percent;
  }
  return {};
}

Status CheckOptions(const ServerOptions& options) {
  using std::chrono::milliseconds;
  if (options.listen.empty()) return InvalidOption("listen names no address");
  if (options.threads > kThreadsMax) return InvalidOption("threads is above 1024");
  if (options.header_bytes_max < 64 || options.header_bytes_max > (1U << 30)) {
    return InvalidOption("header_bytes_max is not within 64 and 2^30");
  }
  const std::pair<std::string_view, std::size_t> counts[] = {
      {"connections_max", options.connections_max},
      {"pipelined_requests_max", options.pipelined_requests_max},
      {"outstanding_bytes_max", options.outstanding_bytes_max},
      {"thread_outstanding_bytes_max", options.thread_outstanding_bytes_max},
  };
  for (const auto& [name, count] : counts) {
    if (count == 0) return InvalidOption(std::string(name) + " is 0");
  }
  const std::pair<std::string_view, milliseconds> times[] = {
      {"request_time_max", options.request_time_max},
      {"idle_time_max", options.idle_time_max},
      {"write_time_max", options.write_time_max},
      {"thread_delay_max", options.thread_delay_max},
      {"stream_ping_interval", options.stream_ping_interval},
      {"stream_silence_max", options.stream_silence_max},
  };
  for (const auto& [name, time] : times) {
    if (time <= milliseconds(0)) return InvalidOption(std::string(name) + " is not above 0");
  }
  return CheckShedding(options);
}

// A connection is a descriptor; take as many as the system grants. Where it grants no more, the
// server runs with fewer.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// While it lives, threads started here are born with all signals blocked: signals are the business
// of the embedding program's own threads.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const ServerOptions& options,
                                                      const Clock& engine_clock,
                                                      HttpHandler& handler) {
  if (const Status good = CheckOptions(options); !good.ok()) return good.error();
  RaiseDescriptorLimit();
  try {
    std::unique_ptr<HttpServer> server(new HttpServer(options, engine_clock, handler));
    if (const Status listening = server->Listen(); !listening.ok()) return listening.error();
    server->StartThreads();
    return server;
  } catch (const std::system_error& e) {
    // Asio and std::thread throw where the system has no descriptor or thread left.
    return Error(make_error_code(EngineErrc::kSystem), std::string("cannot start: ") + e.what());
  }
}

HttpServer::HttpServer(const ServerOptions& options, const Clock& engine_clock,
                       HttpHandler& handler)
    : options_(options), counts_(std::make_unique<ServerCounts>()) {
  unsigned threads = options_.threads;
  if (threads == 0) threads = std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsMax);
  for (unsigned i = 0; i < threads; ++i) {
    loops_.push_back(std::make_unique<EventLoop>(options_, engine_clock, handler, *counts_));
  }
}

HttpServer::~HttpServer() { Stop(std::chrono::milliseconds(0)); }

Status HttpServer::Listen() {
  for (const std::string& address : options_.listen) {
    Result<ListenSockets> opened = OpenListenSockets(address, static_cast<unsigned>(loops_.size()));
    if (!opened.ok()) return opened.error();
    addresses_.push_back(opened->address);
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      loops_[i]->AddListener(opened->sockets[i].release(), opened->v6);
    }
  }
  return {};
}

void HttpServer::StartThreads() {
  base::MutexLock stopping(&stop_mu_);
  const SignalsBlocked blocked;
  for (const auto& loop : loops_) {
    threads_.emplace_back([this, &loop = *loop] { RunLoop(loop); });
    base::MutexLock lock(&mu_);
    ++running_;
  }
}

void HttpServer::RunLoop(EventLoop& loop) {
  loop.Run();
  base::MutexLock lock(&mu_);
  --running_;
  ended_.NotifyAll();
}

bool HttpServer::Stop(std::chrono::milliseconds deadline) {
  base::MutexLock stopping(&stop_mu_);
  if (std::exchange(stopped_, true)) return stopped_clean_;
  for (const auto& loop : loops_) loop->PostStop();
  if (!WaitForLoops(deadline)) {
    for (const auto& loop : loops_) loop->PostCut();
  }
  for (std::thread& thread : threads_) thread.join();
  for (const auto& loop : loops_) stopped_clean_ = stopped_clean_ && !loop->has_cut();
  return stopped_clean_;
}

bool HttpServer::WaitForLoops(std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  base::MutexLock lock(&mu_);
  while (running_ > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    ended_.WaitFor(&mu_, left);
  }
  return true;
}

TransportStats HttpServer::stats() const {
  TransportStats stats;
  stats.open = counts_->connections.load(std::memory_order_relaxed);
  for (const auto& loop : loops_) {
    const LoopCounts& counts = loop->counts();
    stats.accepted += counts.accepted.load(std::memory_order_relaxed);
    stats.refused += counts.refused.load(std::memory_order_relaxed);
    stats.bytes_in += counts.bytes_in.load(std::memory_order_relaxed);
    stats.bytes_out += counts.bytes_out.load(std::memory_order_relaxed);
    stats.waiting_bytes += counts.waiting_bytes.load(std::memory_order_relaxed);
  }
  return stats;
}

}  // namespace skep::server
