// EngineFixture: an engine of a test's own whose time stands still until the test moves it.
//
//   using FindTest = EngineFixture;
//   TEST_F(FindTest, UnknownNameIsAnError) {
//     EXPECT_THAT(registry().discovery().Find({.app_id = "shop", .name = "nope"}), ErrorIs(...));
//   }
#ifndef SKEP_TESTS_SUPPORT_ENGINE_FIXTURE_H_
#define SKEP_TESTS_SUPPORT_ENGINE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "skep/skep.h"

namespace skep::testing {

class EngineFixture : public ::testing::Test {
 protected:
  EngineFixture() : engine_(OpenEngine({})) {}

  /// Opens another engine in the first one's place, on the same clock.
  void Reopen(RegistryOptions options) { engine_ = OpenEngine(std::move(options)); }

  ManualClock& clock() { return *clock_; }
  Engine& engine() { return *engine_; }
  Registry& registry() { return engine_->registry(); }

  /// Registers `name`, of the default version, in app "shop".
  ServiceId AddService(std::string name) {
    return registry().microservices().Register({.app_id = "shop", .name = std::move(name)}).value();
  }

  /// Registers an instance with one endpoint, made from the host's name.
  InstanceId AddInstance(ServiceIdView service, std::string host) {
    std::string endpoint = "rest://" + host + ":8080";
    return registry()
        .instances()
        .Register(service, {.host = std::move(host), .endpoints = {std::move(endpoint)}})
        .value();
  }

 private:
  std::unique_ptr<Engine> OpenEngine(RegistryOptions options) {
    return Engine::Open({.clock = clock_, .id_seed = 1, .registry = std::move(options)}).value();
  }

  const std::shared_ptr<ManualClock> clock_ = ManualClock::Create();
  std::unique_ptr<Engine> engine_;
};

}  // namespace skep::testing

#endif  // SKEP_TESTS_SUPPORT_ENGINE_FIXTURE_H_
