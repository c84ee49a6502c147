// The v3 paths (spec 17) and whose registry they mean (spec 1.7).
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "server/routes/router.h"
#include "tests/server/routes/route_fixture.h"

namespace skep::server {
namespace {

class V3Test : public skep::testing::RouteFixture {
 protected:
  static constexpr std::string_view kV3 = "/registry/v3/microservices";

  std::string Add(const Fields& fields) {
    return Post(kV3, R"({"service":{"appId":"shop","serviceName":"old"}})", fields)
        .Text("serviceId");
  }
  std::uint16_t StatusOf(std::string_view id, const Fields& fields) {
    return Get(std::string(kV3) + "/" + std::string(id), fields).status;
  }
};

TEST_F(V3Test, ServesTheDefaultProject) {
  const std::string id = Add({});
  ASSERT_NE(id, "");
  EXPECT_EQ(Get(std::string(kServices) + "/" + id).status, 200);
  EXPECT_EQ(Get("/v4/other/registry/microservices/" + id).status, 400);
}

TEST_F(V3Test, TenantNameComesBeforeDomainName) {
  const std::string id = Add({{"X-Tenant-Name", "t"}, {"X-Domain-Name", "d"}});
  EXPECT_EQ(StatusOf(id, {{"x-tenant-name", "t"}}), 200);
  EXPECT_EQ(StatusOf(id, {{"X-Domain-Name", "t"}}), 200);
  EXPECT_EQ(StatusOf(id, {{"X-Tenant-Name", ""}, {"X-Domain-Name", "t"}}), 200);
  EXPECT_EQ(StatusOf(id, {{"X-Domain-Name", "d"}}), 400);
  EXPECT_EQ(StatusOf(id, {}), 400);
}

TEST_F(V3Test, TenantNameMeansNothingToV4) {
  const std::string id = Add({});
  EXPECT_EQ(Get(std::string(kServices) + "/" + id, {{"X-Tenant-Name", "t"}}).status, 200);
}

TEST_F(V3Test, ParametersStandWhereTheyDoInV4) {
  const std::string service = Add({});
  const std::string instances = std::string(kV3) + "/" + service + "/instances";
  const std::string instance =
      Post(instances, R"({"instance":{"hostName":"h","endpoints":["rest://h:1"]}})")
          .Text("instanceId");
  ASSERT_NE(instance, "");
  const std::string path = instances + "/" + instance;
  EXPECT_EQ(Put(path + "/heartbeat").status, 200);
  EXPECT_EQ(Put(path + "/status?value=DOWN").status, 200);
  EXPECT_EQ(Get(path).Text("status"), "DOWN");
  EXPECT_EQ(Get(InstanceOf(service, instance)).Text("status"), "DOWN");
  EXPECT_EQ(Get("/registry/v3/instances?appId=shop&serviceName=old").Text("instanceId"), instance);
  EXPECT_EQ(Delete(path).status, 200);
}

TEST_F(V3Test, HasTheSameBodyLimits) {
  const std::string path = std::string(kV3) + "/" + Add({}) + "/instances";
  EXPECT_EQ(front().BodyLimit(Verb::kPost, path), 5u * 1024);
}

// Both paths have the same labels, which Prometheus takes once.
TEST_F(V3Test, IsCountedWithItsApi) {
  Get(std::string(kV3));
  Get(std::string(kServices));
  const std::string page = Get("/metrics").body;
  const std::string series =
      R"(service_center_http_request_total{method="GET",api="ListService",code="200"} 2)";
  EXPECT_NE(page.find(series), std::string::npos) << page;
}

TEST_F(V3Test, SocketsWithoutAnUpgradeAreRefused) {
  for (const std::string_view path :
       {"/v4/default/registry/microservices/x/watcher", "/registry/v3/microservices/x/watcher",
        "/v4/default/registry/microservices/x/instances/y/heartbeat"}) {
    const auto answer = Get(path);
    EXPECT_EQ(answer.status, 400) << path;
    EXPECT_EQ(answer.body, "Bad Request\n") << path;
    EXPECT_EQ(answer.Header("Sec-Websocket-Version"), "13") << path;
  }
  EXPECT_EQ(Get("/registry/v3/microservices/x/instances/y/heartbeat").status, 405);
}

}  // namespace
}  // namespace skep::server
