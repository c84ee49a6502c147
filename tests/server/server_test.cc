#include "skep/server/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/transport/http_fixture.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep {
namespace {

using std::chrono_literals::operator""s;
using server::RawClient;
using ::testing::ElementsAre;
using testing::ErrorIs;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Optional;
using ::testing::StartsWith;

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

// Clients of event streams are told what there was, then comes the end.
TEST_F(ServerTest, StopEndsEventStreamsBehindWhatIsThere) {
  const auto server = Server::Start(engine(), {.threads = 1, .register_self = false}).value();
  const ServiceId cart = AddService("cart");
  RawClient instances(server->addresses()[0]);
  RawClient kvs(server->addresses()[0]);
  instances.Send(server::Get("/v4/default/registry/events"));
  kvs.Send(server::Get("/v1/default/kie/events"));
  for (RawClient* client : {&instances, &kvs}) {
    ASSERT_TRUE(client->Receive(/*head_only=*/true).has_value());
    EXPECT_THAT(client->Until("\n\n"), Optional(StartsWith("event: snapshot\n")));
  }
  AddInstance(cart, "a");
  engine().config().Create({.key = "k"}).value();
  std::thread stops([&server] { EXPECT_TRUE(server->Stop(10s)); });
  for (RawClient* client : {&instances, &kvs}) {
    EXPECT_THAT(client->Until("\n\n"), Optional(HasSubstr(R"("action":"CREATE")")));
    EXPECT_TRUE(client->EndsCleanly());
    client->Close();
  }
  stops.join();
  EXPECT_EQ(engine().metrics().watches, 0u);
  EXPECT_EQ(engine().metrics().kv_watches, 0u);
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
