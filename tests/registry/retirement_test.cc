// The daily retirement of old versions (spec 15.2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class RetirementTest : public EngineFixture {
 protected:
  ServiceId Add(std::string version, std::string environment = {}, std::string name = "cart") {
    return registry()
        .microservices()
        .Register({.app_id = "shop",
                   .name = std::move(name),
                   .version = std::move(version),
                   .environment = std::move(environment)})
        .value();
  }
  std::vector<std::string> Versions() {
    std::vector<std::string> versions;
    for (const MicroservicePtr& service : registry().microservices().List()) {
      versions.push_back(service->environment + service->name + service->version);
    }
    return versions;
  }
};

TEST_F(RetirementTest, KeepsTheNewestVersionsOfEachName) {
  Reopen({.versions_kept = 2});
  for (const char* version : {"1.10.0", "1.2.0", "1.9", "2"}) Add(version);
  Add("1.0", "production");
  Add("1.0", {}, "pay");
  clock().Advance(1h - 1ms);
  EXPECT_THAT(Versions(), SizeIs(6));
  clock().Advance(1ms);
  EXPECT_THAT(Versions(),
              UnorderedElementsAre("cart2", "cart1.10.0", "productioncart1.0", "pay1.0"));
}

TEST_F(RetirementTest, OldVersionsWithInstancesStay) {
  Reopen({.versions_kept = 1});
  const ServiceId old = Add("1.0");
  Add("0.9");
  Add("2.0");
  const auto a = registry().instances().Register(
      old, {.host = "h", .health_check = HealthCheck{.interval_s = 3600 * 10}});
  ASSERT_THAT(a, IsOk());
  clock().Advance(1h);
  EXPECT_THAT(Versions(), UnorderedElementsAre("cart1.0", "cart2.0"));
  ASSERT_THAT(registry().instances().Unregister(old, *a), IsOk());
  clock().Advance(24h);
  EXPECT_THAT(Versions(), ElementsAre("cart2.0"));
}

TEST_F(RetirementTest, RunsEveryDayInEveryTenant) {
  Reopen({.versions_kept = 1});
  Registry other = engine().registry({"acme", "shop"});
  for (int day = 0; day < 3; ++day) {
    for (const char* version : {"1", "2"}) {
      Add(version);
      other.microservices().Register({.name = "cart", .version = version}).value();
    }
    clock().Advance(24h);
    EXPECT_THAT(Versions(), ElementsAre("cart2"));
    EXPECT_THAT(other.microservices().List(), SizeIs(1));
  }
}

TEST_F(RetirementTest, WhoDependsOnItDoesNotMatter) {
  Reopen({.versions_kept = 1});
  const ServiceId web = Add("1", {}, "web");
  Add("1");
  Add("2");
  registry().discovery().Find(web, {.app_id = "shop", .name = "cart"}).value();
  clock().Advance(1h);
  EXPECT_THAT(Versions(), UnorderedElementsAre("web1", "cart2"));
}

TEST_F(RetirementTest, OfEqualVersionsTheLaterOneIsNewer) {
  Reopen({.versions_kept = 1});
  Add("1.0.0");
  Add("1.0");
  clock().Advance(1h);
  EXPECT_THAT(Versions(), ElementsAre("cart1.0"));
}

TEST_F(RetirementTest, IsOffUnlessAskedFor) {
  for (const char* version : {"1", "2", "3", "4", "5"}) Add(version);
  clock().Advance(48h);
  EXPECT_THAT(Versions(), SizeIs(5));
}

TEST(RetirementLogTest, SaysWhatIsGone) {
  std::vector<std::string> lines;
  const auto clock = ManualClock::Create();
  const auto engine =
      Engine::Open({.clock = clock,
                    .log = [&](LogLevel, std::string_view line) { lines.emplace_back(line); },
                    .registry = {.versions_kept = 1}})
          .value();
  for (const char* version : {"1", "2"}) {
    engine->registry().microservices().Register({.name = "cart", .version = version}).value();
  }
  clock->Advance(1h);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("retired version 1 of default/cart")));
}

TEST(RetirementStopTest, EngineThatIsGoneRetiresNothing) {
  std::vector<std::string> lines;
  const auto clock = ManualClock::Create();
  auto engine =
      Engine::Open({.clock = clock,
                    .log = [&](LogLevel, std::string_view line) { lines.emplace_back(line); },
                    .registry = {.versions_kept = 1}})
          .value();
  for (const char* version : {"1", "2"}) {
    engine->registry().microservices().Register({.name = "cart", .version = version}).value();
  }
  engine.reset();
  clock->Advance(48h);
  EXPECT_THAT(lines, IsEmpty());
}

}  // namespace
}  // namespace skep::testing
