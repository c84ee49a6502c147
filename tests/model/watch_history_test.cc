// Watches over random histories: every kind of scope, fast and slow ones, ones that come and go and
// resume, while all that can change what they see changes. After every step a fast watch is what a
// fresh list is; a slow one is so whenever it has caught up. A failure names its seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "skep/skep.h"
#include "tests/support/watch_checker.h"

namespace skep::testing {
namespace {

using namespace std::chrono_literals;
using Start = WatchOptions::Start;

constexpr std::uint64_t kSeeds = 1'000;
constexpr int kSteps = 60;

class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed) {
    for (const char* name : kNames) Register(name);
    for (const WatchScope& scope :
         {WatchScope::Tenant(), WatchScope::App("shop"), WatchScope::Microservice(services_[0]),
          WatchScope::Consumer(services_[2]), WatchScope::Consumer(services_[3])}) {
      followers_.push_back(Follow(scope, kFast));
      followers_.push_back(Follow(scope, kSlow));
      followers_.push_back(Follow(scope, kResuming));
    }
  }

  void Run() {
    for (int step = 0; step < kSteps && !::testing::Test::HasFailure(); ++step) {
      Take();
      for (Follower& follower : followers_) Go(&follower);
    }
    for (Follower& follower : followers_) CatchUp(&follower);
    engine_->Close().value();
    for (Follower& follower : followers_) {
      follower.checker->Drain(follower.watch);
      EXPECT_TRUE(follower.checker->closed());
      EXPECT_EQ(follower.checker->problems(), "");
    }
  }

 private:
  enum Pace { kFast, kSlow, kResuming };

  struct Follower {
    WatchScope scope;
    Pace kind;
    Watch watch;
    std::unique_ptr<WatchChecker> checker;
    bool away = false;  ///< Its watch has ended, and another is to resume.
  };

  std::uint64_t Draw(std::uint64_t below) { return random_() % below; }
  bool OneIn(std::uint64_t n) { return Draw(n) == 0; }
  Registry& registry() { return engine_->registry(); }
  const ServiceId& AnyService() { return services_[Draw(services_.size())]; }

  Follower Follow(const WatchScope& scope, Pace kind) {
    const WatchOptions options{.queue_max = kind == kSlow ? std::size_t{6} : 0};
    return {.scope = scope,
            .kind = kind,
            .watch = registry().watch().Subscribe(scope, options).value(),
            .checker = std::make_unique<WatchChecker>(Start::kSnapshot)};
  }

  void Go(Follower* follower) {
    if (follower->away) {
      if (OneIn(3)) Resume(follower);
      return;
    }
    const std::uint64_t rest = follower->kind == kFast ? 1 : follower->kind == kSlow ? 12 : 4;
    if (OneIn(rest)) {
      CatchUp(follower);
    } else if (follower->kind == kSlow && OneIn(3)) {
      // One batch, and leaves the others.
      const bool lagging = follower->watch.lag().lagging;
      using Seen = WatchChecker::Pace;
      follower->checker->Take(follower->watch.Next(), lagging ? Seen::kSlow : Seen::kFast);
    }
    if (follower->kind != kResuming || !OneIn(5)) return;
    follower->watch.Cancel();
    follower->away = true;
  }

  void Resume(Follower* follower) {
    const Revision seen = follower->checker->seen();
    auto again =
        registry().watch().Subscribe(follower->scope, {.start = Start::kAfter, .after = seen});
    if (!again.ok()) return;  // The microservice is not there at the moment.
    follower->away = false;
    follower->watch = *std::move(again);
    follower->checker = std::make_unique<WatchChecker>(seen, follower->checker->state());
  }

  void CatchUp(Follower* follower) {
    while (follower->away) {
      for (const char* name : kNames) Register(name);
      Resume(follower);
    }
    follower->checker->Drain(follower->watch);
    EXPECT_EQ(follower->checker->problems(), "");
    EXPECT_EQ(follower->checker->state(), Fresh(follower->scope));
  }

  // What a list says now, by other ways than a watch's.
  WatchState Fresh(const WatchScope& scope) {
    using Kind = WatchScope::Kind;
    const ServiceIdView id{scope.name()};
    WatchState state;
    const auto add = [&](ServiceIdView service, const ListQuery& query) {
      const auto list = registry().instances().List(service, query);
      if (list.ok()) state.merge(StateOf(list->instances()));
    };
    if (scope.kind() == Kind::kMicroservice) {
      add(id, {});
    } else if (scope.kind() == Kind::kConsumer) {
      const auto providers = registry().dependencies().Providers(id);
      if (!providers.ok()) return state;
      for (const MicroservicePtr& provider : *providers) add(provider->id, {.consumer = id});
    } else {
      for (const MicroservicePtr& service : registry().microservices().List()) {
        if (scope.kind() == Kind::kApp && service->app_id != scope.name()) continue;
        add(service->id, {});
      }
    }
    return state;
  }

  // ----------------------------------------------------------------------------------------------
  // What happens

  void Take() {
    switch (Draw(16)) {
      case 0:
        return Register(kNames[Draw(std::size(kNames))]);
      case 1:
        if (OneIn(3)) (void)registry().microservices().Delete(AnyService(), DeleteMode::kForce);
        return;
      case 2:
        return Unregister();
      case 3:
      case 4:
        return SetStatus();
      case 5:
        return SetSome();
      case 6:
        clock_->Advance(std::chrono::seconds(Draw(60)));
        return;
      case 7:
      case 8:
        return Find();
      case 9:
        return Override();
      case 10:
        return SetRules();
      case 11:
        (void)registry().microservices().SetProperties(
            AnyService(), {{"allowCrossApp", OneIn(2) ? "true" : "false"}});
        return;
      default:
        return RegisterInstance();
    }
  }

  static constexpr const char* kNames[] = {"cart", "stock", "checkout", "audit"};

  // The last name is of another app. Some come in another version, or with an alias that is
  // another's name.
  void Register(const std::string& name) {
    const bool last = name == kNames[3];
    const bool first_time = services_.size() < std::size(kNames);
    const auto id = registry().microservices().Register(
        {.app_id = last ? "books" : "shop",
         .name = name,
         .version = !first_time && OneIn(3) ? "2.0.0" : "",
         .alias = !first_time && OneIn(4) ? kNames[Draw(std::size(kNames))] : ""});
    if (!id.ok()) return;
    const ServiceId& known = *id;
    if (std::ranges::find(services_, known) == services_.end()) services_.push_back(known);
  }

  void RegisterInstance() {
    const std::string host(1, static_cast<char>('a' + Draw(5)));
    InstanceSpec spec{.host = host, .endpoints = {"rest://" + host}};
    if (OneIn(3)) spec.id = InstanceId(OneIn(2) ? "own-" + host : std::string(31, '0') + host);
    if (OneIn(2)) spec.properties = {{"n", std::to_string(Draw(3))}};
    if (OneIn(6)) spec.lease = LeaseMode::kNone;
    (void)registry().instances().Register(AnyService(), std::move(spec));
  }

  // Any live instance of the microservice; an empty id where there is none.
  InstanceId AnyInstance(const ServiceId& service) {
    const auto list = registry().instances().List(service);
    if (!list.ok() || list->instances().empty()) return {};
    return InstanceId(list->instances()[Draw(list->instances().size())].id());
  }

  void Unregister() {
    const ServiceId& service = AnyService();
    (void)registry().instances().Unregister(service, AnyInstance(service));
  }

  InstanceStatus AnyStatus() { return OneIn(2) ? InstanceStatus::kUp : InstanceStatus::kDown; }
  void SetStatus() {
    const ServiceId& service = AnyService();
    (void)registry().instances().SetStatus(service, AnyInstance(service), AnyStatus());
  }
  void SetSome() {
    (void)registry().instances().SetStatusWhere({{"n", std::to_string(Draw(3))}}, AnyStatus());
  }

  void Find() {
    const char* name = kNames[Draw(std::size(kNames))];
    const char* app = OneIn(3) ? "books" : "shop";
    (void)registry().discovery().Find(AnyService(), {.app_id = app, .name = name});
  }

  void Override() {
    Dependency dependency{.consumer = {.app_id = "shop", .name = "checkout", .version = "0.0.1"}};
    for (const char* name : kNames) {
      if (OneIn(3)) dependency.providers.push_back({.app_id = "shop", .name = name});
    }
    (void)registry().dependencies().Override({&dependency, 1});
  }

  void SetRules() {
    std::vector<Rule> rules;
    if (OneIn(2)) {
      rules.push_back({.type = OneIn(2) ? RuleType::kBlack : RuleType::kWhite,
                       .attribute = "ServiceName",
                       .pattern = kNames[Draw(std::size(kNames))]});
    }
    (void)registry().rules().Replace(AnyService(), std::move(rules));
  }

  std::mt19937_64 random_;
  const std::shared_ptr<ManualClock> clock_ = ManualClock::Create();
  const std::unique_ptr<Engine> engine_ =
      Engine::Open({.clock = clock_, .id_seed = 1, .registry = {.watch_events_kept = 20}}).value();
  std::vector<ServiceId> services_;
  std::vector<Follower> followers_;
};

TEST(WatchHistory, FoldedWatchesAreWhatListsSay) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History(seed).Run();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace skep::testing
