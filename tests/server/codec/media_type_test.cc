#include "server/codec/media_type.h"

#include <gtest/gtest.h>

namespace skep::server {
namespace {

TEST(MediaTypeOf, LooksAtTheTypeAlone) {
  EXPECT_EQ(MediaTypeOf(""), MediaType::kNone);
  EXPECT_EQ(MediaTypeOf("application/json"), MediaType::kJson);
  EXPECT_EQ(MediaTypeOf("Application/JSON ; charset=utf-8"), MediaType::kJson);
  EXPECT_EQ(MediaTypeOf("text/yaml; charset=utf-8"), MediaType::kYaml);
  EXPECT_EQ(MediaTypeOf("multipart/form-data; boundary=x"), MediaType::kForm);
  EXPECT_EQ(MediaTypeOf("text/plain"), MediaType::kOther);
  EXPECT_EQ(MediaTypeOf("application/jsonx"), MediaType::kOther);
}

TEST(Negotiate, JsonComesFirst) {
  EXPECT_EQ(Negotiate("", kJsonOnly), MediaType::kJson);
  EXPECT_EQ(Negotiate("*/*", kJsonOnly), MediaType::kJson);
  EXPECT_EQ(Negotiate("text/html, application/json;q=0.1", kJsonOnly), MediaType::kJson);
  EXPECT_EQ(Negotiate("text/yaml, */*", kJsonOrYaml), MediaType::kJson);
}

TEST(Negotiate, YamlWhereOnlyThatIsWanted) {
  EXPECT_EQ(Negotiate("text/yaml", kJsonOrYaml), MediaType::kYaml);
  EXPECT_EQ(Negotiate("text/yaml;q=0.9", kJsonOrYaml), MediaType::kYaml);
  EXPECT_EQ(Negotiate("text/yaml, application/json;q=0", kJsonOrYaml), MediaType::kYaml);
  EXPECT_EQ(Negotiate("text/yaml", kJsonOnly), MediaType::kNone);
}

TEST(Negotiate, NothingThatFits) {
  EXPECT_EQ(Negotiate("application/*", kJsonOrYaml), MediaType::kNone);
  EXPECT_EQ(Negotiate("text/html", kJsonOrYaml), MediaType::kNone);
  EXPECT_EQ(Negotiate("application/json;q=0.000", kJsonOnly), MediaType::kNone);
}

}  // namespace
}  // namespace skep::server
