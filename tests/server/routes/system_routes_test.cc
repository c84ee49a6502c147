#include "server/routes/system_routes.h"

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

using SystemRoutes = skep::testing::RouteFixture;

constexpr std::string_view kClock = "/skep/v1/clock";

TEST_F(SystemRoutes, VersionSaysWhichApiItIs) {
  EXPECT_EQ(Get("/v4/default/registry/version").Text("apiVersion"), "4.0.0");
  EXPECT_EQ(Get("/version").Text("apiVersion"), "3.0.0");
}

TEST_F(SystemRoutes, HealthWithoutSelfRegistrationIsUnknownService) {
  EXPECT_EQ(Get("/health").ErrorCode(), "400012");
}

TEST_F(SystemRoutes, HealthHasNoRevision) {
  RegisterSelf();
  EXPECT_EQ(Get("/health").Header("X-Resource-Revision"), "(none)");
}

TEST_F(SystemRoutes, MetricsArePrometheusText) {
  Get("/version");
  const Answer answer = Get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("# TYPE service_center_http_request_total counter\n"));
  EXPECT_THAT(answer.body, HasSubstr("service_center_http_request_total"
                                     "{method=\"GET\",api=\"GetVersion\",code=\"200\"} 1\n"));
  EXPECT_THAT(answer.body, HasSubstr("service_center_http_request_durations_microseconds"
                                     "{method=\"GET\",api=\"GetVersion\",quantile=\"0.5\"} 24\n"));
  EXPECT_THAT(answer.body, HasSubstr("\nservice_center_db_service_total 0\n"));
  EXPECT_THAT(answer.body, HasSubstr("\nskep_http_connections 3\n"));
  EXPECT_THAT(answer.body, HasSubstr("\nskep_storage_failed 0\n"));
  EXPECT_THAT(answer.body, HasSubstr("\nskep_storage_waiting_bytes 0\n"));
  EXPECT_THAT(answer.body, HasSubstr("\nprocess_resident_memory_bytes "));
}

TEST_F(SystemRoutes, MetricsCountWhatIsRegistered) {
  AddInstance(AddService("cart"), "h1");
  const std::string body = Get("/metrics").body;
  EXPECT_THAT(body, HasSubstr("\nservice_center_db_service_total 1\n"));
  EXPECT_THAT(body, HasSubstr("\nservice_center_db_instance_total 1\n"));
}

TEST_F(SystemRoutes, SuccessLeavesOutServerErrors) {
  context().metrics.Count(0, 500, std::chrono::nanoseconds(1));
  const std::string body = Get("/metrics").body;
  EXPECT_THAT(body, HasSubstr("http_request_total{method=\"OTHER\",api=\"unknown\",code=\"500\"}"));
  EXPECT_THAT(body, Not(HasSubstr("http_success_total{method=\"OTHER\"")));
}

TEST_F(SystemRoutes, ClockIsServedOnlyWhenAllowed) {
  EXPECT_EQ(Post(kClock, R"({"advance":"1s"})").status, 404);
  Serve({.serve_manual_clock = true});
  EXPECT_EQ(Post(kClock, R"({"advance":"1s"})").status, 200);
}

TEST_F(SystemRoutes, AdvancingEndsLeasesBeforeItAnswers) {
  Serve({.serve_manual_clock = true});
  const std::string service = AddService("cart");
  const std::string path = InstanceOf(service, AddInstance(service, "h1"));
  EXPECT_EQ(Post(kClock, R"({"advance":"119s"})").body, R"({"now":"2024-01-01T00:01:59.000Z"})");
  EXPECT_EQ(Get(path).status, 200);
  EXPECT_EQ(Post(kClock, R"({"advance":"1s"})").body, R"({"now":"2024-01-01T00:02:00.000Z"})");
  EXPECT_EQ(Get(path).ErrorCode(), "400017");
}

TEST_F(SystemRoutes, AdvancingNeedsADuration) {
  Serve({.serve_manual_clock = true});
  for (const std::string_view body : {"", "{}", R"({"advance":"-1s"})", R"({"advance":90})"}) {
    EXPECT_EQ(Post(kClock, body).ErrorCode(), "400001") << body;
  }
}

}  // namespace
}  // namespace skep::server
