// HttpMetrics: how many requests each route answered, with which status, and how long they took.
//
// Every thread counts into a block of its own, without a lock and without an atomic
// read-modify-write, so that a request costs a few nanoseconds; a reader adds the blocks up.
// Durations are kept in buckets whose bounds are at most a quarter apart.
//
// Thread-safety: any thread.
#ifndef SKEP_SERVER_ROUTES_HTTP_METRICS_H_
#define SKEP_SERVER_ROUTES_HTTP_METRICS_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/thread_index.h"

namespace skep::server {

/// The statuses that this server sends, the most frequent first; another one counts as the last, 0.
inline constexpr std::array<std::uint16_t, 21> kCountedStatuses = {
    200, 304, 204, 400, 404, 101, 301, 401, 403, 405, 406,
    408, 409, 410, 415, 422, 429, 431, 500, 503, 0};

/// Buckets of durations in microseconds: four for each power of two, up to about a minute.
inline constexpr std::size_t kDurationBuckets = 104;

/// What was counted for one route, of all threads.
struct RouteCounts {
  std::array<std::uint64_t, kCountedStatuses.size()> by_status{};
  std::array<std::uint64_t, kDurationBuckets> by_duration{};
  std::uint64_t nanoseconds = 0;

  RouteCounts& operator+=(const RouteCounts& other);

  std::uint64_t requests() const;
  /// The duration in microseconds that `share` (0 to 1) of the requests stayed under; zero where
  /// there were none.
  double Quantile(double share) const;
};

class HttpMetrics {
 public:
  /// Routes are numbered from 0 to `routes` - 1.
  explicit HttpMetrics(std::size_t routes) : routes_(routes) {}
  ~HttpMetrics();
  HttpMetrics(const HttpMetrics&) = delete;
  HttpMetrics& operator=(const HttpMetrics&) = delete;

  void Count(std::size_t route, std::uint16_t status, std::chrono::nanoseconds took);

  std::vector<RouteCounts> Read() const;

 private:
  struct Counters {
    std::array<std::atomic<std::uint64_t>, kCountedStatuses.size()> by_status{};
    std::array<std::atomic<std::uint64_t>, kDurationBuckets> by_duration{};
    std::atomic<std::uint64_t> nanoseconds{0};
  };
  using Block = std::vector<Counters>;

  Block& BlockOf(std::size_t thread);

  const std::size_t routes_;
  // One for each thread index; the last for all threads without one.
  std::array<std::atomic<Block*>, base::kThreadIndexMax + 1> blocks_{};
};

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_HTTP_METRICS_H_
