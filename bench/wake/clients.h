// Clients: many sockets of one process that have asked and wait for their answers. They live in a
// child process, so that neither their file descriptors nor their time count as the server's.
#ifndef SKEP_BENCH_WAKE_CLIENTS_H_
#define SKEP_BENCH_WAKE_CLIENTS_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace skep::bench {

class Clients {
 public:
  struct Answers {
    std::int64_t last_ns = 0;  ///< When the last one was complete, on the monotonic clock.
    std::size_t bytes = 0;     ///< Of one answer, header included; all must be as long.
  };

  /// Forks. Before any thread of this process is started.
  Clients();
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  /// Connects `count` sockets to "host:port" and sends the request on each; returns once all is
  /// sent.
  void Ask(const std::string& address, std::size_t count, const std::string& request);

  /// Returns once every socket has its answer, of status 200, and closes them.
  Answers Await();

 private:
  pid_t child_ = 0;
  int to_child_ = -1;
  int from_child_ = -1;
};

/// The monotonic clock, which all processes share.
inline std::int64_t MonotonicNs() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

}  // namespace skep::bench

#endif  // SKEP_BENCH_WAKE_CLIENTS_H_
