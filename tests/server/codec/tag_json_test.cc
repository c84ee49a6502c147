#include "server/codec/tag_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "skep/registry/errors.h"
#include "tests/support/error_matchers.h"

namespace skep::server {
namespace {

using skep::testing::ErrorIs;
using skep::testing::IsOk;
using ::testing::IsEmpty;

Result<Properties> Read(std::string_view body) {
  JsonReader reader;
  return ReadTags(reader, body);
}

TEST(TagJson, ReadsTheMap) {
  EXPECT_EQ(Read(R"({"tags":{"a":"x","b":"y"}})").value(), (Properties{{"a", "x"}, {"b", "y"}}));
  EXPECT_EQ(Read(R"({"TAGS":{"a":"x"}})").value(), (Properties{{"a", "x"}}));
}

TEST(TagJson, NoTagsClear) {
  for (const std::string_view body : {"{}", R"({"tags":null})", R"({"tags":{}})"}) {
    EXPECT_THAT(Read(body).value(), IsEmpty()) << body;
  }
}

// The reference reads the whole body as a map of maps of texts.
TEST(TagJson, EveryMemberIsAMapOfTexts) {
  EXPECT_THAT(Read(R"({"other":{"k":"v"},"tags":{"a":"x"}})"), IsOk());
  for (const std::string_view body :
       {"", "[]", R"({"tags":[]})", R"({"tags":{"a":1}})", R"({"tags":{"a":"x"},"other":1})",
        R"({"tags":{"a":"x"},"other":{"k":{}}})"}) {
    EXPECT_THAT(Read(body), ErrorIs(RegistryErrc::kInvalidParams)) << body;
  }
}

TEST(TagJson, WritesTheMapOrNothing) {
  std::string out;
  AppendTagsBody({{"b", "<"}, {"a", "x"}}, &out);
  EXPECT_EQ(out, R"({"tags":{"a":"x","b":"\u003c"}})");
  out.clear();
  AppendTagsBody({}, &out);
  EXPECT_EQ(out, "{}");
}

}  // namespace
}  // namespace skep::server
