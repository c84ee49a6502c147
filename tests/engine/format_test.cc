// A storage of format 1, as tests/engine/corpus has it, is read by every later version:
// format1.txt, where each line is a key and its value in hex digits, and format1, a folder of
// RocksDB's.
//
// They stay as they are: when a record's layout changes, its version goes up, and others show the
// new one. SKEP_WRITE_FORMAT=folder makes them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "skep/memory_storage.h"
#include "skep/skep.h"
#include "tests/support/error_matchers.h"

#if defined(SKEP_WITH_ROCKSDB)
#include <unistd.h>

#include "skep/rocksdb_storage.h"
#endif

namespace skep {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::ErrorIs;
using ::testing::SizeIs;

std::string FromHex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string ToHex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string digits;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    digits += {kDigits[byte >> 4], kDigits[byte & 0xf]};
  }
  return digits;
}

std::shared_ptr<MemoryStorage> Format1() {
  std::ifstream file(std::filesystem::path(SKEP_FORMAT_CORPUS) / "format1.txt");
  WriteBatch batch;
  std::string key;
  std::string value;
  while (file >> key >> value) batch.Put(FromHex(key), FromHex(value));
  EXPECT_FALSE(batch.empty()) << SKEP_FORMAT_CORPUS;
  auto storage = MemoryStorage::Create();
  EXPECT_TRUE(storage->Commit(batch, Sync::kYes).ok());
  return storage;
}

const Tenant kRed{"red", "one"};

// What the file holds, as it came to be.
std::shared_ptr<MemoryStorage> Written() {
  auto storage = MemoryStorage::Create();
  auto clock = ManualClock::Create();
  auto engine =
      Engine::Open(
          {.clock = clock, .id_seed = 5, .first_revision = Revision(100), .storage = storage})
          .value();
  Registry registry = engine->registry(kRed);
  const ServiceId cart = registry.microservices()
                             .Register({.id = ServiceId("cart-id"),
                                        .app_id = "shop",
                                        .name = "cart",
                                        .version = "1.0.0",
                                        .description = "what is in the cart",
                                        .level = ServiceLevel::kFront,
                                        .schemas = {"declared"},
                                        .paths = {{"/cart", {{"a", "b"}}}},
                                        .properties = {{"allowCrossApp", "true"}},
                                        .providers = {{.app_id = "shop", .name = "till"}},
                                        .alias = "shop:cart",
                                        .lb_strategy = {{"any", "round"}},
                                        .environment = "testing",
                                        .register_by = "SDK",
                                        .framework = Framework{"CHASSIS", "2.1"}})
                             .value();
  const ServiceId till = registry.microservices()
                             .Register({.id = ServiceId("till-id"),
                                        .app_id = "shop",
                                        .name = "till",
                                        .environment = "testing"})
                             .value();
  const ServiceId gone =
      registry.microservices()
          .Register(
              {.app_id = "shop", .name = "till", .version = "2.0.0", .environment = "testing"})
          .value();
  (void)registry.tags().Replace(cart, {{"color", "red"}}).value();
  (void)registry.rules()
      .Replace(till, {{.type = RuleType::kWhite, .attribute = "ServiceName", .pattern = "^cart$"}})
      .value();
  (void)registry.schemas()
      .Put(cart, {.id = "hello", .summary = "s1", .content = "swagger"})
      .value();
  clock->Advance(5s);
  (void)registry.instances()
      .Register(cart, {.id = InstanceId("first"),
                       .host = "north",
                       .endpoints = {"rest://10.0.0.1:80"},
                       .properties = {{"zone", "a"}},
                       .health_check = HealthCheck{.port = 81, .interval_s = 10, .times = 3},
                       .data_center = DataCenterInfo{"dc", "region", "zone-1"}})
      .value();
  (void)registry.instances().Register(till, {.host = "south"}).value();
  (void)registry.discovery().Find(cart, {.app_id = "shop", .name = "till"}).value();
  (void)registry.microservices().Delete(gone, DeleteMode::kForce).value();

  ConfigCenter config = engine->config(kRed);
  const std::string id = config
                             .Create({.key = "timeout",
                                      .value = "1s",
                                      .labels = {{"app", "shop"}},
                                      .value_type = ValueType::kText,
                                      .priority = 3,
                                      .check = "check"})
                             .value()
                             .id;
  clock->Advance(5s);
  (void)config.Update(id, {.value = "2s", .status = KvStatus::kEnabled}).value();
  const std::string other = config.Create({.key = "color", .value = "red"}).value().id;
  (void)config.Delete(other).value();
  EXPECT_TRUE(engine->Close().ok());
  return storage;
}

TEST(Format, DumpOnDemand) {
  const std::shared_ptr<MemoryStorage> storage = Written();
  const char* path = std::getenv("SKEP_WRITE_FORMAT");
  std::string dump;
  ASSERT_TRUE(storage
                  ->Scan("",
                         [&dump](std::string_view key, std::string_view value) {
                           dump += ToHex(key) + " " + ToHex(value) + "\n";
                           return true;
                         })
                  .ok());
  EXPECT_FALSE(dump.empty());
  if (path != nullptr) std::ofstream(std::filesystem::path(path) / "format1.txt") << dump;
}

void ExpectAll(std::shared_ptr<Storage> storage) {
  auto clock = ManualClock::Create();
  clock->Advance(10s);
  const auto engine = Engine::Open({.clock = clock, .storage = std::move(storage)}).value();
  EXPECT_GT(engine->revision(), Revision(120));
  EXPECT_THAT(engine->registry().govern().Tenants(), ElementsAre(Tenant{}, kRed));
  const Registry registry = engine->registry(kRed);
  ASSERT_THAT(registry.microservices().List(), SizeIs(2));

  const ServiceDetail cart = registry.govern().Get(ServiceIdView("cart-id")).value();
  EXPECT_EQ(cart.service->description, "what is in the cart");
  EXPECT_EQ(cart.service->level, ServiceLevel::kFront);
  EXPECT_THAT(cart.service->schemas, ElementsAre("declared", "hello"));
  EXPECT_EQ(cart.service->paths.at(0).property.at("a"), "b");
  EXPECT_EQ(cart.service->providers.at(0).name, "till");
  EXPECT_EQ(cart.service->alias, "shop:cart");
  EXPECT_EQ(cart.service->framework->version, "2.1");
  EXPECT_EQ(cart.service->register_by, "SDK");
  EXPECT_EQ(cart.service->lb_strategy.at("any"), "round");
  EXPECT_EQ(cart.service->created, std::chrono::sys_days(std::chrono::January / 1 / 2024));
  EXPECT_EQ(cart.tags->at("color"), "red");
  EXPECT_EQ(cart.schemas.at(1)->content, "swagger");
  ASSERT_THAT(cart.providers, SizeIs(1));
  EXPECT_EQ(cart.providers[0]->id.str(), "till-id");
  ASSERT_THAT(cart.instances, SizeIs(1));
  const Instance& first = cart.instances[0];
  EXPECT_EQ(first.id().str(), "first");
  EXPECT_EQ(first.host(), "north");
  EXPECT_EQ(*first.endpoints().begin(), "rest://10.0.0.1:80");
  EXPECT_EQ(first.health_check_port(), 81);
  EXPECT_EQ(first.data_center_zone(), "zone-1");
  EXPECT_EQ(first.lease(), 40s);

  const ServiceDetail till = registry.govern().Get(ServiceIdView("till-id")).value();
  ASSERT_THAT(till.rules, SizeIs(1));
  EXPECT_EQ(till.rules[0].pattern, "^cart$");
  ASSERT_THAT(till.instances, SizeIs(1));
  EXPECT_EQ(till.instances[0].host(), "south");
  EXPECT_THAT(till.versions, ElementsAre("0.0.1"));

  const ConfigCenter config = engine->config(kRed);
  const std::string id = KvId(kRed, "timeout", {{"app", "shop"}});
  const KvHistory history = config.History(id).value();
  ASSERT_THAT(history.changes, SizeIs(2));
  EXPECT_EQ(history.changes[0].kv->value, "2s");
  EXPECT_EQ(history.changes[0].kv->status, KvStatus::kEnabled);
  EXPECT_EQ(history.changes[0].kv->priority, 3);
  EXPECT_EQ(history.changes[0].kv->check, "check");
  EXPECT_EQ(history.changes[0].time - history.changes[1].time, 5s);
  EXPECT_EQ(history.changes[1].kv->value, "1s");
  EXPECT_THAT(config.Get(KvId(kRed, "color", {})), ErrorIs(KieErrc::kNotExists));
  EXPECT_THAT(config.History(KvId(kRed, "color", {}))->changes, SizeIs(2));
  EXPECT_EQ(config.size(), 1u);
}

TEST(Format, WhatIsWrittenNowIsRead) { ExpectAll(Written()); }

TEST(Format, Format1IsRead) { ExpectAll(Format1()); }

#if defined(SKEP_WITH_ROCKSDB)

TEST(Format, FolderOnDemand) {
  const std::string folder =
      (std::filesystem::path(::testing::TempDir()) / ("format" + std::to_string(getpid())))
          .string();
  WriteBatch batch;
  ASSERT_TRUE(Written()
                  ->Scan("",
                         [&batch](std::string_view key, std::string_view value) {
                           batch.Put(std::string(key), std::string(value));
                           return true;
                         })
                  .ok());
  {
    auto storage = OpenRocksDb({.directory = folder}).value();
    ASSERT_TRUE(storage->Commit(batch, Sync::kYes).ok());
    const char* path = std::getenv("SKEP_WRITE_FORMAT");
    if (path != nullptr) {
      const std::string made = (std::filesystem::path(path) / "format1").string();
      ASSERT_TRUE(storage->Checkpoint(made).ok());
    }
    ExpectAll(std::move(storage));
  }
  std::filesystem::remove_all(folder);
}

// A copy of it: what is opened is written to.
TEST(Format, FolderOfFormat1IsRead) {
  const std::filesystem::path copy =
      std::filesystem::path(::testing::TempDir()) / ("format1-" + std::to_string(getpid()));
  std::filesystem::copy(std::filesystem::path(SKEP_FORMAT_CORPUS) / "format1", copy);
  ExpectAll(OpenRocksDb({.directory = copy.string()}).value());
  std::filesystem::remove_all(copy);
}

#endif

}  // namespace
}  // namespace skep
