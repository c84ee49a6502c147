// Arrivals: when the requests of an open loop are to begin. The answers have no say in it, so a
// server that stalls makes all those wait that come meanwhile, as it would in life.
//
// Thread-safety: none.
#ifndef SKEP_BENCH_LOAD_ARRIVALS_H_
#define SKEP_BENCH_LOAD_ARRIVALS_H_

#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>

namespace skep::bench {

enum class Spacing {
  kPoisson,  ///< As of many clients that know nothing of each other.
  kEven,
};

class Arrivals {
 public:
  /// `per_second` must be above 0. Equal arguments give equal arrivals.
  Arrivals(double per_second, Spacing spacing, std::uint64_t seed)
      : mean_ns_(1e9 / per_second), spacing_(spacing), random_(seed) {
    Take();
  }

  /// The next one, from the beginning.
  std::chrono::nanoseconds next() const {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(next_ns_));
  }

  void Take() {
    next_ns_ += spacing_ == Spacing::kEven ? mean_ns_ : -std::log(1 - Uniform()) * mean_ns_;
  }

 private:
  // In [0, 1), in 53 bits.
  double Uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  const double mean_ns_;
  const Spacing spacing_;
  std::mt19937_64 random_;
  double next_ns_ = 0;
};

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_ARRIVALS_H_
