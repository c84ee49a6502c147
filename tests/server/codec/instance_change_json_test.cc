#include "server/codec/instance_change_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "skep/registry/errors.h"
#include "tests/support/error_matchers.h"

namespace skep::server {
namespace {

using skep::testing::ErrorIs;
using skep::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(ReadProperties, WholeObjectsAreAccepted) {
  JsonReader reader;
  const auto read = ReadProperties(
      reader, R"({"instanceId":"other","Properties":{"a":"1"},"framework":{"name":"x"}})");
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(*read, ElementsAre(Pair("a", "1")));
}

TEST(ReadProperties, NoneIsEmpty) {
  JsonReader reader;
  for (const char* body : {"{}", R"({"properties":null})", R"({"properties":{}})"}) {
    EXPECT_THAT(ReadProperties(reader, body).value(), IsEmpty()) << body;
  }
}

TEST(ReadProperties, OtherTypesAreErrors) {
  JsonReader reader;
  for (const char* body : {"", "[]", R"({"properties":{"a":1}})", R"({"properties":"a"})"}) {
    EXPECT_THAT(ReadProperties(reader, body), ErrorIs(RegistryErrc::kInvalidParams)) << body;
  }
  EXPECT_THAT(ReadProperties(reader, "{").error().detail(), HasSubstr("Unmarshal error"));
}

TEST(ReadStatusChange, AllMembers) {
  JsonReader reader;
  const auto read =
      ReadStatusChange(reader, R"({"matches":{"properties":{"k":"v"}},"status":"DOWN"})");
  ASSERT_THAT(read, IsOk());
  EXPECT_THAT(read->matching, ElementsAre(Pair("k", "v")));
  EXPECT_EQ(read->status, InstanceStatus::kDown);
}

TEST(ReadStatusChange, UnknownWordsAreErrors) {
  JsonReader reader;
  for (const char* body : {R"({"status":"BUSY"})", R"({"status":1})", R"({"matches":1})"}) {
    EXPECT_THAT(ReadStatusChange(reader, body), ErrorIs(RegistryErrc::kInvalidParams)) << body;
  }
  EXPECT_EQ(ReadStatusChange(reader, "{}")->status, InstanceStatus::kUnset);
}

}  // namespace
}  // namespace skep::server
