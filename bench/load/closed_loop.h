// ClosedLoop: some connections to one server, each with a fixed number of requests on the way; an
// answer is followed by the next request. One thread, epoll.
//
// It must cost less than what it measures, and must not believe what it is told: every answer's
// status and length are compared with what the workload expects, the first on each connection byte
// by byte. Later bodies are counted in the kernel and not copied out (MSG_TRUNC). A wrong answer
// ends the process.
#ifndef SKEP_BENCH_LOAD_CLOSED_LOOP_H_
#define SKEP_BENCH_LOAD_CLOSED_LOOP_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/histogram.h"
#include "bench/load/workload.h"

namespace skep::bench {

struct LoopOptions {
  std::string address;  ///< "host:port"
  pid_t pid = 0;        ///< Whose CPU time is the server's; 0: not known.
  std::size_t connections = 32;
  std::size_t pipeline = 1;  ///< Requests on the way on each connection.
};

/// What a time of load gave.
struct LoopResult {
  std::uint64_t answers = 0;
  std::chrono::nanoseconds elapsed{0};
  std::chrono::nanoseconds server_cpu{0};
  std::chrono::nanoseconds own_cpu{0};
  Histogram latency_ns;  ///< From a request's sending to its answer's last byte.
};

class ClosedLoop {
 public:
  /// Connects. The workload must outlive the loop.
  ClosedLoop(const LoopOptions& options, const Workload* workload);
  ~ClosedLoop();
  ClosedLoop(const ClosedLoop&) = delete;
  ClosedLoop& operator=(const ClosedLoop&) = delete;

  /// Loads the server for `warm_up`, which is not counted, and then for `measured`; returns when
  /// every request is answered.
  LoopResult Run(std::chrono::nanoseconds warm_up, std::chrono::nanoseconds measured);

 private:
  using Time = std::chrono::steady_clock::time_point;
  class Connection;

  void SendMore(Connection* connection, Time now);
  void OnReadable(Connection* connection);
  void WaitOnce();
  void RunUntil(Time end);

  const LoopOptions options_;
  const Workload& workload_;
  const int epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<char> buffer_;
  std::size_t next_request_ = 0;
  std::size_t on_the_way_ = 0;
  bool sending_ = false;
  LoopResult* result_ = nullptr;  ///< Null: answers are not counted.
};

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_CLOSED_LOOP_H_
