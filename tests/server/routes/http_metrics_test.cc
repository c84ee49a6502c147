#include "server/routes/http_metrics.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace skep::server {
namespace {

using namespace std::chrono_literals;

std::uint64_t Answered(const RouteCounts& counts, std::uint16_t status) {
  for (std::size_t i = 0; i < kCountedStatuses.size(); ++i) {
    if (kCountedStatuses[i] == status) return counts.by_status[i];
  }
  return 0;
}

TEST(HttpMetrics, CountsByRouteAndStatus) {
  HttpMetrics metrics(3);
  metrics.Count(1, 200, 5us);
  metrics.Count(1, 200, 7us);
  metrics.Count(1, 400, 1us);
  metrics.Count(2, 418, 1us);
  const std::vector<RouteCounts> counts = metrics.Read();
  ASSERT_EQ(counts.size(), 3u);
  EXPECT_EQ(counts[0].requests(), 0u);
  EXPECT_EQ(Answered(counts[1], 200), 2u);
  EXPECT_EQ(Answered(counts[1], 400), 1u);
  EXPECT_EQ(counts[1].nanoseconds, 13'000u);
  EXPECT_EQ(Answered(counts[2], 0), 1u);
}

TEST(HttpMetrics, EveryStatusThatIsSentHasItsOwnCount) {
  constexpr std::uint16_t kSent[] = {101, 200, 204, 301, 304, 400, 401, 403, 404, 405,
                                     406, 408, 409, 410, 415, 422, 429, 431, 500, 503};
  for (const std::uint16_t status : kSent) {
    HttpMetrics metrics(1);
    metrics.Count(0, status, 1us);
    EXPECT_EQ(Answered(metrics.Read()[0], status), 1u) << status;
  }
}

TEST(HttpMetrics, CountsOfAllThreadsAreSummed) {
  HttpMetrics metrics(1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&metrics] {
      for (int beat = 0; beat < 1000; ++beat) metrics.Count(0, 200, 1us);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(metrics.Read()[0].requests(), 4000u);
}

// A bucket's bound is at most a quarter above what fell into it.
TEST(HttpMetrics, QuantileIsAtMostAQuarterHigh) {
  for (std::int64_t us = 0; us < 70'000'000; us = us * 9 / 8 + 1) {
    HttpMetrics metrics(1);
    metrics.Count(0, 200, std::chrono::microseconds(us));
    const double quantile = metrics.Read()[0].Quantile(0.5);
    EXPECT_GT(quantile, static_cast<double>(us) * 0.999);
    EXPECT_LE(quantile, static_cast<double>(us) * 1.25 + 1);
  }
}

TEST(HttpMetrics, QuantilesPartTheRequests) {
  HttpMetrics metrics(1);
  for (int i = 0; i < 98; ++i) metrics.Count(0, 200, 2us);
  metrics.Count(0, 200, 1000us);
  metrics.Count(0, 200, 1h);
  const RouteCounts counts = metrics.Read()[0];
  EXPECT_EQ(counts.Quantile(0.5), 3);
  EXPECT_EQ(counts.Quantile(0.99), 1024);
  EXPECT_GT(counts.Quantile(1), 1e7);
  EXPECT_EQ(HttpMetrics(1).Read()[0].Quantile(0.5), 0);
}

}  // namespace
}  // namespace skep::server
