// Followers: who follows a history of random changes. Fast ones that pull after every step, slow
// ones with a queue of a few events, and ones that leave and resume; all of them outlive the engine
// and resume from the next one. A follower is checked with each batch; whenever it has caught up,
// what it has folded is what a fresh list says.
#ifndef SKEP_TESTS_MODEL_WATCH_FOLLOWERS_H_
#define SKEP_TESTS_MODEL_WATCH_FOLLOWERS_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "skep/result.h"
#include "skep/watch.h"
#include "tests/support/watch_checker.h"

namespace skep::testing {

/// `Batches` is of watch_checker.h; `Scope` says what is watched.
template <class Batches, class Scope>
class Followers {
 public:
  using Watch = typename Batches::Watch;
  using Checker = BasicWatchChecker<Batches>;

  /// The engine of the moment.
  class World {
   public:
    virtual ~World() = default;
    virtual Result<Watch> Subscribe(const Scope& scope, const WatchOptions& options) = 0;
    /// What a list says now, by other ways than a watch's.
    virtual WatchState Fresh(const Scope& scope) = 0;
    /// Sees to it that every scope can be subscribed to.
    virtual void Revive() {}
  };

  Followers(World* world, std::mt19937_64* random) : world_(world), random_(random) {}

  /// One of each kind.
  void Follow(const Scope& scope) {
    for (const Pace pace : {kFast, kSlow, kResuming}) {
      Follower follower{.scope = scope, .pace = pace};
      follower.watch = world_->Subscribe(scope, OptionsOf(follower)).value();
      followers_.push_back(std::move(follower));
    }
  }

  /// After each change: everybody goes on, in its own way.
  void Step() {
    for (Follower& follower : followers_) Go(&follower);
  }

  void CatchUp() {
    for (Follower& follower : followers_) CatchUp(&follower);
  }

  /// The engine has closed. Everybody hears of it, and resumes with a later step.
  void End() {
    for (Follower& follower : followers_) {
      if (follower.away) continue;
      follower.checker->Drain(follower.watch);
      EXPECT_TRUE(follower.checker->closed());
      EXPECT_EQ(follower.checker->problems(), "");
      follower.away = true;
    }
  }

 private:
  enum Pace { kFast, kSlow, kResuming };

  struct Follower {
    Scope scope;
    Pace pace;
    Watch watch{};
    std::unique_ptr<Checker> checker = std::make_unique<Checker>(WatchOptions::Start::kSnapshot);
    bool away = false;  ///< Its watch has ended, and another is to resume.
  };

  bool OneIn(std::uint64_t n) { return (*random_)() % n == 0; }

  static WatchOptions OptionsOf(const Follower& follower) {
    WatchOptions options{.queue_max = follower.pace == kSlow ? std::size_t{6} : 0};
    if (!follower.checker->can_resume()) return options;
    options.start = WatchOptions::Start::kAfter;
    options.after = follower.checker->seen();
    return options;
  }

  void Go(Follower* follower) {
    if (follower->away) {
      if (OneIn(3)) Resume(follower);
      return;
    }
    const std::uint64_t rest = follower->pace == kFast ? 1 : follower->pace == kSlow ? 12 : 4;
    if (OneIn(rest)) {
      CatchUp(follower);
    } else if (follower->pace == kSlow && OneIn(3)) {
      // One batch, and leaves the others.
      const bool lagging = follower->watch.lag().lagging;
      follower->checker->Take(follower->watch.Next(),
                              lagging ? WatchPace::kSlow : WatchPace::kFast);
    }
    if (follower->pace != kResuming || !OneIn(5)) return;
    follower->watch.Cancel();
    follower->away = true;
  }

  void Resume(Follower* follower) {
    const WatchOptions options = OptionsOf(*follower);
    Result<Watch> again = world_->Subscribe(follower->scope, options);
    if (!again.ok()) return;  // What it watches is not there at the moment.
    follower->away = false;
    follower->watch = *std::move(again);
    follower->checker = options.start == WatchOptions::Start::kSnapshot
                            ? std::make_unique<Checker>(options.start)
                            : std::make_unique<Checker>(options.after, follower->checker->state());
  }

  void CatchUp(Follower* follower) {
    while (follower->away) {
      world_->Revive();
      Resume(follower);
    }
    follower->checker->Drain(follower->watch);
    EXPECT_EQ(follower->checker->problems(), "");
    EXPECT_EQ(follower->checker->state(), world_->Fresh(follower->scope));
  }

  World* const world_;
  std::mt19937_64* const random_;
  std::vector<Follower> followers_;
};

/// Runs History(seed, storage) for seeds from 1 until a check fails. `make_storage` makes each
/// one's storage; null: none, and no restarts.
template <class History, class MakeStorage>
void RunSeeds(std::uint64_t seeds, MakeStorage&& make_storage) {
  for (std::uint64_t seed = 1; seed <= seeds && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History(seed, make_storage()).Run();
  }
}

}  // namespace skep::testing

#endif  // SKEP_TESTS_MODEL_WATCH_FOLLOWERS_H_
