#include "skep/server/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep {
namespace {

using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using testing::ErrorIs;
using ::testing::MatchesRegex;

class ServerTest : public testing::EngineFixture {
 protected:
  // Where clients find servers.
  std::vector<std::string> FoundEndpoints() {
    std::vector<std::string> endpoints;
    const auto found = registry().discovery().Find({.app_id = "default", .name = "SERVICECENTER"});
    if (!found.ok()) return endpoints;
    for (const Instance& instance : found->instances()) {
      for (const std::string_view endpoint : instance.endpoints()) endpoints.emplace_back(endpoint);
    }
    return endpoints;
  }
};

TEST_F(ServerTest, PortZeroIsReplacedByTheBoundOne) {
  const auto server =
      Server::Start(engine(), {.listen = {"127.0.0.1:0", "127.0.0.1:0"}, .threads = 1}).value();
  ASSERT_EQ(server->addresses().size(), 2u);
  EXPECT_NE(server->addresses()[0], server->addresses()[1]);
  EXPECT_THAT(server->addresses()[0], MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  EXPECT_EQ(server->url(), "http://" + server->addresses()[0]);
}

TEST_F(ServerTest, IsFoundUntilItStops) {
  const auto server = Server::Start(engine(), {.threads = 1}).value();
  EXPECT_THAT(FoundEndpoints(), ElementsAre("rest://" + server->addresses()[0] + "/"));
  EXPECT_TRUE(server->Stop(1s));
  EXPECT_THAT(FoundEndpoints(), ElementsAre());
  EXPECT_TRUE(server->Stop(1s));
}

TEST_F(ServerTest, IsNotFoundWhereItMayNotRegisterItself) {
  const auto server = Server::Start(engine(), {.threads = 1, .register_self = false}).value();
  EXPECT_THAT(FoundEndpoints(), ElementsAre());
}

TEST_F(ServerTest, TwoServersOfOneEngineAreBothFound) {
  const auto one = Server::Start(engine(), {.threads = 1}).value();
  auto two = Server::Start(engine(), {.threads = 1}).value();
  EXPECT_EQ(FoundEndpoints().size(), 2u);
  two = nullptr;
  EXPECT_THAT(FoundEndpoints(), ElementsAre("rest://" + one->addresses()[0] + "/"));
}

TEST_F(ServerTest, AddressInUseIsAnErrorAndLeavesNothingBehind) {
  const auto server = Server::Start(engine(), {.threads = 1}).value();
  const std::vector<std::string> before = FoundEndpoints();
  EXPECT_THAT(Server::Start(engine(), {.listen = {server->addresses()[0]}, .threads = 1}),
              ErrorIs(EngineErrc::kAddressInUse));
  EXPECT_EQ(FoundEndpoints(), before);
}

TEST_F(ServerTest, UnreadableAddressIsAnError) {
  EXPECT_THAT(Server::Start(engine(), {.listen = {"nowhere"}, .threads = 1}),
              ErrorIs(EngineErrc::kAddressInvalid));
}

}  // namespace
}  // namespace skep
