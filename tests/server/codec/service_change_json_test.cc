#include "server/codec/service_change_json.h"

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
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Result<Properties> ReadMap(std::string_view body) {
  JsonReader reader;
  return ReadServiceProperties(reader, body);
}
Result<BatchDeletion> ReadBatch(std::string_view body) {
  JsonReader reader;
  return ReadBatchDeletion(reader, body);
}

// Clients send whole microservices, or an extra framework.
TEST(ServiceChangeJson, PropertiesOfWhateverObject) {
  EXPECT_EQ(ReadMap(R"({"serviceId":7,"framework":{"name":null},"properties":{"a":"b"}})").value(),
            (Properties{{"a", "b"}}));
  for (const std::string_view body : {"{}", R"({"properties":null})", R"({"properties":{}})"}) {
    EXPECT_THAT(ReadMap(body).value(), IsEmpty()) << body;
  }
  for (const std::string_view body : {"", "{", R"({"properties":{"a":1}})", "[]"}) {
    EXPECT_THAT(ReadMap(body), ErrorIs(RegistryErrc::kInvalidParams)) << body;
  }
}

TEST(ServiceChangeJson, BatchOfIds) {
  const BatchDeletion batch = ReadBatch(R"({"serviceIds":["a","b"],"force":true})").value();
  EXPECT_THAT(batch.ids, ElementsAre("a", "b"));
  EXPECT_TRUE(batch.force);
  EXPECT_FALSE(ReadBatch(R"({"serviceIds":["a"]})").value().force);
  for (const std::string_view body :
       {"", R"({"serviceIds":"a"})", R"({"serviceIds":[1]})", R"({"force":"true"})"}) {
    EXPECT_THAT(ReadBatch(body), ErrorIs(RegistryErrc::kInvalidParams)) << body;
  }
}

TEST(ServiceChangeJson, ResultsWithAMessageWhereOneFailed) {
  const std::vector<ServiceDeletion> done = {{"a", Revision(3)},
                                             {"b", Error(RegistryErrc::kServiceNotExists, "no b")}};
  std::string out;
  AppendDeletionsBody(done, &out);
  EXPECT_EQ(out, R"-({"services":[{"serviceId":"a"},)-"
                 R"-({"errMessage":"Micro-service does not exist(no b)","serviceId":"b"}]})-");
}

}  // namespace
}  // namespace skep::server
