#include "bench/load/scenario.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "bench/load/load_loop.h"
#include "bench/load/watchers.h"
#include "skep/server/server.h"
#include "skep/skep.h"

namespace skep::bench {
namespace {

using namespace std::chrono_literals;

// A server of our own. What it answers wrongly to a scenario ends the process.
class ScenarioTest : public ::testing::TestWithParam<std::string> {
 protected:
  ScenarioOptions Options() const {
    return {.target = server_->addresses().front(),
            .name = GetParam(),
            .path = "/v4/default/registry/version",
            .instances = 200,
            .services = 2,
            .items = 200,
            .interval_s = 0.2,
            .wait = 10ms};
  }

  const std::unique_ptr<Engine> engine_ = Engine::Open().value();
  const std::unique_ptr<Server> server_ = Server::Start(*engine_, {.threads = 1}).value();
};

LoopResult Load(const ScenarioOptions& options, const Scenario& scenario) {
  Watchers watchers(options.target, scenario.watched, scenario.watchers);
  LoopOptions loop{.address = options.target, .watchers = &watchers};
  for (const Kind& kind : scenario.kinds) {
    loop.streams.push_back(
        {.workload = &kind.workload, .connections = 1, .per_second = kind.per_second});
  }
  return LoadLoop(loop).Run(0ms, 50ms);
}

TEST_P(ScenarioTest, IsAnsweredAsItExpects) {
  const ScenarioOptions options = Options();
  const Scenario scenario = PrepareScenario(options);
  EXPECT_FALSE(scenario.description.empty());
  const LoopResult result = Load(options, scenario);
  EXPECT_GT(result.streams.front().latency_ns.count(), 0u);
}

// A second run finds what the first has left.
TEST_P(ScenarioTest, IsPreparedOverItself) {
  const ScenarioOptions options = Options();
  Load(options, PrepareScenario(options));
  const Scenario again = PrepareScenario(options);
  EXPECT_GT(Load(options, again).streams.front().latency_ns.count(), 0u);
}

// A test's name has neither "-" nor "_".
std::string TestName(const ::testing::TestParamInfo<std::string>& scenario) {
  std::string name;
  for (const char c : scenario.param) name += c == '-' ? 'X' : c;
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, ScenarioTest, ::testing::ValuesIn(ScenarioNames()), TestName);

}  // namespace
}  // namespace skep::bench
