#include "server/routes/watch_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/server/routes/stream_fixture.h"

namespace skep::server {
namespace {

using skep::testing::Answer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class WatchRoutesTest : public skep::testing::StreamFixture {
 protected:
  static constexpr std::string_view kEvents = "/v4/default/registry/events";

  std::unique_ptr<StreamHandler> FollowSocket(std::string_view target, Fields fields = {}) {
    fields.insert(fields.end(), {{"Connection", "Upgrade"},
                                 {"Upgrade", "websocket"},
                                 {"Sec-WebSocket-Version", "13"},
                                 {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}});
    return Follow(target, fields);
  }
};

TEST_F(WatchRoutesTest, PlainRequestsForSocketsAre400) {
  const std::string service = AddService("cart");
  for (const std::string& target :
       {std::string(kServices) + "/" + service + "/watcher",
        InstanceOf(service, AddInstance(service, "h")) + "/heartbeat"}) {
    const Answer answer = Get(target);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, "Bad Request\n");
    EXPECT_EQ(answer.Header("Sec-Websocket-Version"), "13");
  }
}

TEST_F(WatchRoutesTest, WatchersBelongToTheirTenant) {
  const std::string body = R"({"service":{"appId":"shop","serviceName":"cart"}})";
  const Fields acme = {{"X-Domain-Name", "acme"}};
  const std::string cart = Post("/v4/p/registry/microservices", body, acme).Text("serviceId");
  const std::string watcher = "/v4/p/registry/microservices/" + cart + "/watcher";
  Get("/v4/p/registry/instances?appId=shop&serviceName=cart",
      {{"X-Domain-Name", "acme"}, {"X-ConsumerId", cart}});
  EXPECT_THAT(Said(*FollowSocket(watcher)), ElementsAre("service does not exist", "drop"));
  const auto stream = FollowSocket(watcher, acme);
  EXPECT_THAT(Said(*stream), ElementsAre());
  Post("/v4/p/registry/microservices/" + cart + "/instances", R"({"instance":{"hostName":"h"}})",
       acme);
  EXPECT_THAT(Said(*stream), ElementsAre(HasSubstr(R"("tenant":"acme/p")")));
}

TEST_F(WatchRoutesTest, V3WatcherIsServedLikeV4) {
  const std::string cart = AddService("cart");
  Get(std::string(kFind) + "?appId=shop&serviceName=cart", {{"X-ConsumerId", cart}});
  const auto stream = FollowSocket("/registry/v3/microservices/" + cart + "/watcher");
  AddInstance(cart, "h");
  EXPECT_EQ(answer_.status, 101);
  EXPECT_EQ(waker_->wakes, 1);
  EXPECT_EQ(Said(*stream).size(), 1u);
}

TEST_F(WatchRoutesTest, ManyWatchersShareOneText) {
  const std::string cart = AddService("cart");
  Get(std::string(kFind) + "?appId=shop&serviceName=cart", {{"X-ConsumerId", cart}});
  const std::string target = std::string(kServices) + "/" + cart + "/watcher";
  const auto first = FollowSocket(target);
  const auto second = FollowSocket(target);
  AddInstance(cart, "h");
  EXPECT_EQ(first->Next().text, second->Next().text);
}

// More than its queue holds: it hears of what there is, so that the client looks again.
TEST_F(WatchRoutesTest, WatcherThatWasAwayForLongHearsWhatThereIs) {
  const std::string cart = AddService("cart");
  Get(std::string(kFind) + "?appId=shop&serviceName=cart", {{"X-ConsumerId", cart}});
  const auto stream = FollowSocket(std::string(kServices) + "/" + cart + "/watcher");
  const ServiceId id(cart);
  const Instances instances = engine().registry().instances();
  for (std::size_t i = 0; i <= RegistryOptions().watch_queue_max; ++i) {
    const InstanceId gone = Instances(instances).Register(id, {.host = "x"}).value();
    Instances(instances).Unregister(id, gone).value();
  }
  AddInstance(cart, "left");
  const std::vector<std::string> said = Said(*stream);
  ASSERT_FALSE(said.empty());
  EXPECT_THAT(said.back(), StartsWith(R"({"action":"UPDATE")"));
  EXPECT_THAT(said.back(), HasSubstr(R"("hostName":"left")"));
  for (std::size_t i = 0; i + 1 < said.size(); ++i) {
    ASSERT_THAT(said[i], StartsWith(R"({"action":"DELETE")"));
  }
}

// As many instances go at once as no queue holds: clients that know them hear of each.
TEST_F(WatchRoutesTest, WatcherHearsOfAllThatGoAtOnce) {
  const std::string cart = AddService("cart");
  Get(std::string(kFind) + "?appId=shop&serviceName=cart", {{"X-ConsumerId", cart}});
  const std::size_t count = RegistryOptions().watch_queue_max + 100;
  for (std::size_t i = 0; i < count; ++i) {
    engine().registry().instances().Register(ServiceId(cart), {.host = "h"}).value();
  }
  const std::string consumer = AddService("checkout");
  Get(std::string(kFind) + "?appId=shop&serviceName=cart", {{"X-ConsumerId", consumer}});
  const auto stream = FollowSocket(std::string(kServices) + "/" + consumer + "/watcher");
  Delete(std::string(kServices) + "/" + cart + "?force=true");
  const std::vector<std::string> said = Said(*stream);
  EXPECT_EQ(std::set(said.begin(), said.end()).size(), count);
  for (const std::string& text : said) ASSERT_THAT(text, StartsWith(R"({"action":"DELETE")"));
}

TEST_F(WatchRoutesTest, EventsBeginWithASnapshotAndHaveRevisionsAsIds) {
  const std::string cart = AddService("cart");
  AddInstance(cart, "a");
  const auto stream = Follow(kEvents);
  EXPECT_EQ(kind_, StreamKind::kEvents);
  EXPECT_EQ(answer_.status, 200);
  EXPECT_EQ(answer_.content_type, "text/event-stream");
  EXPECT_EQ(answer_.Header("Cache-Control"), "no-cache");
  const std::vector<std::string> begin = Said(*stream);
  ASSERT_EQ(begin.size(), 1u);
  EXPECT_THAT(begin[0], StartsWith("event: snapshot\nid: " + Id() +
                                   "\ndata: {\"events\":[{\"action\":\"INIT\",\"key\":{"));
  EXPECT_THAT(begin[0], ::testing::EndsWith("}]}\n\n"));
  AddInstance(cart, "b");
  EXPECT_THAT(Said(*stream), ElementsAre(StartsWith("event: change\nid: " + Id() +
                                                    "\ndata: {\"events\":[{\"action\":"
                                                    "\"CREATE\"")));
}

TEST_F(WatchRoutesTest, OneRevisionIsOneEvent) {
  const std::string cart = AddService("cart");
  AddInstance(cart, "a");
  AddInstance(cart, "b");
  const auto stream = Follow(kEvents);
  Said(*stream);
  Delete(std::string(kServices) + "/" + cart + "?force=true");
  const std::vector<std::string> said = Said(*stream);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_THAT(said[0], HasSubstr(R"("hostName":"a")"));
  EXPECT_THAT(said[0], HasSubstr(R"("hostName":"b")"));
}

TEST_F(WatchRoutesTest, LargeSnapshotIsOneEventInSlices) {
  const std::string cart = AddService("cart");
  for (int i = 0; i < 70; ++i) AddInstance(cart, "h" + std::to_string(i));
  const auto stream = Follow(kEvents);
  const std::vector<std::string> said = Said(*stream);
  EXPECT_EQ(said.size(), 3u);
  std::string whole;
  for (const std::string& slice : said) whole += slice;
  EXPECT_EQ(whole.find("\n\n"), whole.size() - 2);
  std::size_t count = 0;
  for (std::size_t at = whole.find("INIT"); at != std::string::npos;
       at = whole.find("INIT", at + 1)) {
    ++count;
  }
  EXPECT_EQ(count, 70u);
}

TEST_F(WatchRoutesTest, EventsGoOnBehindTheLastEventId) {
  const std::string cart = AddService("cart");
  const auto first = Follow(kEvents);
  Said(*first);
  AddInstance(cart, "a");
  const std::string seen = Id();
  AddInstance(cart, "b");
  const auto again = Follow(kEvents, {{"Last-Event-ID", seen}});
  EXPECT_THAT(Said(*again), ElementsAre(HasSubstr(R"("hostName":"b")")));
}

TEST_F(WatchRoutesTest, LastEventIdThatIsNotKeptIsAResetAndASnapshot) {
  const std::string cart = AddService("cart");
  AddInstance(cart, "a");
  for (const std::string_view id : {"1", "999999", "no number", "99999999999999999999999"}) {
    const auto stream = Follow(kEvents, {{"last-event-id", id}});
    EXPECT_THAT(Said(*stream),
                ElementsAre(StartsWith("event: reset\n"), StartsWith("event: snapshot\n")))
        << id;
  }
}

// Between a reset and its snapshot a client knows nothing, whatever it knew before.
TEST_F(WatchRoutesTest, ClientThatIsCutOffBehindAResetBeginsAnew) {
  AddInstance(AddService("cart"), "a");
  const auto stream = Follow(kEvents, {{"Last-Event-ID", "1"}});
  EXPECT_THAT(*stream->Next().text, StartsWith("event: reset\nid: 0\n"));
  const auto again = Follow(kEvents, {{"Last-Event-ID", "0"}});
  EXPECT_THAT(Said(*again),
              ElementsAre(StartsWith("event: reset\n"), HasSubstr(R"("hostName":"a")")));
}

TEST_F(WatchRoutesTest, EventsOfAScope) {
  const std::string cart = AddService("cart");
  const std::string other = AddService("other");
  const std::string consumer = AddService("checkout");
  Get(std::string(kFind) + "?appId=shop&serviceName=cart", {{"X-ConsumerId", consumer}});
  AddInstance(cart, "a");
  AddInstance(other, "b");
  const auto hosts = [this](const std::string& query) {
    const auto stream = Follow(std::string(kEvents) + query);
    const std::string text = Said(*stream).at(0);
    std::string found;
    for (const char* host : {"a", "b"}) {
      if (text.find(R"("hostName":")" + std::string(host)) != std::string::npos) found += host;
    }
    return found;
  };
  EXPECT_EQ(hosts(""), "ab");
  EXPECT_EQ(hosts("?appId=shop"), "ab");
  EXPECT_EQ(hosts("?appId=nosuch"), "");
  EXPECT_EQ(hosts("?serviceId=" + other), "b");
  EXPECT_EQ(hosts("?consumerId=" + consumer), "a");
  EXPECT_EQ(Get(std::string(kEvents) + "?serviceId=nosuch").ErrorCode(), "400012");
  EXPECT_EQ(Get(std::string(kEvents) + "?consumerId=nosuch").ErrorCode(), "400012");
}

TEST_F(WatchRoutesTest, MetricsCountWatches) {
  const auto first = Follow(kEvents);
  const auto second = Follow(kEvents);
  EXPECT_THAT(Get("/metrics").body, HasSubstr("\nskep_watches 2\n"));
}

TEST_F(WatchRoutesTest, ClosingTheEngineEndsStreams) {
  const std::string cart = AddService("cart");
  const auto socket = FollowSocket(std::string(kServices) + "/" + cart + "/watcher");
  const auto events = Follow(kEvents);
  Said(*events);
  engine().Close().value();
  EXPECT_THAT(Said(*socket), ElementsAre("close"));
  EXPECT_THAT(Said(*events), ElementsAre("drop"));
}

}  // namespace
}  // namespace skep::server
