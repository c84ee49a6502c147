// Many threads on one registry: what each of them wrote it must read, and what they are told must
// hold together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "skep/skep.h"
#include "tests/stress/observed_answers.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

constexpr int kThreads = 4;

// Runs fn(0) to fn(kThreads - 1) at once.
void OnThreads(const std::function<void(int)>& fn) {
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) threads.emplace_back(fn, t);
  for (std::thread& thread : threads) thread.join();
}

std::set<std::string> IdsOf(std::span<const Instance> instances) {
  std::set<std::string> ids;
  for (const Instance& instance : instances) ids.insert(instance.id().str());
  EXPECT_EQ(ids.size(), instances.size()) << "an instance twice in one answer";
  return ids;
}

// Versions whose last number is odd are open to other apps.
bool IsOpen(std::string_view version) { return (version.back() - '0') % 2 == 1; }

// What must hold in every view, whatever changes meanwhile.
void CheckViews(const Govern& govern) {
  const DetailParts parts{.instances = InstancePart::kAll, .dependencies = DependencyPart::kAll};
  const auto details = govern.List({.app_id = "shop"}, parts);
  ASSERT_TRUE(details.ok());
  std::set<std::string> ids;
  for (const ServiceDetail& detail : *details) {
    EXPECT_TRUE(ids.insert(detail.service->id.str()).second) << "a microservice twice";
    for (const Instance& instance : detail.instances) {
      EXPECT_EQ(instance.service_id(), detail.service->id.str());
    }
  }
  const RegistryStatistics statistics = govern.Statistics();
  EXPECT_LE(statistics.online_services, statistics.services);
  const RelationGraph graph = govern.Relations().value();
  for (const Relation& relation : graph.relations) EXPECT_NE(relation.consumer, relation.provider);
}

// One thread's own version of a microservice that all threads have, each in another version. Nobody
// else touches it, so its answers are known exactly, in the midst of the others' changes.
class OwnVersion {
 public:
  OwnVersion(Registry registry, int number, ServiceId stranger)
      : registry_(std::move(registry)), number_(number), stranger_(std::move(stranger)) {}

  void Round(std::mt19937& random) {
    Register();
    for (int i = 0; i < 3; ++i) AddInstance(i);
    CheckAll();
    if (random() % 2 == 0) {
      RemoveInstance();
      CheckAll();
    }
    EXPECT_THAT(registry_.microservices().Delete(id_, DeleteMode::kForce), IsOk());
    ids_.clear();
    CheckGone();
  }

  ObservedAnswers& answers() { return answers_; }

 private:
  void Register() {
    Microservice service{.app_id = "shop",
                         .name = "hot",
                         .version = "1." + std::to_string(number_),
                         .alias = "warm"};
    if (IsOpen(service.version)) service.properties["allowCrossApp"] = "true";
    id_ = registry_.microservices().Register(std::move(service)).value();
  }

  void AddInstance(int i) {
    const std::string host = "h" + std::to_string(number_) + "-" + std::to_string(i);
    ids_.insert(registry_.instances()
                    .Register(id_, {.host = host, .endpoints = {"rest://" + host + ":1"}})
                    .value()
                    .str());
  }

  void RemoveInstance() {
    const std::string id = *ids_.begin();
    ids_.erase(ids_.begin());
    EXPECT_THAT(registry_.instances().Unregister(id_, InstanceIdView(id)), IsOk());
    EXPECT_THAT(registry_.instances().Get(id_, InstanceIdView(id)),
                ErrorIs(RegistryErrc::kInstanceNotExists));
  }

  void CheckAll() {
    for (const std::string& id : ids_) {
      EXPECT_THAT(registry_.instances().Heartbeat(id_, InstanceIdView(id)), IsOk());
      EXPECT_EQ(registry_.instances().Get(id_, InstanceIdView(id)).value().service_id(), id_.str());
    }
    EXPECT_EQ(IdsOf(registry_.instances().List(id_).value().instances()), ids_);
    const ServiceDetail detail = registry_.govern().Get(id_).value();
    EXPECT_EQ(IdsOf(detail.instances), ids_);
    EXPECT_THAT(detail.versions, ::testing::Contains("1." + std::to_string(number_)));
    Find("hot");
    // A microservice with that name may come and go; then the alias does not count.
    Find("warm");
    FindAsStranger();
  }

  void Find(std::string_view name) {
    auto found = registry_.discovery().Find({.app_id = "shop", .name = name});
    ASSERT_TRUE(found.ok());
    std::set<std::string> own;
    bool by_alias = true;
    for (const Instance& instance : found->instances()) {
      if (instance.service_id() == id_.str()) own.insert(instance.id().str());
      by_alias = by_alias && instance.host() != "shadow";
    }
    if (name == "hot" || !own.empty()) {
      EXPECT_EQ(own, ids_);
      EXPECT_TRUE(by_alias) << "found by name and by alias in one answer";
    }
    answers_.Add(std::string(name), std::move(*found));
  }

  // From another app, only open versions are seen.
  void FindAsStranger() {
    auto found = registry_.discovery().Find(stranger_, {.app_id = "shop", .name = "hot"});
    ASSERT_TRUE(found.ok());
    std::size_t own = 0;
    for (const Instance& instance : found->instances()) {
      EXPECT_TRUE(IsOpen(instance.version())) << instance.version();
      if (instance.service_id() == id_.str()) ++own;
    }
    EXPECT_EQ(own, IsOpen("1." + std::to_string(number_)) ? ids_.size() : 0);
    answers_.Add("hot", std::move(*found));
  }

  void CheckGone() {
    EXPECT_THAT(registry_.microservices().Get(id_), ErrorIs(RegistryErrc::kServiceNotExists));
    EXPECT_THAT(registry_.instances().List(id_), ErrorIs(RegistryErrc::kServiceNotExists));
    EXPECT_THAT(registry_.govern().Get(id_), ErrorIs(RegistryErrc::kServiceNotExists));
    auto found = registry_.discovery().Find({.app_id = "shop", .name = "hot"});
    if (!found.ok()) {
      EXPECT_THAT(found, ErrorIs(RegistryErrc::kServiceNotExists));
      return;
    }
    for (const Instance& instance : found->instances()) {
      EXPECT_NE(instance.service_id(), id_.str());
    }
    answers_.Add("hot", std::move(*found));
  }

  Registry registry_;
  const int number_;
  const ServiceId stranger_;
  ServiceId id_;
  std::set<std::string> ids_;
  ObservedAnswers answers_;
};

TEST(RegistryStress, EveryThreadReadsItsOwnWrites) {
  constexpr int kRounds = 1500;
  const auto engine = Engine::Open({.clock = ManualClock::Create()}).value();
  Microservices services = engine->registry().microservices();
  const ServiceId stranger = services.Register({.app_id = "elsewhere", .name = "stranger"}).value();
  std::deque<OwnVersion> own;
  for (int t = 0; t < kThreads; ++t) own.emplace_back(engine->registry({}), t, stranger);

  std::atomic<bool> stop = false;
  // What the alias names comes and goes as a name of its own.
  std::thread shadow([&] {
    while (!stop) {
      const ServiceId id = services.Register({.app_id = "shop", .name = "warm"}).value();
      EXPECT_THAT(engine->registry().instances().Register(id, {.host = "shadow"}), IsOk());
      EXPECT_THAT(services.Delete(id, DeleteMode::kForce), IsOk());
    }
  });
  // Nobody writes here; lists of single versions are only read.
  ObservedAnswers reader_answers;
  std::thread reader([&] {
    Registry& registry = engine->registry();
    while (!stop) {
      for (const std::string_view name : {"hot", "warm"}) {
        auto found = registry.discovery().Find({.app_id = "shop", .name = name});
        if (found.ok()) reader_answers.Add(std::string(name), std::move(*found));
      }
      for (const MicroservicePtr& service : services.List()) {
        auto listed = registry.instances().List(service->id);
        if (!listed.ok()) continue;
        for (const Instance& instance : listed->instances()) {
          EXPECT_EQ(instance.service_id(), service->id.str());
        }
        if (service->name == "hot") reader_answers.Add("hot", std::move(*listed));
      }
      CheckViews(registry.govern());
    }
  });
  OnThreads([&](int t) {
    std::mt19937 random(static_cast<unsigned>(t));
    for (int round = 0; round < kRounds; ++round) {
      own[static_cast<std::size_t>(t)].Round(random);
      if (::testing::Test::HasFailure()) return;
    }
  });
  stop = true;
  shadow.join();
  reader.join();

  EXPECT_EQ(engine->metrics().instances, 0u);
  EXPECT_EQ(engine->metrics().services, 1u);
  for (OwnVersion& version : own) {
    version.answers().CheckHeld();
    reader_answers.Merge(version.answers());
  }
  reader_answers.CheckHeld();
}

// What any thread may do to microservices that belong to nobody.
class Anybody {
 public:
  Anybody(Engine& engine, unsigned seed)
      : clock_(engine.clock()), registry_(engine.registry({})), random_(seed) {}

  void Step() {
    const ServiceId service(Pick(kServices));
    const InstanceId instance(std::string_view(Pick(kInstances)));
    switch (random_() % 16) {
      case 0:
        RegisterService(service);
        break;
      case 1:
        Allow(registry_.microservices().Delete(service, Mode()),
              {RegistryErrc::kServiceNotExists, RegistryErrc::kServiceHasInstances,
               RegistryErrc::kServiceHasConsumers});
        break;
      case 2:
      case 3:
      case 4:
        RegisterInstance(service, instance);
        break;
      case 5:
      case 6:
        Allow(registry_.instances().Unregister(service, instance),
              {RegistryErrc::kInstanceNotExists});
        break;
      case 7:
      case 8:
        Allow(registry_.instances().Heartbeat(service, instance),
              {RegistryErrc::kInstanceNotExists});
        break;
      case 9:
        Allow(registry_.instances().SetStatus(service, instance, InstanceStatus::kTesting),
              {RegistryErrc::kInstanceNotExists});
        RenewByLease(service, instance);
        break;
      case 10:
        Allow(registry_.instances().Get(service, instance),
              {RegistryErrc::kInstanceNotExists, RegistryErrc::kServiceNotExists});
        break;
      case 11:
        List(service);
        break;
      case 12:
        Allow(registry_.microservices().Exists(
                  {.app_id = "shop", .name = service.str(), .version = VersionOf(service)}),
              {RegistryErrc::kServiceNotExists});
        break;
      case 13:
        for (const MicroservicePtr& s : registry_.microservices().List()) {
          EXPECT_EQ(s->name, s->id.str());
        }
        break;
      default:
        Find(service);
    }
  }

  ObservedAnswers& answers() { return answers_; }

 private:
  static constexpr std::array<const char*, 3> kServices = {"s1", "s2", "s3"};
  // Of 128 bits, and texts.
  static constexpr std::array<const char*, 5> kInstances = {
      "00000000000000010000000000000001", "00000000000000010000000000000002",
      "00000000000000010000000000000003", "text-1", "text-2"};

  template <class T>
  static void Allow(const Result<T>& result, std::initializer_list<RegistryErrc> errors) {
    if (result.ok()) return;
    const bool allowed = std::ranges::any_of(
        errors, [&](RegistryErrc error) { return result.error() == make_error_code(error); });
    EXPECT_TRUE(allowed) << result.error().ToString();
  }

  template <class Pool>
  const char* Pick(const Pool& pool) {
    return pool[random_() % pool.size()];
  }

  DeleteMode Mode() { return random_() % 2 == 0 ? DeleteMode::kSafe : DeleteMode::kForce; }

  // Different ones, so that all of them can have the same alias.
  static std::string VersionOf(const ServiceId& id) { return std::string("1.") + id.str().back(); }

  void RegisterService(const ServiceId& id) {
    Allow(registry_.microservices().Register({.id = id,
                                              .app_id = "shop",
                                              .name = id.str(),
                                              .version = VersionOf(id),
                                              .alias = "all"}),
          {});
  }

  void RegisterInstance(const ServiceId& service, const InstanceId& id) {
    InstanceSpec spec{.host = Pick(kInstances), .endpoints = {"rest://1:1"}};
    if (random_() % 2 == 0) spec.id = id;
    spec.health_check = HealthCheck{.interval_s = 1 + static_cast<int>(random_() % 2), .times = 0};
    Allow(registry_.instances().Register(service, std::move(spec)),
          {RegistryErrc::kServiceNotExists});
  }

  void RenewByLease(const ServiceId& service, const InstanceId& id) {
    const auto lease = registry_.instances().Lease(service, id);
    Allow(lease, {RegistryErrc::kInstanceNotExists});
    // It may have ended by now.
    if (lease.ok()) (void)registry_.instances().Renew(*lease, clock_.Now());
  }

  void List(const ServiceId& service) {
    auto listed = registry_.instances().List(service);
    Allow(listed, {RegistryErrc::kServiceNotExists});
    if (!listed.ok()) return;
    for (const Instance& i : listed->instances()) EXPECT_EQ(i.service_id(), service.str());
    answers_.Add(service.str(), std::move(*listed));
  }

  void Find(const ServiceId& name) {
    const FindQuery query{.app_id = "shop", .name = name.str(), .known = known_};
    const ServiceId consumer(random_() % 2 == 0 ? Pick(kServices) : "");
    auto found = registry_.discovery().Find(consumer, query);
    Allow(found, {RegistryErrc::kServiceNotExists});
    if (!found.ok()) return;
    for (const Instance& i : found->instances()) EXPECT_EQ(i.service_id(), name.str());
    known_ = found->version().str();
    answers_.Add(name.str(), std::move(*found));
  }

  const Clock& clock_;
  Registry registry_;
  std::mt19937 random_;
  std::string known_;
  ObservedAnswers answers_;
};

// All that is there can be reached in every way there is.
void CheckWhole(Engine& engine, Registry registry) {
  std::size_t count = 0;
  const auto services = registry.microservices().List();
  for (const MicroservicePtr& service : services) {
    const auto listed = registry.instances().List(service->id).value();
    const auto found =
        registry.discovery().Find({.app_id = service->app_id, .name = service->name}).value();
    EXPECT_EQ(IdsOf(found.instances()), IdsOf(listed.instances()));
    for (const Instance& instance : listed.instances()) {
      EXPECT_EQ(registry.instances().Get(service->id, instance.id()).value(), instance);
      EXPECT_THAT(registry.instances().Heartbeat(service->id, instance.id()), IsOk());
    }
    count += listed.instances().size();
  }
  EXPECT_EQ(engine.metrics().services, services.size());
  EXPECT_EQ(engine.metrics().instances, count);
}

TEST(RegistryStress, AnybodyDoesAnythingOnTheSystemClock) {
  constexpr int kSteps = 40'000;
  constexpr std::size_t kEngines = 2;
  std::vector<std::unique_ptr<Engine>> engines;
  std::vector<std::deque<Anybody>> users(kEngines);
  for (std::size_t e = 0; e < kEngines; ++e) {
    // Leases of one second: some end while the threads run.
    engines.push_back(Engine::Open({.registry = {.interval_s_min = 1, .times_min = 0}}).value());
    for (unsigned t = 0; t < kThreads; ++t) users[e].emplace_back(*engines[e], t);
  }
  OnThreads([&](int t) {
    for (int i = 0; i < kSteps; ++i) {
      users[static_cast<std::size_t>(i) % kEngines][static_cast<std::size_t>(t)].Step();
    }
  });
  for (std::size_t e = 0; e < kEngines; ++e) {
    ObservedAnswers all;
    for (Anybody& user : users[e]) {
      user.answers().CheckHeld();
      all.Merge(user.answers());
    }
  }
}

TEST(RegistryStress, AnybodyDoesAnythingWhileTimeIsMoved) {
  constexpr int kSteps = 40'000;
  const auto clock = ManualClock::Create();
  const auto engine =
      Engine::Open({.clock = clock, .registry = {.interval_s_min = 1, .times_min = 0}}).value();
  std::deque<Anybody> users;
  for (unsigned t = 0; t < kThreads; ++t) users.emplace_back(*engine, t);
  std::atomic<bool> stop = false;
  std::thread mover([&] {
    while (!stop) clock->Advance(Millis(1));
  });
  OnThreads([&](int t) {
    for (int i = 0; i < kSteps; ++i) users[static_cast<std::size_t>(t)].Step();
  });
  stop = true;
  mover.join();
  EXPECT_GT(engine->metrics().expired_instances, 0u);
  CheckWhole(*engine, engine->registry({}));
  clock->Advance(std::chrono::hours(1));
  EXPECT_EQ(engine->metrics().instances, 0u);
  CheckWhole(*engine, engine->registry({}));

  ObservedAnswers all;
  for (Anybody& user : users) {
    user.answers().CheckHeld();
    all.Merge(user.answers());
  }
}

// Each thread has a tenant of its own and sees nothing of the others'.
TEST(RegistryStress, TenantsDoNotMeet) {
  constexpr int kRounds = 300;
  const auto engine = Engine::Open({.clock = ManualClock::Create()}).value();
  OnThreads([&](int t) {
    for (int round = 0; round < kRounds; ++round) {
      Registry registry = engine->registry({std::to_string(t), std::to_string(round % 50)});
      const auto id = registry.microservices().Register({.name = "same"}).value();
      const auto instance = registry.instances().Register(id, {.host = "h"}).value();
      const auto found = registry.discovery().Find({.app_id = "default", .name = "same"}).value();
      EXPECT_EQ(IdsOf(found.instances()), std::set<std::string>{instance.str()});
      EXPECT_EQ(registry.microservices().List().size(), 1u);
      EXPECT_THAT(registry.microservices().Delete(id, DeleteMode::kForce), IsOk());
    }
  });
  EXPECT_EQ(engine->metrics().tenants, 1u + kThreads * 50u);
  EXPECT_EQ(engine->metrics().instances, 0u);
}

}  // namespace
}  // namespace skep::testing
