// Histogram: counts of durations, exact to one part in 128, in a fixed amount of memory.
//
// The scheme is HdrHistogram's: up to 2^kPrecisionBits a value has a bucket of its own; above, each
// doubling of the value has 2^(kPrecisionBits - 1) buckets of equal width. With kPrecisionBits 8,
// 1,000 (binary 1111101000) is kept as its first eight bits, 11111010, and read back as 1,002, the
// middle of 1,000 to 1,003.
//
// Thread-safety: none; give each thread its own and Add them up.
#ifndef SKEP_BENCH_LOAD_HISTOGRAM_H_
#define SKEP_BENCH_LOAD_HISTOGRAM_H_

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace skep::bench {

class Histogram {
 public:
  Histogram() : counts_(kBuckets) {}

  void Record(std::uint64_t value) {
    ++counts_[BucketOf(value)];
    ++count_;
    max_ = std::max(max_, value);
  }

  void Add(const Histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }

  /// The smallest recorded value that at least the share `quantile` (0 to 1) of all is not above,
  /// to the histogram's precision. 0 where nothing was recorded.
  std::uint64_t ValueAt(double quantile) const {
    const double share = std::clamp(quantile, 0.0, 1.0) * static_cast<double>(count_);
    const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= wanted) return std::min(MiddleOf(i), max_);
    }
    return 0;
  }

 private:
  static constexpr int kPrecisionBits = 8;
  static constexpr std::uint64_t kExact = std::uint64_t{1} << kPrecisionBits;
  static constexpr std::uint64_t kHalf = kExact / 2;
  static constexpr std::size_t kBuckets = kExact + (64 - kPrecisionBits) * kHalf;

  static std::size_t BucketOf(std::uint64_t value) {
    if (value < kExact) return value;
    const int shift = static_cast<int>(std::bit_width(value)) - kPrecisionBits;
    return static_cast<std::size_t>(shift) * kHalf + (value >> shift);
  }

  static std::uint64_t MiddleOf(std::size_t bucket) {
    if (bucket < kExact) return bucket;
    const std::size_t shift = (bucket - kHalf) / kHalf;
    const std::uint64_t first = (bucket - shift * kHalf) << shift;
    return first + (std::uint64_t{1} << shift) / 2;
  }

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_HISTOGRAM_H_
