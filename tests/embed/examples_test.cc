// The examples of docs/embed.md, as they stand there, and what comes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

#include "skep/skep.h"

namespace skep {
namespace {

using namespace std::chrono_literals;
using ::testing::SizeIs;

TEST(Examples, TimeInATestsHands) {
  auto clock = skep::ManualClock::Create();
  auto engine = skep::Engine::Open({.clock = clock}).value();
  auto& registry = engine->registry();

  auto shop = registry.microservices().Register({.app_id = "shop", .name = "checkout"}).value();
  auto cart = registry.microservices().Register({.app_id = "shop", .name = "cart"}).value();
  auto a = registry.instances().Register(cart, {.host = "a", .endpoints = {"rest://a:1"}}).value();
  auto b = registry.instances().Register(cart, {.host = "b", .endpoints = {"rest://b:1"}}).value();

  clock->Advance(100s);
  registry.instances().Heartbeat(cart, a).value();

  // b stays silent, and its lease of 120 s ends.
  clock->Advance(30s);
  auto found = registry.discovery().Find(shop, {.app_id = "shop", .name = "cart"}).value();

  ASSERT_THAT(found.instances(), SizeIs(1));
  EXPECT_EQ(found.instances().front().id(), a);
  EXPECT_EQ(registry.instances().Heartbeat(cart, b).error(), RegistryErrc::kInstanceNotExists);
}

TEST(Examples, Watching) {
  auto engine = Engine::Open().value();
  auto& registry = engine->registry();
  auto shop = registry.microservices().Register({.app_id = "shop", .name = "checkout"}).value();
  auto cart = registry.microservices().Register({.app_id = "shop", .name = "cart"}).value();
  auto a = registry.instances().Register(cart, {.host = "a"}).value();
  registry.discovery().Find(shop, {.app_id = "shop", .name = "cart"}).value();

  skep::Watch watch = registry.watch().Subscribe(skep::WatchScope::Consumer(shop)).value();
  std::set<std::string> hosts;
  while (skep::WatchBatch batch = watch.Next()) {
    for (const skep::Instance& instance : batch.instances) hosts.emplace(instance.host());
    for (const skep::InstanceEventPtr& event : batch.events) {
      if (event->is_gone()) hosts.erase(std::string(event->instance.host()));
      if (!event->is_gone()) hosts.emplace(event->instance.host());
    }
  }

  EXPECT_EQ(hosts, std::set<std::string>{"a"});
  registry.instances().Unregister(cart, a).value();
  EXPECT_EQ(watch.Next().events.at(0)->instance.host(), "a");
}

TEST(Examples, StateThatStays) {
  auto disk = skep::MemoryStorage::Create();
  {
    auto engine = skep::Engine::Open({.storage = disk}).value();
    engine->config().Create({.key = "db.url", .value = "one"}).value();
  }
  auto after = skep::Engine::Open({.storage = disk->AfterPowerLoss()}).value();
  auto found = after->config().Get(skep::KvId({}, "db.url", {})).value();

  EXPECT_EQ(found->value, "one");
}

TEST(Examples, Configuration) {
  auto engine = Engine::Open().value();

  auto& config = engine->config();
  auto kv = config.Create({.key = "db.url", .value = "one", .labels = {{"app", "shop"}}}).value();
  config.Update(kv.id, {.value = "two"}).value();

  auto now = config.List({.labels = {{"app", "shop"}}}).value();
  auto before = config.List({.labels = {{"app", "shop"}}, .as_of = now.revision() - 1}).value();
  config.RollBack(kv.id, kv.revision).value();

  EXPECT_EQ(now.items().at(0)->value, "two");
  EXPECT_EQ(before.items().at(0)->value, "one");
  EXPECT_EQ(config.Get(kv.id).value()->value, "one");
}

TEST(Examples, HeartbeatOfAnEndedLeaseSaysSo) {
  auto clock = ManualClock::Create();
  auto engine = Engine::Open({.clock = clock}).value();
  auto& registry = engine->registry();
  auto cart = registry.microservices().Register({.name = "cart"}).value();
  auto a = registry.instances().Register(cart, {.host = "a"}).value();
  int registrations = 0;
  const auto RegisterAgain = [&] { ++registrations; };

  skep::LeaseRef lease = registry.instances().Lease(cart, a).value();
  if (!registry.instances().Renew(lease, engine->clock().Now())) RegisterAgain();
  EXPECT_EQ(registrations, 0);

  clock->Advance(121s);
  auto beat = registry.instances().Heartbeat(cart, a);
  if (!beat.ok() && beat.error() == skep::RegistryErrc::kInstanceNotExists) RegisterAgain();
  EXPECT_EQ(registrations, 1);
  EXPECT_FALSE(registry.instances().Renew(lease, engine->clock().Now()));
}

}  // namespace
}  // namespace skep
