// A month of a registry's and a configuration center's life on the manual clock: instances that
// beat, come, go and die, finds, watches, items that change, polls that wait. What it holds after
// ten days it holds after thirty.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "skep/skep.h"
#include "tests/allocation/counted_heap.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

constexpr int kServices = 20;
constexpr std::size_t kInstances = 1'000;
constexpr int kItems = 200;
constexpr int kBeatsOfADay = 24 * 60 * 2;  // One each 30 s.

std::size_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  std::size_t resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

class Soak : public ::testing::Test {
 protected:
  struct Beater {
    std::size_t service;
    InstanceId id;
    LeaseRef lease;
  };

  void SetUp() override {
    for (int i = 0; i < kServices; ++i) {
      services_.push_back(registry_.microservices()
                              .Register({.app_id = "soak", .name = "service-" + std::to_string(i)})
                              .value());
    }
    for (int i = 0; i < kItems; ++i) {
      items_.push_back(
          config_
              .Create(
                  {.key = "key." + std::to_string(i), .value = "0", .labels = {{"app", "soak"}}})
              .value()
              .id);
    }
    while (beaters_.size() < kInstances) AddInstance();
    watch_ = registry_.watch().Subscribe(WatchScope::Tenant()).value();
    Poll();
  }

  // One instance of a host that there never was before.
  void AddInstance() {
    const std::size_t service = random_() % services_.size();
    const std::string host = "host-" + std::to_string(hosts_++);
    const InstanceId id =
        registry_.instances()
            .Register(services_[service], {.host = host, .endpoints = {"rest://" + host + ":1"}})
            .value();
    beaters_.push_back({service, id, registry_.instances().Lease(services_[service], id).value()});
  }

  // Two leave politely, two without a word, four come.
  void Churn() {
    for (int i = 0; i < 4; ++i) {
      const Beater gone = beaters_.front();
      beaters_.pop_front();
      if (i % 2 == 0) {
        EXPECT_THAT(registry_.instances().Unregister(services_[gone.service], gone.id), IsOk());
      }
    }
    while (beaters_.size() < kInstances) AddInstance();
  }

  // A poll that waits for the item which is written next, or for its time.
  void Poll() {
    const auto wait = config_.Wait({.labels = {{"app", "soak"}}, .key = "key.7"}, std::nullopt,
                                   seconds(60), [this](WaitEnd) { ++polls_ended_; });
    EXPECT_THAT(wait, IsOk());
  }

  void Use() {
    const std::string& item = items_[random_() % items_.size()];
    EXPECT_THAT(config_.Update(item, {.value = std::to_string(random_())}), IsOk());
    Poll();
    const ServiceId& consumer = services_[random_() % services_.size()];
    const std::string name = "service-" + std::to_string(random_() % kServices);
    EXPECT_THAT(registry_.discovery().Find(consumer, {.app_id = "soak", .name = name}), IsOk());
    while (watch_.Next()) {
    }
  }

  void LiveADay() {
    for (int beat = 0; beat < kBeatsOfADay; ++beat) {
      clock_->Advance(seconds(30));
      const MonotonicTime now = clock_->Now();
      for (const Beater& b : beaters_) ASSERT_TRUE(registry_.instances().Renew(b.lease, now));
      if (beat % 2 == 0) Churn();
      if (beat % 4 == 0) Use();
    }
  }

  const std::shared_ptr<ManualClock> clock_ = ManualClock::Create();
  const std::unique_ptr<Engine> engine_ =
      Engine::Open({.clock = clock_, .id_seed = 1, .kie = {.history_max = 20}}).value();
  Registry registry_ = engine_->registry();
  ConfigCenter config_ = engine_->config();
  std::mt19937_64 random_{1};
  std::vector<ServiceId> services_;
  std::vector<std::string> items_;
  std::deque<Beater> beaters_;
  std::size_t hosts_ = 0;
  std::size_t polls_ended_ = 0;
  Watch watch_;
};

TEST_F(Soak, MemoryIsAsFlatOnTheThirtiethDayAsOnTheTenth) {
  for (int day = 0; day < 10; ++day) LiveADay();
  const std::size_t heap = HeapBytes();
  const std::size_t resident = ResidentBytes();
  for (int day = 10; day < 30; ++day) LiveADay();
  RecordProperty("heap_bytes", std::to_string(HeapBytes()));
  RecordProperty("resident_bytes", std::to_string(ResidentBytes()));

  // The instances without a word are still there until their leases end.
  EXPECT_GE(engine_->metrics().instances, kInstances);
  EXPECT_LT(engine_->metrics().instances, kInstances + 20);
  EXPECT_GT(engine_->metrics().expired_instances, 80'000U);
  EXPECT_GT(polls_ended_, 21'000U);
  EXPECT_LE(HeapBytes(), heap + heap / 50);
  EXPECT_LE(ResidentBytes(), resident + resident / 20);
}

}  // namespace
}  // namespace skep::testing
