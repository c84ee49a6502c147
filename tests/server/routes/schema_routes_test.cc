#include "server/routes/schema_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/server/routes/route_fixture.h"

namespace skep::server {
namespace {

using skep::testing::Answer;
using ::testing::HasSubstr;

class SchemaRoutes : public skep::testing::RouteFixture {
 protected:
  static std::string SchemasOf(std::string_view service_id) {
    return std::string(kServices).append("/").append(service_id).append("/schemas");
  }
};

TEST_F(SchemaRoutes, PutThenGetWithItsSummary) {
  const std::string schemas = SchemasOf(AddService("cart"));
  const Answer put = Put(schemas + "/hello", R"({"schema":"swagger: 2.0","summary":"abc123"})");
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.body, "");
  const Answer got = Get(schemas + "/hello");
  EXPECT_EQ(got.body, R"({"schema":"swagger: 2.0"})");
  EXPECT_EQ(got.Header("X-Schema-Summary"), "abc123");
  Put(schemas + "/hello", R"({"schemaId":"other","schema":"x"})");
  EXPECT_EQ(Get(schemas + "/hello").Header("X-Schema-Summary"), "") << "there, though empty";
  EXPECT_EQ(Get(schemas + "/other").ErrorCode(), "400016") << "the path's id counts";
}

TEST_F(SchemaRoutes, ListShowsContentsOnDemand) {
  const std::string schemas = SchemasOf(AddService("cart"));
  EXPECT_EQ(Get(schemas).body, "{}");
  Post(schemas, R"({"schemas":[{"schemaId":"a","summary":"s","schema":"1"}]})");
  const std::string without = R"({"schemas":[{"schemaId":"a","summary":"s"}]})";
  EXPECT_EQ(Get(schemas).body, without);
  EXPECT_EQ(Get(schemas + "?withSchema=0").body, without);
  EXPECT_EQ(Get(schemas + "?withSchema=1").body,
            R"({"schemas":[{"schemaId":"a","summary":"s","schema":"1"}]})");
  EXPECT_EQ(Get(schemas + "?withSchema=true").ErrorCode(), "400001");
}

TEST_F(SchemaRoutes, BatchIsAllOrNothing) {
  const std::string schemas = SchemasOf(AddService("cart"));
  Post(schemas, R"({"schemas":[{"schemaId":"a","summary":"s","schema":"1"}]})");
  for (const std::string_view body : {"", "{}", R"({"schemas":[]})", R"({"schemas":[null]})",
                                      R"({"schemas":[{"schemaId":"b","summary":"s","schema":"1"},)"
                                      R"({"schemaId":"b","summary":"s","schema":"2"}]})"}) {
    EXPECT_EQ(Post(schemas, body).ErrorCode(), "400001") << body;
  }
  EXPECT_EQ(Get(schemas).body, R"({"schemas":[{"schemaId":"a","summary":"s"}]})");
}

TEST_F(SchemaRoutes, ErrorsHaveTheirNumbers) {
  const std::string schemas = SchemasOf(AddService("cart"));
  EXPECT_EQ(Get(schemas + "/a").ErrorCode(), "400016");
  EXPECT_EQ(Delete(schemas + "/a").ErrorCode(), "400016");
  EXPECT_EQ(Put(schemas + "/a", R"({"schema":""})").ErrorCode(), "400001");
  EXPECT_EQ(Put(schemas + "/a b", R"({"schema":"x"})").ErrorCode(), "400001");
  const std::string none = SchemasOf("nosuch");
  EXPECT_EQ(Get(none).ErrorCode(), "400012");
  EXPECT_EQ(Get(none + "/a").ErrorCode(), "400012");
  EXPECT_EQ(Put(none + "/a", R"({"schema":"x"})").ErrorCode(), "400012");
  EXPECT_EQ(Delete(none + "/a").ErrorCode(), "400012");
}

TEST_F(SchemaRoutes, DeleteKeepsTheIdDeclared) {
  const std::string id = AddService("cart");
  const std::string schemas = SchemasOf(id);
  Put(schemas + "/a", R"({"schema":"x"})");
  EXPECT_EQ(Delete(schemas + "/a").status, 200);
  EXPECT_EQ(Get(schemas).body, R"({"schemas":[{"schemaId":"a"}]})");
  EXPECT_THAT(Get(std::string(kServices) + "/" + id).body, HasSubstr(R"("schemas":["a"])"));
}

TEST_F(SchemaRoutes, BodyOverTheLimitIsInvalid) {
  Serve({.body_bytes_max = 100});
  const std::string large(101, ' ');
  EXPECT_EQ(Put(SchemasOf("s") + "/a", large).Text("detail"), "http: request body too large");
  EXPECT_EQ(Post(SchemasOf("s"), large).Text("detail"), "http: request body too large");
}

TEST_F(SchemaRoutes, ExistenceTellsTheSummaryInTheHeader) {
  const std::string id = AddService("cart");
  Put(SchemasOf(id) + "/a", R"({"schema":"x","summary":"s"})");
  const std::string ask = "/v4/default/registry/existence?type=schema&serviceId=";
  const Answer found = Get(ask + id + "&schemaId=a");
  EXPECT_EQ(found.body, R"({"serviceId":")" + id + R"(","schemaId":"a"})");
  EXPECT_EQ(found.Header("X-Schema-Summary"), "s");
  EXPECT_EQ(Get(ask + id + "&schemaId=b").ErrorCode(), "400016");
  EXPECT_EQ(Get(ask + "nosuch&schemaId=a").ErrorCode(), "400012");
  EXPECT_EQ(Get(ask + "&schemaId=a").ErrorCode(), "400001");
  EXPECT_EQ(Get(ask + id).ErrorCode(), "400001");
}

}  // namespace
}  // namespace skep::server
