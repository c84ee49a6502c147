// LoadLoop: the requests of some streams on their way to one server. One thread, epoll.
//
// A closed stream has a fixed number of requests on the way, and an answer is followed by the next
// request: it shows what a server can do. An open stream has a rate, and its requests begin when
// their time has come, whatever the answers do: it shows what clients see. Their latency counts
// from the intended begin, also where no connection was free to send them. So nothing is left out
// where a server stalls (no coordinated omission).
#ifndef SKEP_BENCH_LOAD_LOAD_LOOP_H_
#define SKEP_BENCH_LOAD_LOAD_LOOP_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/arrivals.h"
#include "bench/load/connection.h"
#include "bench/load/histogram.h"
#include "bench/load/watchers.h"
#include "bench/load/workload.h"

namespace skep::bench {

struct StreamOptions {
  const Workload* workload = nullptr;
  std::size_t connections = 32;
  std::size_t pipeline = 1;  ///< Requests on the way on each connection, at most.
  double per_second = 0;     ///< 0: closed.
  Spacing spacing = Spacing::kPoisson;
  std::uint64_t seed = 1;  ///< Of the arrivals.
};

struct LoopOptions {
  std::string address{};  ///< "host:port"
  pid_t pid = 0;          ///< Whose CPU time is the server's; 0: not known.
  std::vector<StreamOptions> streams{};
  Watchers* watchers = nullptr;  ///< Are read meanwhile; null: there are none.
  /// Called about once a second, with the answers so far; null: nobody looks.
  std::function<void(std::uint64_t answers)> progress{};
};

struct StreamResult {
  std::chrono::nanoseconds elapsed{0};  ///< To the end of the time, or the last answer if later.
  Histogram latency_ns{};               ///< From a request's begin to its answer's last byte.
};

/// What a time of load gave: of the requests that began in it.
struct LoopResult {
  std::vector<StreamResult> streams{};
  std::chrono::nanoseconds elapsed{0};
  std::chrono::nanoseconds server_cpu{0};
  std::chrono::nanoseconds own_cpu{0};
};

class LoadLoop {
 public:
  /// Connects. The workloads must outlive the loop.
  explicit LoadLoop(LoopOptions options);
  ~LoadLoop();
  LoadLoop(const LoadLoop&) = delete;
  LoadLoop& operator=(const LoadLoop&) = delete;

  /// Loads the server for `warm_up`, which is not counted, and then for `measured`; returns when
  /// every request is answered. Open streams arrive the same way each time.
  LoopResult Run(std::chrono::nanoseconds warm_up, std::chrono::nanoseconds measured);

 private:
  using Time = std::chrono::steady_clock::time_point;
  class Stream;

  void Watch(int fd, std::uint32_t events, Connection* connection);
  void Turn();
  void OnEvents(std::uint32_t events, Connection* connection);
  void OnReadable(Connection* connection);
  std::chrono::nanoseconds WaitAt(Time now) const;
  bool Finished() const;
  void CheckSilence(Time now) const;
  void TellProgress(Time now);
  std::chrono::nanoseconds ServerCpu() const;

  const LoopOptions options_;
  const int epoll_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<char> buffer_;
  std::vector<Time> begun_;
  Time heard_at_;
  Time told_at_;
};

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_LOAD_LOOP_H_
