#include "server/codec/watch_json.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/engine_fixture.h"

namespace skep::server {
namespace {

class WatchJsonTest : public skep::testing::EngineFixture {
 protected:
  WatchJsonTest()
      : cart_(registry()
                  .microservices()
                  .Register({.app_id = "shop",
                             .name = "cart",
                             .version = "1.0.0",
                             .alias = "basket",
                             .environment = "testing"})
                  .value()),
        id_(registry().instances().Register(cart_, {.host = "h"}).value()) {}

  Instance Get() { return registry().instances().Get(cart_, id_).value(); }
  InstanceEvent Event(WatchAction action, MemoBudget* budget) {
    return {action, Get(), &tenant_, Revision(7), budget};
  }
  std::string Expected(const std::string& action) const {
    return R"({"action":")" + action +
           R"(","key":{"tenant":"acme/p","environment":"testing","appId":"shop",)"
           R"("serviceName":"cart","alias":"basket","version":"1.0.0"},)"
           R"("instance":{"instanceId":")" +
           id_.str() + R"(","serviceId":")" + cart_.str() +
           R"(","hostName":"h","status":"UP","healthCheck":{"mode":"push","interval":30,)"
           R"("times":3},"timestamp":"1704067200","modTimestamp":"1704067200",)"
           R"("version":"1.0.0"}})";
  }

  const Tenant tenant_{"acme", "p"};
  const ServiceId cart_;
  const InstanceId id_;
};

TEST_F(WatchJsonTest, EachAction) {
  MemoBudget budget(1 << 20);
  EXPECT_EQ(*EventText(Event(WatchAction::kInit, &budget)), Expected("INIT"));
  EXPECT_EQ(*EventText(Event(WatchAction::kCreate, &budget)), Expected("CREATE"));
  EXPECT_EQ(*EventText(Event(WatchAction::kUpdate, &budget)), Expected("UPDATE"));
  EXPECT_EQ(*EventText(Event(WatchAction::kDelete, &budget)), Expected("DELETE"));
  EXPECT_EQ(*EventText(Event(WatchAction::kExpire, &budget)), Expected("DELETE"));
}

TEST_F(WatchJsonTest, TextIsMadeOnceAndOutlivesTheEvent) {
  MemoBudget budget(1 << 20);
  std::shared_ptr<const std::string> text;
  {
    const InstanceEvent event = Event(WatchAction::kCreate, &budget);
    text = EventText(event);
    EXPECT_EQ(EventText(event), text);
    EXPECT_GT(budget.used(), text->size());
  }
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_EQ(*text, Expected("CREATE"));
}

TEST_F(WatchJsonTest, WithoutRoomTheTextIsTheSame) {
  MemoBudget none(0);
  const InstanceEvent event = Event(WatchAction::kCreate, &none);
  EXPECT_EQ(*EventText(event), Expected("CREATE"));
  EXPECT_NE(EventText(event), EventText(event));
}

TEST_F(WatchJsonTest, InstanceWithoutAnEvent) {
  std::string text = "x";
  AppendEvent(WatchAction::kUpdate, Get(), tenant_, &text);
  EXPECT_EQ(text, "x" + Expected("UPDATE"));
}

}  // namespace
}  // namespace skep::server
