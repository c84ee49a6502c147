#include "bench/load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace skep::bench {
namespace {

constexpr double kQuantiles[] = {0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0};

// The same quantile by sorting.
std::uint64_t Exact(const std::vector<std::uint64_t>& sorted, double quantile) {
  const double rank = std::ceil(quantile * static_cast<double>(sorted.size()));
  return sorted[std::max<std::size_t>(static_cast<std::size_t>(rank), 1) - 1];
}

// Every quantile of `values` is within one part in 128 of what sorting gives.
void ExpectAsSorted(std::vector<std::uint64_t> values) {
  Histogram histogram;
  for (const std::uint64_t value : values) histogram.Record(value);
  std::sort(values.begin(), values.end());
  ASSERT_EQ(histogram.count(), values.size());
  EXPECT_EQ(histogram.max(), values.back());
  for (const double quantile : kQuantiles) {
    const auto exact = static_cast<double>(Exact(values, quantile));
    EXPECT_NEAR(static_cast<double>(histogram.ValueAt(quantile)), exact, exact / 128)
        << "quantile " << quantile;
  }
}

TEST(Histogram, EmptyIsZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.ValueAt(0.5), 0u);
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram;
  for (std::uint64_t value = 0; value < 256; ++value) histogram.Record(value);
  EXPECT_EQ(histogram.ValueAt(0), 0u);
  EXPECT_EQ(histogram.ValueAt(0.5), 127u);
  EXPECT_EQ(histogram.ValueAt(1), 255u);
}

TEST(Histogram, EachValueAloneIsReadBackWithinItsPrecision) {
  for (int bit = 0; bit < 64; ++bit) {
    for (const std::uint64_t value : {std::uint64_t{1} << bit, (std::uint64_t{1} << bit) - 1}) {
      ExpectAsSorted({value});
    }
  }
  ExpectAsSorted({std::numeric_limits<std::uint64_t>::max()});
}

TEST(Histogram, UniformAsSorted) {
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> values(100'000);
  for (std::uint64_t& value : values) value = random() % 10'000'000;
  ExpectAsSorted(values);
}

TEST(Histogram, LongTailAsSorted) {
  std::mt19937_64 random(2);
  std::lognormal_distribution<double> latency(11, 1.5);
  std::vector<std::uint64_t> values(100'000);
  for (std::uint64_t& value : values) value = static_cast<std::uint64_t>(latency(random));
  ExpectAsSorted(values);
}

TEST(Histogram, TwoAddedAreAsOne) {
  Histogram one;
  Histogram low;
  Histogram high;
  for (std::uint64_t value = 0; value < 5'000; ++value) {
    one.Record(value * value);
    (value % 2 == 0 ? low : high).Record(value * value);
  }
  low.Add(high);
  EXPECT_EQ(low.count(), one.count());
  EXPECT_EQ(low.max(), one.max());
  for (const double quantile : kQuantiles) EXPECT_EQ(low.ValueAt(quantile), one.ValueAt(quantile));
}

}  // namespace
}  // namespace skep::bench
