#include "server/routes/instance_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/server/routes/route_fixture.h"

namespace skep::server {
namespace {

using skep::testing::Answer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using InstanceRoutes = skep::testing::RouteFixture;

constexpr std::string_view kHeartbeats = "/v4/default/registry/heartbeats";

std::string Beat(std::string_view service, std::string_view instance) {
  return std::string(R"({"serviceId":")")
      .append(service)
      .append(R"(","instanceId":")")
      .append(instance)
      .append("\"}");
}

TEST_F(InstanceRoutes, RegisterThenGet) {
  const std::string service = AddService("cart");
  const Answer registered =
      Post(InstancesOf(service), R"({"instance":{"hostName":"h1","endpoints":["rest://h1:1"]}})");
  const std::string id = registered.Text("instanceId");
  EXPECT_EQ(registered.body, R"({"instanceId":")" + id + "\"}");
  EXPECT_EQ(id.size(), 32u);
  const Answer got = Get(InstanceOf(service, id));
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.content_type, "application/json; charset=UTF-8");
  EXPECT_EQ(got.body,
            R"({"instance":{"instanceId":")" + id + R"(","serviceId":")" + service +
                R"(","endpoints":["rest://h1:1"],"hostName":"h1","status":"UP",)"
                R"("healthCheck":{"mode":"push","interval":30,"times":3},)"
                R"("timestamp":"1704067200","modTimestamp":"1704067200","version":"0.0.1"}})");
}

TEST_F(InstanceRoutes, ServiceIdOfThePathCounts) {
  const std::string service = AddService("cart");
  const Answer registered =
      Post(InstancesOf(service), R"({"instance":{"hostName":"h","serviceId":"other"}})");
  EXPECT_EQ(Get(InstanceOf(service, registered.Text("instanceId"))).Text("serviceId"), service);
}

TEST_F(InstanceRoutes, BadRegistrationsAreInvalid) {
  const std::string service = AddService("cart");
  for (const std::string_view body :
       {"", "{}", R"({"instance":{)", R"({"instance":{"hostName":""}})",
        R"({"instance":{"hostName":"h","healthCheck":{"mode":"push","times":3}}})",
        R"({"instance":{"hostName":"h","dataCenterInfo":{"name":"dc"}}})"}) {
    EXPECT_EQ(Post(InstancesOf(service), body).ErrorCode(), "400001") << body;
  }
}

TEST_F(InstanceRoutes, RegistrationOver5KiBIsInvalid) {
  const std::string service = AddService("cart");
  std::string body = R"({"instance":{"hostName":"h"}})";
  body.resize(5 * 1024, ' ');
  EXPECT_EQ(Post(InstancesOf(service), body).status, 200);
  const Answer answer = Post(InstancesOf(service), body + " ");
  EXPECT_EQ(answer.ErrorCode(), "400001");
  EXPECT_EQ(answer.Text("detail"), "http: request body too large");
}

TEST_F(InstanceRoutes, HeartbeatRenewsTheLeaseAndChangesNothing) {
  const std::string service = AddService("cart");
  const std::string path = InstanceOf(service, AddInstance(service, "h1"));
  const std::string revision = Get(path).Header("X-Resource-Revision");
  for (int i = 0; i < 5; ++i) {
    clock().Advance(std::chrono::seconds(100));
    EXPECT_EQ(Put(path + "/heartbeat").status, 200);
  }
  EXPECT_EQ(Get(path).Header("X-Resource-Revision"), revision);
  clock().Advance(std::chrono::seconds(120));
  EXPECT_EQ(Put(path + "/heartbeat").ErrorCode(), "400017");
}

TEST_F(InstanceRoutes, HeartbeatSetTellsOfEachOnce) {
  const std::string service = AddService("cart");
  const std::string instance = AddInstance(service, "h1");
  const Answer answer =
      Put(kHeartbeats, R"({"instances":[)" + Beat(service, instance) + "," +
                           Beat(service, "nosuch") + "," + Beat(service, instance) + "]}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body,
            R"({"instances":[)" + Beat(service, instance) + R"(,{"serviceId":")" + service +
                R"-(","instanceId":"nosuch","errMessage":)-"
                R"-("Instance does not exist(leaseId not exist, instance not exist)"}]})-");
}

TEST_F(InstanceRoutes, HeartbeatSetIs200ThoughAllFail) {
  EXPECT_EQ(Put(kHeartbeats, R"({"instances":[)" + Beat("a", "b") + "]}").status, 200);
}

TEST_F(InstanceRoutes, HeartbeatSetNeedsEntries) {
  for (const std::string_view body :
       {"", "{}", R"({"instances":[]})", R"({"instances":null})", R"({"instances":[null]})"}) {
    const Answer answer = Put(kHeartbeats, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.ErrorCode(), "400001") << body;
  }
}

TEST_F(InstanceRoutes, UnregisterOnce) {
  const std::string service = AddService("cart");
  const std::string path = InstanceOf(service, AddInstance(service, "h1"));
  EXPECT_EQ(Delete(path).status, 200);
  EXPECT_EQ(Delete(path).ErrorCode(), "400017");
  EXPECT_EQ(Get(path).ErrorCode(), "400017");
  EXPECT_EQ(Get(InstancesOf(service)).body, "{}");
}

// Nothing would register it again, and clients look there for the addresses of servers.
TEST_F(InstanceRoutes, ServersOwnInstanceStays) {
  RegisterSelf();
  const Answer health = Get("/health");
  const Answer refused = Delete(InstanceOf(health.Text("serviceId"), health.Text("instanceId")));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.ErrorCode(), "400001");
  EXPECT_THAT(refused.body, HasSubstr("it stands for this process itself"));
  EXPECT_EQ(Get("/health").body, health.body);
}

TEST_F(InstanceRoutes, StatusIsSetByItsWord) {
  const std::string service = AddService("cart");
  const std::string path = InstanceOf(service, AddInstance(service, "h1"));
  const Answer answer = Put(path + "/status?value=OUTOFSERVICE");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(Get(path).Text("status"), "OUTOFSERVICE");
  for (const std::string_view query : {"", "?value=", "?value=BUSY", "?value=up"}) {
    EXPECT_EQ(Put(path + "/status" + std::string(query)).ErrorCode(), "400001") << query;
  }
  EXPECT_EQ(Put(InstanceOf(service, "nosuch") + "/status?value=UP").ErrorCode(), "400017");
}

TEST_F(InstanceRoutes, ListHasARevisionToAskAgainWith) {
  const std::string service = AddService("cart");
  AddInstance(service, "h1");
  const Answer list = Get(InstancesOf(service));
  EXPECT_THAT(list.body, StartsWith(R"({"instances":[{"instanceId":")"));
  const std::string revision = list.Header("X-Resource-Revision");
  EXPECT_EQ(Get(InstancesOf(service) + "?rev=" + revision).status, 304);
  AddInstance(service, "h2");
  EXPECT_EQ(Get(InstancesOf(service) + "?rev=" + revision).status, 200);
}

TEST_F(InstanceRoutes, SingleInstanceHasARevisionToAskAgainWith) {
  const std::string service = AddService("cart");
  const std::string path = InstanceOf(service, AddInstance(service, "h1"));
  const std::string revision = Get(path).Header("X-Resource-Revision");
  const Answer again = Get(path + "?rev=" + revision);
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(again.Header("X-Resource-Revision"), revision);
  EXPECT_EQ(Get(path + "?noCache=1&rev=" + revision).status, 200);
}

class FindRoute : public InstanceRoutes {
 protected:
  static std::string Find(std::string_view more) {
    return std::string(kFind) + "?appId=shop&serviceName=cart" + std::string(more);
  }
};

TEST_F(FindRoute, MissingNamesAreInvalid) {
  EXPECT_EQ(Get(std::string(kFind) + "?appId=shop").ErrorCode(), "400001");
  EXPECT_EQ(Get(std::string(kFind) + "?serviceName=cart").ErrorCode(), "400001");
  EXPECT_EQ(Get(kFind).ErrorCode(), "400001");
}

// noCache and cacheOnly end the look at the flags: rev is not asked then.
TEST_F(FindRoute, AskingPastTheCacheIsNever304) {
  AddInstance(AddService("cart"), "h1");
  const std::string rev = "&rev=" + Get(Find("")).Header("X-Resource-Revision");
  for (const std::string_view flag : {"&noCache=1", "&noCache=TRUE", "&cacheOnly=true"}) {
    EXPECT_EQ(Get(Find(rev + std::string(flag))).status, 200) << flag;
  }
  for (const std::string_view flag :
       {"&noCache=yes", "&noCache=0", "&cacheOnly=", "&global=true"}) {
    EXPECT_EQ(Get(Find(rev + std::string(flag))).status, 304) << flag;
  }
}

TEST_F(FindRoute, EveryParameterMayBeEscaped) {
  AddInstance(AddService("cart"), "h1");
  EXPECT_THAT(Get(std::string(kFind) + "?%61ppId=sh%6Fp&serviceName=c%61rt&env=&tags=").body,
              HasSubstr("h1"));
}

TEST_F(FindRoute, TagsThatNobodyHasLeaveNothing) {
  AddInstance(AddService("cart"), "h1");
  const Answer answer = Get(Find("&tags=a,b"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{}");
  EXPECT_EQ(Get(Find("&tags=1a")).ErrorCode(), "400001");
  EXPECT_EQ(Get(Find("&tags=a,")).ErrorCode(), "400001");
}

TEST_F(FindRoute, ConsumerIsRecordedAsDependingOnTheProvider) {
  AddInstance(AddService("cart"), "h1");
  const std::string consumer = AddService("web");
  EXPECT_THAT(Get(Find(""), {{"X-ConsumerId", consumer}}).body, HasSubstr("h1"));
  EXPECT_EQ(Delete(std::string(kServices) + "/" + AddService("cart")).ErrorCode(), "400023");
}

TEST_F(FindRoute, ConsumerIdHasAtMost64Characters) {
  AddService("cart");
  const auto error_of = [this](std::string id) {
    return Get(Find(""), {{"X-ConsumerId", std::move(id)}}).ErrorCode();
  };
  EXPECT_EQ(error_of(std::string(64, 'c')), "400012");
  EXPECT_EQ(error_of(std::string(65, 'c')), "400001");
}

TEST_F(FindRoute, ConsumerOfAnotherAppSeesNothing) {
  AddInstance(AddService("cart"), "h1");
  const std::string consumer =
      Post(kServices, R"({"service":{"appId":"bank","serviceName":"web"}})").Text("serviceId");
  EXPECT_EQ(Get(Find(""), {{"X-ConsumerId", consumer}}).body, "{}");
  EXPECT_EQ(Get(InstancesOf(AddService("cart")), {{"X-ConsumerId", consumer}}).ErrorCode(),
            "400012");
}

// A long list travels as a shared part, which must say the same as a copied one.
TEST_F(FindRoute, ManyInstancesAreAllThere) {
  const std::string service = AddService("cart");
  for (int i = 0; i < 50; ++i) {
    std::string host = "h";
    AddInstance(service, host.append(std::to_string(i)));
  }
  for (int round = 0; round < 2; ++round) {
    const Answer answer = Get(Find(""));
    EXPECT_THAT(answer.body, StartsWith(R"({"instances":[{)"));
    for (int i = 0; i < 50; ++i) {
      std::string endpoint = "[\"rest://h";
      endpoint.append(std::to_string(i)).append(":1\"]");
      EXPECT_THAT(answer.body, HasSubstr(endpoint));
    }
  }
}

TEST_F(FindRoute, ServiceCenterIsFoundByItsName) {
  RegisterSelf();
  const Answer answer = Get(std::string(kFind) + "?appId=default&serviceName=SERVICECENTER");
  EXPECT_THAT(answer.body, HasSubstr("rest://127.0.0.1:30100/"));
}

TEST_F(InstanceRoutes, StatusIsOneOfFiveWords) {
  const std::string service = AddService("cart");
  const std::string id =
      Post(InstancesOf(service), R"({"instance":{"hostName":"h"}})").Text("instanceId");
  const std::string status = InstanceOf(service, id) + "/status";
  EXPECT_EQ(Put(status + "?value=OUTOFSERVICE", "").status, 200);
  EXPECT_EQ(Get(InstanceOf(service, id)).Text("status"), "OUTOFSERVICE");
  for (const std::string_view query : {"", "?value=", "?value=up", "?value=BUSY"}) {
    EXPECT_EQ(Put(status + std::string(query), "").Text("errorCode"), "400001") << query;
  }
  EXPECT_EQ(Put(InstanceOf(service, "nosuch") + "/status?value=UP", "").Text("errorCode"),
            "400017");
}

}  // namespace
}  // namespace skep::server
