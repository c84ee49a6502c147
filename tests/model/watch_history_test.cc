// Watches of instances over random histories: every kind of scope, followers of every kind, while
// all that can change what they see changes, and engines end and begin again on what they stored.
// A failure names its seed.
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

#include "skep/memory_storage.h"
#include "skep/skep.h"
#include "tests/model/watch_followers.h"
#include "tests/support/watch_checker.h"

namespace skep::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeeds = 1'000;
constexpr std::uint64_t kSeedsWithRestarts = 200;
constexpr int kSteps = 60;

using InstanceFollowers = Followers<InstanceBatches, WatchScope>;

class History : private InstanceFollowers::World {
 public:
  /// With a storage, or without one and without restarts: null.
  History(std::uint64_t seed, std::shared_ptr<Storage> storage)
      : random_(seed), storage_(std::move(storage)) {
    Open();
    for (const char* name : kNames) Register(name);
    for (const WatchScope& scope :
         {WatchScope::Tenant(), WatchScope::App("shop"), WatchScope::Microservice(services_[0]),
          WatchScope::Consumer(services_[2]), WatchScope::Consumer(services_[3])}) {
      followers_.Follow(scope);
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
                            .id_seed = 1,
                            .storage = storage_,
                            .registry = {.watch_events_kept = 20}})
                  .value();
  }

  void Restart() {
    engine_->Close().value();
    followers_.End();
    Open();
  }

  std::uint64_t Draw(std::uint64_t below) { return random_() % below; }
  bool OneIn(std::uint64_t n) { return Draw(n) == 0; }
  Registry& registry() { return engine_->registry(); }
  const ServiceId& AnyService() { return services_[Draw(services_.size())]; }

  Result<Watch> Subscribe(const WatchScope& scope, const WatchOptions& options) override {
    return registry().watch().Subscribe(scope, options);
  }

  void Revive() override {
    for (const char* name : kNames) Register(name);
  }

  WatchState Fresh(const WatchScope& scope) override {
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
  const std::shared_ptr<Storage> storage_;
  std::unique_ptr<Engine> engine_;
  std::vector<ServiceId> services_;
  InstanceFollowers followers_{this, &random_};
};

TEST(WatchHistory, FoldedWatchesAreWhatListsSay) {
  RunSeeds<History>(kSeeds, [] { return std::shared_ptr<Storage>(); });
}

TEST(WatchHistory, WatchesResumeFromTheNextEngine) {
  RunSeeds<History>(kSeedsWithRestarts, MemoryStorage::Create);
}

}  // namespace
}  // namespace skep::testing
