// What real clients of the v4 API break without, one test each. The numbers are those of the list
// of must-haves that the project keeps for each client library.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/transport/http_message.h"
#include "tests/server/routes/route_fixture.h"

namespace skep::server {
namespace {

using skep::testing::Answer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using MustHave = skep::testing::RouteFixture;

constexpr std::string_view kJson = "application/json; charset=UTF-8";

TEST_F(MustHave, M01ResourceRevisionSpelledExactly) {
  AddInstance(AddService("cart"), "h1");
  const std::string find = std::string(kFind) + "?appId=shop&serviceName=cart";
  const Answer first = Get(find);
  const std::string revision = first.Header("X-Resource-Revision");
  EXPECT_EQ(first.status, 200);
  EXPECT_NE(revision, "(none)");
  EXPECT_NE(revision, "");
  const Answer again = Get(find + "&rev=" + revision);
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.Header("X-Resource-Revision"), revision);
  EXPECT_EQ(again.body, "");
}

TEST_F(MustHave, M01RevisionIsThereWithoutInstances) {
  AddService("cart");
  const Answer answer = Get(std::string(kFind) + "?appId=shop&serviceName=cart");
  EXPECT_EQ(answer.body, "{}");
  EXPECT_NE(answer.Header("X-Resource-Revision"), "(none)");
  EXPECT_NE(answer.Header("X-Resource-Revision"), "");
}

TEST_F(MustHave, M03ErrorsAreCompactJsonWithTheCodeAsAString) {
  const Answer answer = Get(std::string(kServices) + "/nosuch");
  EXPECT_EQ(answer.content_type, kJson);
  EXPECT_THAT(answer.body, StartsWith(R"({"errorCode":"400012","errorMessage":)"
                                      R"("Micro-service does not exist","detail":")"));
}

TEST_F(MustHave, M04UnknownServiceIs400WithItsCode) {
  for (const std::string& target :
       {std::string(kFind) + "?appId=shop&serviceName=nosuch",
        std::string("/v4/default/registry/existence?type=microservice&appId=shop&"
                    "serviceName=nosuch&version=1.0.0"),
        std::string(kServices) + "/nosuch", InstancesOf("nosuch"), InstanceOf("nosuch", "i")}) {
    const Answer answer = Get(target);
    EXPECT_EQ(answer.status, 400) << target;
    EXPECT_EQ(answer.ErrorCode(), "400012") << target;
  }
}

TEST_F(MustHave, M05HeartbeatOfAnUnknownInstanceFails) {
  const std::string service = AddService("cart");
  const std::string instance = AddInstance(service, "h1");
  for (const std::string& target :
       {InstanceOf(service, "nosuch"), InstanceOf("nosuch", instance)}) {
    const Answer answer = Put(target + "/heartbeat");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.ErrorCode(), "400017");
  }
}

TEST_F(MustHave, M06SuccessIsExactly200) {
  const Answer service = Post(kServices, R"({"service":{"serviceName":"cart"}})");
  EXPECT_EQ(service.status, 200);
  EXPECT_EQ(service.content_type, kJson);
  const std::string id = service.Text("serviceId");
  const Answer instance = Post(InstancesOf(id), R"({"instance":{"hostName":"h"}})");
  EXPECT_EQ(instance.status, 200);
  const std::string path = InstanceOf(id, instance.Text("instanceId"));
  for (const Answer& answer :
       {Put(path + "/heartbeat"), Delete(path), Delete(std::string(kServices) + "/" + id)}) {
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.content_type, "text/plain; charset=UTF-8");
    EXPECT_EQ(answer.body, "");
  }
}

TEST_F(MustHave, M07VersionIsIgnoredInFind) {
  AddInstance(AddService("cart"), "h1");
  for (const std::string_view version :
       {"", "&version=", "&version=0+", "&version=0%2B", "&version=0%252B", "&version=latest"}) {
    // A '+' may not be the last byte of a request target.
    const Answer answer =
        Get(std::string(kFind) + "?appId=shop&serviceName=cart" + std::string(version) + "&rev=9");
    EXPECT_EQ(answer.status, 200) << version;
    EXPECT_THAT(answer.body, HasSubstr(R"("hostName":"h1")")) << version;
  }
}

TEST_F(MustHave, M08AnyRevIsAcceptedAndOnlyTheEqualOneIs304) {
  AddInstance(AddService("cart"), "h1");
  const std::string find = std::string(kFind) + "?appId=shop&serviceName=cart&rev=";
  const std::string revision = Get(find).Header("X-Resource-Revision");
  for (const std::string& rev :
       {std::string(), std::string("0"), std::string("9"), revision + "0", std::string("%E4%BD%A0"),
        std::string("97784746be9a2d00f08bc72fe1ce5ff8c7d07ffe")}) {
    EXPECT_EQ(Get(find + rev).status, 200) << rev;
  }
  EXPECT_EQ(Get(find + revision).status, 304);
}

TEST_F(MustHave, M09ConsumerMayBeEmptyAndHeadersAreOfAnyCase) {
  AddInstance(AddService("cart"), "h1");
  const std::string find = std::string(kFind) + "?appId=shop&serviceName=cart";
  EXPECT_EQ(Get(find, {{"X-ConsumerId", ""}}).status, 200);
  EXPECT_EQ(Get(find, {{"x-domain-name", "default"}}).status, 200);
  EXPECT_EQ(Get(find, {{"X-DOMAIN-NAME", "other"}}).ErrorCode(), "400012");
  EXPECT_EQ(Get(find, {{"x-consumerid", "nosuch"}}).ErrorCode(), "400012");
}

TEST_F(MustHave, M10NullAndUnknownMembersAreAccepted) {
  const Answer service =
      Post(kServices,
           R"({"service":{"serviceName":"cart","appId":null,"schemas":null,"properties":null,)"
           R"("framework":null,"paths":null,"timestamp":null,"colour":{"a":[1]}},"rules":null})");
  ASSERT_EQ(service.status, 200);
  const Answer instance =
      Post(InstancesOf(service.Text("serviceId")),
           R"({"instance":{"hostName":"h","endpoints":null,"properties":null,"healthCheck":null,)"
           R"("dataCenterInfo":null,"status":null,"instanceId":null,"environment":"x"}})");
  EXPECT_EQ(instance.status, 200);
}

TEST_F(MustHave, M10WholeInstanceInAPropertiesPut) {
  const std::string service = AddService("cart");
  const std::string instance = InstanceOf(service, AddInstance(service, "h1"));
  const Answer answer =
      Put(instance + "/properties",
          R"({"instanceId":"x","serviceId":"y","hostName":"other","endpoints":["rest://o:1"],)"
          R"("status":"DOWN","properties":{"a":"1"},"healthCheck":{"mode":"push","interval":30},)"
          R"("dataCenterInfo":null,"framework":{"name":"f","version":"1"},"timestamp":"1"})");
  EXPECT_EQ(answer.status, 200);
  const Answer after = Get(instance);
  EXPECT_THAT(after.body, HasSubstr(R"("properties":{"a":"1"})"));
  EXPECT_EQ(after.Text("hostName"), "h1");
  EXPECT_EQ(after.Text("status"), "UP");
}

TEST_F(MustHave, M11NoMemberIsEverNull) {
  const std::string service = AddService("cart");
  const Answer bare = Post(InstancesOf(service), R"({"instance":{"hostName":"h"}})");
  for (const std::string& target :
       {std::string(kServices), std::string(kServices) + "/" + service, InstancesOf(service),
        InstanceOf(service, bare.Text("instanceId")),
        std::string(kFind) + "?appId=shop&serviceName=cart",
        std::string(kServices) + "/" + service + "/providers",
        std::string("/v4/default/govern/microservices?options=all"),
        "/v4/default/govern/microservices/" + service, std::string("/v4/default/admin/dump")}) {
    EXPECT_THAT(Get(target).body, Not(HasSubstr("null"))) << target;
  }
}

TEST_F(MustHave, M11EmptyListsAreLeftOut) {
  for (const std::string_view target :
       {"/v4/empty/registry/microservices", "/v4/empty/govern/microservices"}) {
    EXPECT_EQ(Get(target).body, "{}") << target;
  }
  const std::string service = AddService("cart");
  EXPECT_EQ(Get(InstancesOf(service)).body, "{}");
}

TEST_F(MustHave, M12RegisteringAServiceAgainYieldsTheSameId) {
  const std::string id = AddService("cart");
  EXPECT_EQ(id.size(), 40u);
  EXPECT_EQ(AddService("cart"), id);
}

TEST_F(MustHave, M13InstanceIdOfAClientIsKeptAndRenews) {
  const std::string service = AddService("cart");
  const std::string_view body =
      R"({"instance":{"instanceId":"my-own.1","hostName":"h","endpoints":["rest://h:1"]}})";
  EXPECT_EQ(Post(InstancesOf(service), body).body, R"({"instanceId":"my-own.1"})");
  clock().Advance(std::chrono::seconds(100));
  EXPECT_EQ(Post(InstancesOf(service), body).body, R"({"instanceId":"my-own.1"})");
  clock().Advance(std::chrono::seconds(100));
  EXPECT_EQ(Put(InstanceOf(service, "my-own.1") + "/heartbeat").status, 200);
}

TEST_F(MustHave, M14DefaultsOfARegistration) {
  const Answer service = Post(kServices, R"({"service":{"serviceName":"cart"}})");
  const std::string id = service.Text("serviceId");
  EXPECT_EQ(Get(std::string(kServices) + "/" + id).body,
            R"({"service":{"serviceId":")" + id +
                R"(","appId":"default","serviceName":"cart","version":"0.0.1","level":"BACK",)"
                R"("status":"UP","timestamp":"1704067200","modTimestamp":"1704067200"}})");
}

TEST_F(MustHave, M14LeaseEndsWithoutAHealthCheckToo) {
  const std::string service = AddService("cart");
  const std::string instance = AddInstance(service, "h1");
  clock().Advance(std::chrono::seconds(119));
  EXPECT_EQ(Get(InstanceOf(service, instance)).status, 200);
  clock().Advance(std::chrono::seconds(1));
  EXPECT_EQ(Get(InstanceOf(service, instance)).ErrorCode(), "400017");
}

TEST_F(MustHave, M15InstancesCarryVersionAndServiceId) {
  const std::string service = AddService("cart");
  AddInstance(service, "h1");
  const Answer answer = Get(std::string(kFind) + "?appId=shop&serviceName=cart");
  EXPECT_EQ(answer.Text("version"), "0.0.1");
  EXPECT_EQ(answer.Text("serviceId"), service);
}

// Java asks for the microservice of every instance that it finds.
TEST_F(MustHave, M15ServiceOfAFoundInstanceCanBeRead) {
  AddInstance(AddService("cart"), "h1");
  const Answer found = Get(std::string(kFind) + "?appId=shop&serviceName=cart");
  const Answer service = Get(std::string(kServices) + "/" + found.Text("serviceId"));
  EXPECT_EQ(service.status, 200);
  EXPECT_EQ(service.Text("serviceName"), "cart");
}

TEST_F(MustHave, M16OnlyKnownStatusesAndModes) {
  const std::string service = AddService("cart");
  for (const std::string_view status : {"UP", "DOWN", "STARTING", "TESTING", "OUTOFSERVICE"}) {
    const std::string body = R"({"instance":{"hostName":")" + std::string(status) +
                             R"(","status":")" + std::string(status) + R"("}})";
    const Answer registered = Post(InstancesOf(service), body);
    EXPECT_EQ(Get(InstanceOf(service, registered.Text("instanceId"))).Text("status"), status);
  }
  EXPECT_EQ(
      Post(InstancesOf(service), R"({"instance":{"hostName":"h","status":"ON"}})").ErrorCode(),
      "400001");
  EXPECT_EQ(Post(InstancesOf(service),
                 R"({"instance":{"hostName":"h","healthCheck":{"mode":"poll","interval":30}}})")
                .ErrorCode(),
            "400001");
}

TEST_F(MustHave, M18LoadIs429ForAFindAndNothingForAHeartbeat) {
  const std::string service = AddService("cart");
  const std::string heartbeat = InstanceOf(service, AddInstance(service, "h1")) + "/heartbeat";
  HttpRequest request;
  request.now = clock().Now();
  request.load_percent = 100;
  const std::string find = std::string(kFind) + "?appId=shop&serviceName=cart";
  skep::testing::FakeExchange refused;
  request.verb = Verb::kGet;
  request.target = find;
  front().Handle(request, refused);
  EXPECT_EQ(refused.sent().value().status, 429);
  EXPECT_NE(refused.sent().value().Header("Retry-After"), "(none)");
  skep::testing::FakeExchange renewed;
  request.verb = Verb::kPut;
  request.target = heartbeat;
  front().Handle(request, renewed);
  EXPECT_EQ(renewed.sent().value().status, 200);
}

TEST_F(MustHave, M24ReadinessIsAnEmptySuccess) {
  const Answer answer = Get("/v4/default/registry/health/readiness");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

TEST_F(MustHave, M25NothingIsDeflated) {
  AddInstance(AddService("cart"), "h1");
  const Answer answer = Get(std::string(kFind) + "?appId=shop&serviceName=cart",
                            {{"Accept-Encoding", "gzip, deflate"}});
  EXPECT_EQ(answer.Header("Content-Encoding"), "(none)");
}

TEST_F(MustHave, M25LongAnswersAreGzipOrPlain) {
  const std::string service = AddService("cart");
  for (int i = 0; i < 20; ++i) AddInstance(service, "h" + std::to_string(i));
  const std::string find = std::string(kFind) + "?appId=shop&serviceName=cart";
  EXPECT_EQ(Get(find, {{"Accept-Encoding", "gzip,deflate"}}).Header("Content-Encoding"), "gzip");
  EXPECT_EQ(Get(find, {{"Accept-Encoding", "deflate"}}).Header("Content-Encoding"), "(none)");
}

TEST_F(MustHave, M26HealthListsTheServerWithItsEndpoints) {
  RegisterSelf();
  for (const std::string_view target :
       {"/health", "/v4/default/registry/health", "/v4/other/registry/health"}) {
    const Answer answer = Get(target);
    EXPECT_EQ(answer.status, 200) << target;
    EXPECT_THAT(answer.body, HasSubstr(R"("endpoints":["rest://127.0.0.1:30100/"])")) << target;
  }
}

TEST_F(MustHave, M27SchemaAnswersHaveTheContentAloneAndListsTheSummary) {
  const std::string schemas = std::string(kServices) + "/" + AddService("cart") + "/schemas";
  EXPECT_EQ(Put(schemas + "/s1", R"({"schema":"schema","summary":"sum"})").status, 200);
  EXPECT_EQ(Get(schemas + "/s1").body, R"({"schema":"schema"})");
  EXPECT_EQ(Get(schemas).body, R"({"schemas":[{"schemaId":"s1","summary":"sum"}]})");
}

TEST_F(MustHave, M28TokenIsNotFoundWithoutAccessControl) {
  EXPECT_EQ(Post("/v4/token", R"({"name":"root","password":"x"})").status, 404);
}

TEST_F(MustHave, M29EmptyServiceIdInAPathIsAnError) {
  const Answer answer =
      Post("/v4/default/registry/microservices//instances", R"({"instance":{"hostName":"h"}})");
  EXPECT_EQ(answer.status, 400);
}

TEST_F(MustHave, M41ContentTypeOfARequestDoesNotMatter) {
  const std::string service = AddService("cart");
  const std::string instance = InstanceOf(service, AddInstance(service, "h1"));
  const Fields type = {{"Content-Type", "application/json"}};
  EXPECT_EQ(Get(instance, type).status, 200);
  EXPECT_EQ(Ask(Verb::kDelete, instance, {}, type).status, 200);
  EXPECT_EQ(Post(kServices, R"({"service":{"serviceName":"x"}})", {{"Content-Type", "text/plain"}})
                .status,
            200);
}

TEST_F(MustHave, M41ConnectionsMayIdleForAMinute) {
  EXPECT_GE(ServerOptions().idle_time_max, std::chrono::seconds(60));
}

TEST_F(MustHave, M42DumpKeysEndInTenantAndIds) {
  const std::string service = AddService("cart");
  const std::string instance = AddInstance(service, "h1");
  const Answer dump = Get("/v4/default/admin/dump");
  EXPECT_EQ(dump.status, 200);
  for (const std::string& end :
       {"/default/default/" + service, "/default/default/" + service + "/" + instance}) {
    EXPECT_THAT(dump.body, HasSubstr(end + R"(","rev":)"));
  }
}

// ------------------------------------------------------------------------------------------------
// Watches. What passes below the routes (pings, closing, time) is in stream_session_test.cc.

// A request for a WebSocket, and what the client is told on it.
class MustHaveWatch : public MustHave {
 protected:
  struct Socket {
    Answer answer;
    std::unique_ptr<StreamHandler> stream;

    // "{...}", "close 4001 why", "drop", "nothing"
    std::string Next() const {
      const StreamPart part = stream->Next();
      switch (part.kind) {
        case StreamPart::Kind::kText:
          return *part.text;
        case StreamPart::Kind::kClose:
          return "close " + std::to_string(part.code) + " " + std::string(part.reason);
        case StreamPart::Kind::kDrop:
          return "drop";
        case StreamPart::Kind::kNothing:
          break;
      }
      return "nothing";
    }
  };

  struct NoWaker : StreamWaker {
    void Wake() override {}
  };

  Socket Open(const std::string& target) {
    skep::testing::FakeExchange exchange;
    Handle(Verb::kGet, target, {},
           {{"Connection", "Upgrade"},
            {"Upgrade", "websocket"},
            {"Sec-WebSocket-Version", "13"},
            {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}},
           exchange);
    Socket socket{exchange.sent().value(), std::move(exchange.stream)};
    if (socket.stream != nullptr) socket.stream->Open(std::make_shared<NoWaker>());
    return socket;
  }

  // A consumer that has found "cart".
  Socket WatchCart() {
    cart_ = AddService("cart");
    const std::string consumer = AddService("checkout");
    Get(std::string(kFind) + "?appId=shop&serviceName=cart", {{"X-ConsumerId", consumer}});
    return Open(std::string(kServices) + "/" + consumer + "/watcher");
  }

  std::string cart_;
};

TEST_F(MustHaveWatch, M17FindAfterAnEventSeesTheNewRevision) {
  const std::string find = std::string(kFind) + "?appId=shop&serviceName=cart&rev=";
  const Socket socket = WatchCart();
  std::string revision = Get(find).Header("X-Resource-Revision");
  const std::string instance = AddInstance(cart_, "h1");
  for (const std::string_view action : {"CREATE", "UPDATE", "DELETE"}) {
    ASSERT_THAT(socket.Next(), HasSubstr(action));
    const Answer found = Get(find + revision);
    EXPECT_EQ(found.status, 200) << action;
    EXPECT_NE(found.Header("X-Resource-Revision"), revision) << action;
    revision = found.Header("X-Resource-Revision");
    if (action == "CREATE") Put(InstanceOf(cart_, instance) + "/status?value=DOWN");
    if (action == "UPDATE") Delete(InstanceOf(cart_, instance));
  }
}

TEST_F(MustHaveWatch, M19EventsHaveActionKeyAndInstance) {
  const Socket socket = WatchCart();
  EXPECT_EQ(socket.answer.status, 101);
  EXPECT_EQ(socket.Next(), "nothing");
  const std::string instance = AddInstance(cart_, "h1");
  const std::string end = R"("key":{"tenant":"default/default","appId":"shop",)"
                          R"("serviceName":"cart","version":"0.0.1"},"instance":{"instanceId":")" +
                          instance + R"(","serviceId":")" + cart_ + R"(",)";
  EXPECT_THAT(socket.Next(), StartsWith(R"({"action":"CREATE",)" + end));
  Put(InstanceOf(cart_, instance) + "/properties", R"({"properties":{"a":"1"}})");
  const std::string updated = socket.Next();
  EXPECT_THAT(updated, StartsWith(R"({"action":"UPDATE",)" + end));
  EXPECT_THAT(updated, HasSubstr(R"("properties":{"a":"1"})"));
  Delete(InstanceOf(cart_, instance));
  EXPECT_THAT(socket.Next(), StartsWith(R"({"action":"DELETE",)" + end));
}

TEST_F(MustHaveWatch, M19ExpiryIsADelete) {
  const Socket socket = WatchCart();
  AddInstance(cart_, "h1");
  EXPECT_THAT(socket.Next(), StartsWith(R"({"action":"CREATE")"));
  clock().Advance(std::chrono::seconds(120));
  const std::string gone = socket.Next();
  EXPECT_THAT(gone, StartsWith(R"({"action":"DELETE")"));
  EXPECT_THAT(gone, HasSubstr(R"("hostName":"h1")"));
}

// What a find has just told is not told again.
TEST_F(MustHaveWatch, M19NothingIsSentAtTheBegin) {
  const std::string consumer = AddService("checkout");
  const std::string cart = AddService("cart");
  AddInstance(cart, "h1");
  const Socket socket = Open(std::string(kServices) + "/" + consumer + "/watcher");
  EXPECT_EQ(socket.Next(), "nothing");
  Get(std::string(kFind) + "?appId=shop&serviceName=cart", {{"X-ConsumerId", consumer}});
  EXPECT_EQ(socket.Next(), "nothing");
  AddInstance(cart, "h2");
  EXPECT_THAT(socket.Next(), HasSubstr(R"("hostName":"h2")"));
}

TEST_F(MustHaveWatch, M20PingsComeInTimeAndIdleWatchersStay) {
  // A ping is at most half a second late.
  EXPECT_LE(ServerOptions().stream_ping_interval, std::chrono::milliseconds(29'500));
  EXPECT_GE(ServerOptions().stream_silence_max, std::chrono::seconds(120));
}

TEST_F(MustHaveWatch, M21UnknownServiceIsToldOnTheSocket) {
  const Socket socket = Open(std::string(kServices) + "/nosuch/watcher");
  EXPECT_EQ(socket.answer.status, 101);
  EXPECT_EQ(socket.Next(), "service does not exist");
  EXPECT_EQ(socket.Next(), "drop");
}

TEST_F(MustHaveWatch, M22WatchersStayWhateverHappensToTheirServices) {
  const Socket socket = WatchCart();
  for (const std::string& name : {std::string("cart"), std::string("checkout")}) {
    const std::string id = AddService(name);
    EXPECT_EQ(Delete(std::string(kServices) + "/" + id + "?force=true").status, 200);
    EXPECT_EQ(socket.Next(), "nothing");
    ASSERT_EQ(AddService(name), id);
  }
  Get(std::string(kFind) + "?appId=shop&serviceName=cart",
      {{"X-ConsumerId", AddService("checkout")}});
  AddInstance(cart_, "h1");
  EXPECT_THAT(socket.Next(), StartsWith(R"({"action":"CREATE")"));
}

TEST_F(MustHaveWatch, M22LoadRefusesNoWatcher) {
  HttpRequest request;
  request.verb = Verb::kGet;
  const std::string target = std::string(kServices) + "/" + AddService("cart") + "/watcher";
  request.target = target;
  request.fields = {{"Connection", "Upgrade"},
                    {"Upgrade", "websocket"},
                    {"Sec-WebSocket-Version", "13"},
                    {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  request.load_percent = 100;
  skep::testing::FakeExchange exchange;
  front().Handle(request, exchange);
  EXPECT_EQ(exchange.sent().value().status, 101);
}

TEST_F(MustHaveWatch, M23PongsRenewTheLeaseAndItsEndIs4001) {
  const std::string service = AddService("cart");
  const std::string instance = InstanceOf(service, AddInstance(service, "h1"));
  const Socket socket = Open(instance + "/heartbeat");
  EXPECT_EQ(socket.answer.status, 101);
  EXPECT_TRUE(socket.stream->pings_always());
  for (int i = 0; i < 3; ++i) {
    clock().Advance(std::chrono::seconds(100));
    socket.stream->OnPong();
    EXPECT_EQ(socket.Next(), "nothing");
  }
  clock().Advance(std::chrono::seconds(119));
  EXPECT_EQ(Get(instance).status, 200);
  clock().Advance(std::chrono::seconds(1));
  socket.stream->OnPong();
  EXPECT_EQ(socket.Next(),
            "close 4001 heartbeat reporting failed because the instance does not exist");
}

TEST_F(MustHaveWatch, M23ConnectingRenewsNothing) {
  const std::string service = AddService("cart");
  const std::string instance = InstanceOf(service, AddInstance(service, "h1"));
  clock().Advance(std::chrono::seconds(119));
  const Socket socket = Open(instance + "/heartbeat");
  clock().Advance(std::chrono::seconds(1));
  EXPECT_EQ(Get(instance).ErrorCode(), "400017");
}

TEST_F(MustHaveWatch, M23UnknownInstanceIs4001AtOnce) {
  const std::string service = AddService("cart");
  for (const std::string& target :
       {InstanceOf(service, "nosuch") + "/heartbeat", InstanceOf("nosuch", "i") + "/heartbeat"}) {
    const Socket socket = Open(target);
    EXPECT_EQ(socket.answer.status, 101);
    EXPECT_THAT(socket.Next(), StartsWith("close 4001 "));
  }
}

}  // namespace
}  // namespace skep::server
