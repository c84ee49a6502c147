#include "server/codec/metric_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "skep/registry/errors.h"
#include "tests/support/error_matchers.h"

namespace skep::server {
namespace {

using skep::testing::ErrorIs;
using skep::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(ReadMetricReport, AllMembers) {
  JsonReader reader;
  const auto read = ReadMetricReport(
      reader,
      R"({"name":"n","appId":"a","serviceId":"s","version":"1","instanceId":"i","instance":"h",)"
      R"("thread":7,"cpu":0.5,"memory":{"heap":4096,"1":"1"},)"
      R"("interfaces":[{"functionName":"f","functionType":"t","desc":"d","qps":2,"l995":"1.5",)"
      R"("isCircuitBreakerOpen":true}]})");
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->name, "n");
  EXPECT_EQ(read->app_id, "a");
  EXPECT_EQ(read->service_id, "s");
  EXPECT_EQ(read->version, "1");
  EXPECT_EQ(read->instance_id, "i");
  EXPECT_EQ(read->instance, "h");
  EXPECT_EQ(read->threads, 7);
  EXPECT_EQ(read->cpu, 0.5);
  EXPECT_THAT(read->memory, ElementsAre(Pair("1", 1), Pair("heap", 4096)));
  ASSERT_THAT(read->functions, SizeIs(1));
  EXPECT_EQ(read->functions[0].name, "f");
  EXPECT_EQ(read->functions[0].type, "t");
  EXPECT_EQ(read->functions[0].description, "d");
  EXPECT_THAT(read->functions[0].figures, ElementsAre(Pair("l995", 1.5), Pair("qps", 2)));
}

TEST(ReadMetricReport, OtherTypesAreErrors) {
  JsonReader reader;
  for (const char* body : {"", "[]", R"({"cpu":"much"})", R"({"cpu":"nan"})", R"({"cpu":{}})",
                           R"({"thread":1e30})", R"({"memory":[1]})", R"({"interfaces":[1]})"}) {
    EXPECT_THAT(ReadMetricReport(reader, body), ErrorIs(RegistryErrc::kInvalidParams)) << body;
  }
}

}  // namespace
}  // namespace skep::server
