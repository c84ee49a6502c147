#include "server/codec/system_json.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "skep/registry/errors.h"
#include "tests/support/error_matchers.h"

namespace skep::server {
namespace {

using skep::testing::ErrorIs;
using namespace std::chrono_literals;

TEST(ReadAdvance, TakesTheMember) {
  JsonReader reader;
  EXPECT_EQ(ReadAdvance(reader, R"({"advance":"2m"})").value(), 2min);
}

TEST(ReadAdvance, NeedsADuration) {
  JsonReader reader;
  for (const std::string_view bad :
       {"", "{}", "[]", R"({"advance":null})", R"({"advance":90})", R"({"advance":"soon"})"}) {
    EXPECT_THAT(ReadAdvance(reader, bad), ErrorIs(RegistryErrc::kInvalidParams)) << bad;
  }
}

TEST(NowBody, IsAnInstantInUtc) {
  using namespace std::chrono;
  std::string out;
  AppendNowBody(sys_days(year(2024) / February / 29) + 23h + 59min + 58s + 7ms, &out);
  EXPECT_EQ(out, R"({"now":"2024-02-29T23:59:58.007Z"})");
}

TEST(VersionBody, HasAllMembers) {
  std::string out;
  AppendVersionBody("4.0.0", &out);
  JsonReader reader;
  std::string names;
  ASSERT_TRUE(reader.Parse(out).value().ForEachMember(
      [&names](std::string_view name, const JsonValue& value) {
        std::string_view text;
        names.append(name).append(" ");
        return value.Read(&text) && !text.empty();
      }));
  EXPECT_EQ(names, "version buildTag goVersion os arch apiVersion ");
}

}  // namespace
}  // namespace skep::server
