// PulledWatch: a watch that is pulled within its calls, on whatever thread publishes, and checked.
#ifndef SKEP_TESTS_STRESS_PULLED_WATCH_H_
#define SKEP_TESTS_STRESS_PULLED_WATCH_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "skep/watch.h"
#include "tests/support/watch_checker.h"

namespace skep::testing {

/// `Batches` is of watch_checker.h.
template <class Batches>
class PulledWatch : public std::enable_shared_from_this<PulledWatch<Batches>> {
 public:
  using Watch = typename Batches::Watch;

  explicit PulledWatch(Watch begun) : watch_(std::move(begun)) {}

  /// Begins, looks on and ends, while changes come.
  static void BeginAndEnd(Watch begun) {
    const auto pulled = std::make_shared<PulledWatch>(std::move(begun));
    pulled->watch_.OnReady([weak = pulled->weak_from_this()] {
      if (const auto self = weak.lock()) self->Drain();
    });
    pulled->watch_.lag();
    pulled->Drain();
    pulled->watch_.Cancel();
    EXPECT_EQ(pulled->Problems(), "");
  }

 private:
  void Drain() {
    base::MutexLock lock(&mu_);
    checker_.Drain(watch_);
  }
  std::string Problems() {
    base::MutexLock lock(&mu_);
    return checker_.problems();
  }

  Watch watch_;  ///< Pulled under mu_, cancelled by anybody.
  base::Mutex mu_;
  BasicWatchChecker<Batches> checker_ ABSL_GUARDED_BY(mu_){WatchOptions::Start::kSnapshot};
};

}  // namespace skep::testing

#endif  // SKEP_TESTS_STRESS_PULLED_WATCH_H_
