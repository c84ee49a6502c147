#include "bench/load/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <vector>

namespace skep::bench {
namespace {

using std::chrono::nanoseconds;

std::vector<double> Gaps(Arrivals arrivals, int count) {
  std::vector<double> gaps;
  nanoseconds last(0);
  for (int i = 0; i < count; ++i) {
    gaps.push_back(static_cast<double>((arrivals.next() - last).count()));
    last = arrivals.next();
    arrivals.Take();
  }
  return gaps;
}

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

TEST(Arrivals, EvenOnesAreEquallyFarApart) {
  for (const double gap : Gaps(Arrivals(1'000, Spacing::kEven, 1), 10)) EXPECT_EQ(gap, 1e6);
}

// A gap that is no whole number of nanoseconds does not add up to a drift.
TEST(Arrivals, EvenOnesKeepTheirRate) {
  Arrivals arrivals(3'000'000, Spacing::kEven, 1);
  for (int i = 1; i < 3'000'000; ++i) arrivals.Take();
  EXPECT_NEAR(static_cast<double>(arrivals.next().count()), 1e9, 2);
}

// As long a mean as asked for, as much spread as mean, and no memory: e^-1 of all are longer.
TEST(Arrivals, PoissonOnesHaveExponentialGaps) {
  const std::vector<double> gaps = Gaps(Arrivals(1'000, Spacing::kPoisson, 1), 200'000);
  const double mean = Mean(gaps);
  EXPECT_NEAR(mean, 1e6, 1e4);
  double squares = 0;
  for (const double gap : gaps) squares += (gap - mean) * (gap - mean);
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(gaps.size())), 1e6, 2e4);
  const auto longer = std::ranges::count_if(gaps, [](double gap) { return gap > 1e6; });
  EXPECT_NEAR(static_cast<double>(longer) / static_cast<double>(gaps.size()), std::exp(-1), 0.01);
}

TEST(Arrivals, TheSameSeedGivesTheSame) {
  const auto of = [](std::uint64_t seed) {
    return Gaps(Arrivals(50'000, Spacing::kPoisson, seed), 1'000);
  };
  EXPECT_EQ(of(7), of(7));
  EXPECT_NE(of(7), of(8));
}

}  // namespace
}  // namespace skep::bench
