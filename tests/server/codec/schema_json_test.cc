#include "server/codec/schema_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "skep/registry/errors.h"
#include "tests/support/error_matchers.h"

namespace skep::server {
namespace {

using skep::testing::ErrorIs;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Result<Schema> ReadOne(std::string_view body) {
  JsonReader reader;
  return ReadSchema(reader, body);
}
Result<std::vector<Schema>> ReadAll(std::string_view body) {
  JsonReader reader;
  return ReadSchemas(reader, body);
}
SchemaPtr Make(std::string id, std::string summary, std::string content) {
  return std::make_shared<const Schema>(
      Schema{std::move(id), std::move(summary), std::move(content)});
}

TEST(SchemaJson, ReadsOneWithoutItsId) {
  const Schema schema =
      ReadOne(R"({"schemaId":"other","Schema":"swagger: \"2.0\"\n","summary":"abc","x":[]})")
          .value();
  EXPECT_EQ(schema.id, "");
  EXPECT_EQ(schema.content, "swagger: \"2.0\"\n");
  EXPECT_EQ(schema.summary, "abc");
}

TEST(SchemaJson, OtherTypesAreErrors) {
  for (const std::string_view body :
       {"", "{", "[]", R"({"schema":1})", R"({"schema":"x","summary":{}})"}) {
    EXPECT_THAT(ReadOne(body), ErrorIs(RegistryErrc::kInvalidParams)) << body;
  }
  for (const std::string_view body :
       {"", "[]", R"({"schemas":{}})", R"({"schemas":[1]})", R"({"schemas":[{"schemaId":1}]})"}) {
    EXPECT_THAT(ReadAll(body), ErrorIs(RegistryErrc::kInvalidParams)) << body;
  }
}

TEST(SchemaJson, ReadsABatchInItsOrder) {
  const std::vector<Schema> all =
      ReadAll(R"({"schemas":[{"schemaId":"b","summary":"s","schema":"1"},{"schemaId":"a"}]})")
          .value();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].id, "b");
  EXPECT_EQ(all[0].summary, "s");
  EXPECT_EQ(all[0].content, "1");
  EXPECT_EQ(all[1].id, "a");
  EXPECT_THAT(ReadAll("{}").value(), IsEmpty());
}

TEST(SchemaJson, WritesOne) {
  std::string out;
  AppendSchemaBody(*Make("a", "s", "<x>"), &out);
  EXPECT_EQ(out, R"({"schema":"\u003cx\u003e"})");
}

TEST(SchemaJson, WritesAListWithAndWithoutContents) {
  const std::vector<SchemaPtr> all = {Make("a", "s", "1"), Make("b", "", "")};
  std::string out;
  SchemasText(all, SchemaContent::kLeaveOut, &out).Finish();
  EXPECT_EQ(out, R"({"schemas":[{"schemaId":"a","summary":"s"},{"schemaId":"b"}]})");
  out.clear();
  SchemasText(all, SchemaContent::kShow, &out).Finish();
  EXPECT_EQ(out, R"({"schemas":[{"schemaId":"a","summary":"s","schema":"1"},{"schemaId":"b"}]})");
  out.clear();
  SchemasText({}, SchemaContent::kShow, &out).Finish();
  EXPECT_EQ(out, "{}");
}

TEST(SchemaJson, WritesThatOneExists) {
  std::string out;
  AppendSchemaExistsBody("s1", "a", &out);
  EXPECT_EQ(out, R"({"serviceId":"s1","schemaId":"a"})");
}

}  // namespace
}  // namespace skep::server
