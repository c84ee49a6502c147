// Watches of configuration items over random histories: queries of every kind, followers of every
// kind, while items are made, changed, deleted, imported, rolled back and forgotten, and engines
// end and begin again on what they stored. A failure names its seed.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "skep/memory_storage.h"
#include "skep/skep.h"
#include "tests/model/watch_followers.h"
#include "tests/support/watch_checker.h"

namespace skep::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeeds = 1'000;
constexpr std::uint64_t kSeedsWithRestarts = 300;
constexpr int kSteps = 60;

using KvFollowers = Followers<KvBatches, KvQuery>;

class KvHistory : private KvFollowers::World {
 public:
  /// With a storage, or without one and without restarts: null.
  KvHistory(std::uint64_t seed, std::shared_ptr<Storage> storage)
      : random_(seed), storage_(std::move(storage)) {
    Open();
    for (const KvQuery& query : {
             KvQuery{},
             KvQuery{.labels = {{"app", "shop"}}},
             KvQuery{.labels = {{"app", "shop"}}, .match = LabelMatch::kExact},
             KvQuery{.match = LabelMatch::kExact, .key = "beginWith(b)"},
             KvQuery{.labels = {{"env", ""}}, .key = "wildcard(*.x)", .value = "1"},
             KvQuery{.key_pattern = "x$", .status = KvStatus::kEnabled},
         }) {
      followers_.Follow(query);
    }
  }

  void Run() {
    for (int step = 0; step < kSteps && !::testing::Test::HasFailure(); ++step) {
      if (storage_ != nullptr && OneIn(20)) Restart();
      Take();
      followers_.Step();
    }
    followers_.CatchUp();
    engine_->Close().value();
    followers_.End();
  }

 private:
  void Open() {
    engine_ = Engine::Open({.clock = clock_,
                            .storage = storage_,
                            .kie = {.items_max = 25,
                                    .history_max = 5,
                                    .history_age_max = 50s,
                                    .history_min = 2,
                                    .watch_events_kept = 20}})
                  .value();
  }

  void Restart() {
    engine_->Close().value();
    followers_.End();
    Open();
  }

  std::uint64_t Draw(std::uint64_t below) { return random_() % below; }
  bool OneIn(std::uint64_t n) { return Draw(n) == 0; }
  ConfigCenter& config() { return engine_->config(); }

  Result<KvWatch> Subscribe(const KvQuery& query, const WatchOptions& options) override {
    return config().Watch(query, options);
  }
  WatchState Fresh(const KvQuery& query) override {
    return StateOf(config().List(query).value().items());
  }

  // ----------------------------------------------------------------------------------------------
  // What happens. What is refused changes nothing, and so is nothing to those who follow.

  static constexpr const char* kKeys[] = {"a", "a.x", "b", "b.x", "c.x"};

  Labels AnyLabels() {
    Labels labels;
    if (OneIn(2)) labels["app"] = OneIn(3) ? "blog" : "shop";
    if (OneIn(3)) labels["env"] = OneIn(2) ? "" : "p";
    return labels;
  }
  KvStatus AnyStatus() { return OneIn(2) ? KvStatus::kEnabled : KvStatus::kDisabled; }
  KvSpec AnySpec() {
    return {.key = kKeys[Draw(std::size(kKeys))],
            .value = std::to_string(Draw(3)),
            .labels = AnyLabels(),
            .status = AnyStatus()};
  }
  std::string AnyId() { return KvId({}, kKeys[Draw(std::size(kKeys))], AnyLabels()); }
  Revision AnyRevision() { return engine_->revision() - Draw(15); }

  void Take() {
    switch (Draw(12)) {
      case 0:
      case 1:
        (void)config().Update(AnyId(), {.value = std::to_string(Draw(3))}, kAck);
        return;
      case 2:
        (void)config().Update(AnyId(), {.status = AnyStatus()}, kAck);
        return;
      case 3:
        (void)config().Delete(AnyId(), kAck);
        return;
      case 4:
        (void)config().DeleteMany(std::vector{AnyId(), AnyId(), AnyId()}, kAck);
        return;
      case 5:
      case 6:
        return Import();
      case 7:
        (void)config().RollBack(AnyId(), AnyRevision(), kAck);
        return;
      case 8:
        (void)config().RollBack({.labels = {{"app", "shop"}}}, AnyRevision(), kAck);
        return;
      case 9:
        clock_->Advance(std::chrono::seconds(Draw(60)));
        return;
      default:
        (void)config().Create(AnySpec(), kAck);
    }
  }

  void Import() {
    std::vector<KvSpec> items;
    for (std::uint64_t i = Draw(6); i > 0; --i) items.push_back(AnySpec());
    const ImportOptions options{.override_mode = OneIn(2) ? Override::kForce : Override::kSkip,
                                .atomic = OneIn(2)};
    (void)config().Import(std::move(items), options, kAck);
  }

  // A closed engine has made everything durable.
  static constexpr Ack kAck = Ack::kPublished;

  std::mt19937_64 random_;
  const std::shared_ptr<ManualClock> clock_ = ManualClock::Create();
  const std::shared_ptr<Storage> storage_;
  std::unique_ptr<Engine> engine_;
  KvFollowers followers_{this, &random_};
};

TEST(KvWatchHistory, FoldedWatchesAreWhatListsSay) {
  RunSeeds<KvHistory>(kSeeds, [] { return std::shared_ptr<Storage>(); });
}

TEST(KvWatchHistory, WatchesResumeFromTheNextEngine) {
  RunSeeds<KvHistory>(kSeedsWithRestarts, MemoryStorage::Create);
}

}  // namespace
}  // namespace skep::testing
