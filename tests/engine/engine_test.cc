#include "skep/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "skep/skep.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using ::testing::IsEmpty;

TEST(Engine, ManyDoNotSeeEachOther) {
  std::vector<std::unique_ptr<Engine>> engines;
  for (int i = 0; i < 100; ++i) engines.push_back(Engine::Open().value());
  engines[0]->registry().microservices().Register({.name = "x"}).value();
  for (int i = 1; i < 100; ++i) {
    EXPECT_THAT(engines[static_cast<std::size_t>(i)]->registry().microservices().List(), IsEmpty());
  }
}

TEST(Engine, RevisionsBeginWhereTold) {
  const auto engine = Engine::Open({.first_revision = Revision(1000)}).value();
  EXPECT_EQ(engine->revision(), Revision(999));
  const auto id = engine->registry().microservices().Register({.name = "x"}).value();
  EXPECT_EQ(id.revision, Revision(1000));
  EXPECT_EQ(engine->revision(), Revision(1000));
}

TEST(Engine, BadOptionsAreTold) {
  EXPECT_THAT(Engine::Open({.first_revision = Revision(0)}), ErrorIs(EngineErrc::kInvalidOptions));
  EXPECT_THAT(Engine::Open({.first_revision = Revision(~std::uint64_t{0})}),
              ErrorIs(EngineErrc::kInvalidOptions));
  EXPECT_THAT(Engine::Open({.registry = {.shared_environment = "x"}}),
              ErrorIs(EngineErrc::kInvalidOptions));
}

TEST(Engine, WithoutStorageAChangeIsDurableAtOnce) {
  const auto engine = Engine::Open().value();
  EXPECT_THAT(engine->WaitDurable(Revision(1)), IsOk());
  bool called = false;
  engine->WhenDurable(Revision(1), [&](const Status& status) { called = status.ok(); });
  EXPECT_TRUE(called);
}

TEST(Engine, SecondCloseIsTold) {
  const auto engine = Engine::Open().value();
  EXPECT_THAT(engine->Close(), IsOk());
  EXPECT_THAT(engine->Close(), ErrorIs(EngineErrc::kClosed));
}

TEST(Engine, MetricsCount) {
  const auto engine = Engine::Open().value();
  const auto id = engine->registry().microservices().Register({.name = "x"}).value();
  engine->registry().instances().Register(id, {.host = "h"}).value();
  const EngineMetrics metrics = engine->metrics();
  EXPECT_EQ(metrics.services, 1U);
  EXPECT_EQ(metrics.instances, 1U);
  EXPECT_EQ(metrics.tenants, 1U);
  EXPECT_EQ(metrics.revision, Revision(2));
}

}  // namespace
}  // namespace skep::testing
