// What a write answers when its change is not durable yet, over an engine whose storage a test
// plays.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "server/routes/reply.h"
#include "tests/server/routes/route_fixture.h"

namespace skep::server {
namespace {

using skep::testing::Answer;
using skep::testing::FakeExchange;

// Passes everything on but durability, which comes when the test says so.
class SlowEngine final : public Engine {
 public:
  explicit SlowEngine(Engine& engine) : engine_(engine) {}

  Registry& registry() override { return engine_.registry(); }
  Registry registry(Tenant tenant) override { return engine_.registry(std::move(tenant)); }
  ConfigCenter& config() override { return engine_.config(); }
  ConfigCenter config(Tenant tenant) override { return engine_.config(std::move(tenant)); }
  Clock& clock() override { return engine_.clock(); }
  Revision revision() const override { return engine_.revision(); }
  Status WaitDurable(Revision revision) override { return engine_.WaitDurable(revision); }
  void WhenDurable(Revision revision, std::function<void(Status)> fn) override {
    waited_for.push_back(revision);
    if (at_once) return fn({});
    waiting.push_back(std::move(fn));
  }
  Status storage_health() const override { return health; }
  Status Checkpoint(const std::string& directory) override { return engine_.Checkpoint(directory); }
  EngineMetrics metrics() const override { return engine_.metrics(); }
  Status Close() override { return engine_.Close(); }

  Status health;
  bool at_once = false;
  std::vector<Revision> waited_for;
  std::vector<std::function<void(Status)>> waiting;

 private:
  Engine& engine_;
};

class DurableReplyTest : public skep::testing::RouteFixture {
 protected:
  DurableReplyTest() { Serve({}); }

  Engine& served_engine() override { return slow_; }

  void Register(std::string_view body, FakeExchange& exchange) {
    Handle(Verb::kPost, kServices, body, {}, exchange);
  }

  SlowEngine slow_{engine()};
};

constexpr std::string_view kCart = R"({"service":{"serviceName":"cart"}})";

TEST_F(DurableReplyTest, ReplyWaitsUntilTheChangeIsDurable) {
  FakeExchange exchange;
  Register(kCart, exchange);
  ASSERT_TRUE(exchange.is_deferred());
  EXPECT_FALSE(exchange.sent().has_value());
  ASSERT_EQ(slow_.waiting.size(), 1u);
  EXPECT_EQ(slow_.waited_for[0], engine().revision());
  slow_.waiting[0]({});
  ASSERT_TRUE(exchange.sent().has_value());
  EXPECT_EQ(exchange.sent()->status, 200);
  EXPECT_EQ(exchange.sent()->Text("serviceId").size(), 40u);
  EXPECT_NE(exchange.sent()->Header("Server"), "(none)");
}

TEST_F(DurableReplyTest, ReplyIsSentDirectlyWhereTheChangeIsDurableAtOnce) {
  slow_.at_once = true;
  FakeExchange exchange;
  Register(kCart, exchange);
  EXPECT_FALSE(exchange.is_deferred());
  EXPECT_EQ(exchange.sent()->status, 200);
}

TEST_F(DurableReplyTest, ChangeThatCannotBecomeDurableIsAnError) {
  FakeExchange exchange;
  Register(kCart, exchange);
  slow_.waiting.at(0)(Error(EngineErrc::kStorageFailed, "disk full"));
  ASSERT_TRUE(exchange.sent().has_value());
  EXPECT_EQ(exchange.sent()->status, 503);
  EXPECT_EQ(exchange.sent()->ErrorCode(), "503001");
  EXPECT_EQ(exchange.sent()->Text("serviceId"), "");
}

// The second answer tells of the first one's record, so it waits for the first one's revision.
TEST_F(DurableReplyTest, IdempotentRegistrationWaitsForTheFirst) {
  FakeExchange first;
  Register(kCart, first);
  FakeExchange second;
  Register(kCart, second);
  ASSERT_EQ(slow_.waited_for.size(), 2u);
  EXPECT_EQ(slow_.waited_for[1], slow_.waited_for[0]);
  EXPECT_FALSE(second.sent().has_value());
}

TEST_F(DurableReplyTest, ConflictWaitsForTheRecordThatItRestsOn) {
  FakeExchange first;
  Register(R"({"service":{"serviceName":"cart","serviceId":"one"}})", first);
  FakeExchange second;
  Register(R"({"service":{"serviceName":"cart","serviceId":"two"}})", second);
  ASSERT_EQ(slow_.waiting.size(), 2u);
  EXPECT_EQ(slow_.waited_for[1], slow_.waited_for[0]);
  slow_.waiting[1]({});
  ASSERT_TRUE(second.sent().has_value());
  EXPECT_EQ(second.sent()->ErrorCode(), "400010");
}

TEST_F(DurableReplyTest, ErrorThatRestsOnNothingIsSentDirectly) {
  FakeExchange exchange;
  Register("{}", exchange);
  EXPECT_FALSE(exchange.is_deferred());
  EXPECT_EQ(exchange.sent()->ErrorCode(), "400001");
}

TEST_F(DurableReplyTest, ReadsWaitForNothing) {
  FakeExchange exchange;
  Handle(Verb::kGet, kServices, {}, {}, exchange);
  EXPECT_FALSE(exchange.is_deferred());
  EXPECT_TRUE(slow_.waited_for.empty());
}

TEST_F(DurableReplyTest, HealthAndReadinessSayThatTheStorageHasFailed) {
  RegisterSelf();
  EXPECT_EQ(Get("/health").status, 200);
  EXPECT_EQ(Get("/v4/default/registry/health/readiness").status, 200);
  slow_.health = Error(EngineErrc::kStorageFailed, "disk full");
  const Answer health = Get("/v4/default/registry/health");
  EXPECT_EQ(health.status, 400);
  EXPECT_EQ(health.ErrorCode(), "400002");
  EXPECT_EQ(health.Text("detail"), "disk full");
  const Answer readiness = Get("/v4/default/registry/health/readiness");
  EXPECT_EQ(readiness.status, 503);
  EXPECT_EQ(readiness.ErrorCode(), "503001");
  EXPECT_EQ(readiness.Text("detail"), "disk full");
}

}  // namespace
}  // namespace skep::server
