#include "server/routes/http_metrics.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace skep::server {
namespace {

std::size_t StatusSlot(std::uint16_t status) {
  std::size_t slot = 0;
  while (kCountedStatuses[slot] != status && kCountedStatuses[slot] != 0) ++slot;
  return slot;
}

// 0..3 are themselves; from there on, the two bits behind the highest one choose among four.
std::size_t BucketOf(std::uint64_t microseconds) {
  if (microseconds < 4) return microseconds;
  const auto power = static_cast<std::size_t>(std::bit_width(microseconds)) - 1;
  const std::size_t bucket = 4 * (power - 1) + ((microseconds >> (power - 2)) & 3);
  return std::min(bucket, kDurationBuckets - 1);
}

// The first number of microseconds beyond a bucket.
double UpperBound(std::size_t bucket) {
  if (bucket < 4) return static_cast<double>(bucket + 1);
  const std::size_t power = bucket / 4 + 1;
  return static_cast<double>((std::uint64_t{5} + bucket % 4) << (power - 2));
}

// `count` has one writer where the thread has an index.
void Add(std::atomic<std::uint64_t>& count, std::uint64_t by, bool one_writer) {
  if (one_writer) {
    count.store(count.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  } else {
    count.fetch_add(by, std::memory_order_relaxed);
  }
}

}  // namespace

RouteCounts& RouteCounts::operator+=(const RouteCounts& other) {
  for (std::size_t i = 0; i < by_status.size(); ++i) by_status[i] += other.by_status[i];
  for (std::size_t i = 0; i < by_duration.size(); ++i) by_duration[i] += other.by_duration[i];
  nanoseconds += other.nanoseconds;
  return *this;
}

std::uint64_t RouteCounts::requests() const {
  return std::accumulate(by_status.begin(), by_status.end(), std::uint64_t{0});
}

double RouteCounts::Quantile(double share) const {
  const std::uint64_t all =
      std::accumulate(by_duration.begin(), by_duration.end(), std::uint64_t{0});
  if (all == 0) return 0;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kDurationBuckets; ++i) {
    below += by_duration[i];
    if (static_cast<double>(below) >= share * static_cast<double>(all)) return UpperBound(i);
  }
  return UpperBound(kDurationBuckets - 1);
}

HttpMetrics::~HttpMetrics() {
  for (std::atomic<Block*>& block : blocks_) delete block.load(std::memory_order_acquire);
}

HttpMetrics::Block& HttpMetrics::BlockOf(std::size_t thread) {
  std::atomic<Block*>& place = blocks_[thread];
  if (Block* block = place.load(std::memory_order_acquire)) return *block;
  auto made = std::make_unique<Block>(routes_);
  Block* expected = nullptr;
  if (place.compare_exchange_strong(expected, made.get(), std::memory_order_acq_rel)) {
    return *made.release();
  }
  return *expected;
}

void HttpMetrics::Count(std::size_t route, std::uint16_t status, std::chrono::nanoseconds took) {
  const std::size_t thread = base::ThreadIndex();
  const bool one_writer = thread != base::kNoThreadIndex;
  const auto nanoseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
  Counters& counters = BlockOf(thread)[route];
  Add(counters.by_status[StatusSlot(status)], 1, one_writer);
  Add(counters.by_duration[BucketOf(nanoseconds / 1000)], 1, one_writer);
  Add(counters.nanoseconds, nanoseconds, one_writer);
}

std::vector<RouteCounts> HttpMetrics::Read() const {
  std::vector<RouteCounts> sums(routes_);
  for (const std::atomic<Block*>& place : blocks_) {
    const Block* block = place.load(std::memory_order_acquire);
    if (block == nullptr) continue;
    for (std::size_t route = 0; route < routes_; ++route) {
      const Counters& counters = (*block)[route];
      RouteCounts& sum = sums[route];
      for (std::size_t i = 0; i < sum.by_status.size(); ++i) {
        sum.by_status[i] += counters.by_status[i].load(std::memory_order_relaxed);
      }
      for (std::size_t i = 0; i < sum.by_duration.size(); ++i) {
        sum.by_duration[i] += counters.by_duration[i].load(std::memory_order_relaxed);
      }
      sum.nanoseconds += counters.nanoseconds.load(std::memory_order_relaxed);
    }
  }
  return sums;
}

}  // namespace skep::server
