#include "server/codec/json_reader.h"

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
using skep::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// A number in so many arrays.
std::string Nested(std::size_t depth) {
  std::string body(depth, '[');
  body += '1';
  return body.append(depth, ']');
}

struct BodyCase {
  std::string_view what;
  std::string body;
};

class JsonReaderRefusal : public ::testing::TestWithParam<BodyCase> {};

TEST_P(JsonReaderRefusal, IsInvalidParams) {
  JsonReader reader;
  EXPECT_THAT(reader.Parse(GetParam().body), ErrorIs(RegistryErrc::kInvalidParams));
}

INSTANTIATE_TEST_SUITE_P(
    , JsonReaderRefusal,
    ::testing::Values(BodyCase{"Empty", ""}, BodyCase{"Blanks", "  \n"}, BodyCase{"Word", "hello"},
                      BodyCase{"HalfAnObject", R"({"service":)"}, BodyCase{"TwoValues", "{} {}"},
                      BodyCase{"TrailingBytes", R"({"a":1} xx)"},
                      BodyCase{"TrailingComma", R"({"a":1,})"}, BodyCase{"LeadingZero", "[01]"},
                      BodyCase{"NotANumber", "[1.]"}, BodyCase{"RawControl", "\"a\nb\""},
                      BodyCase{"BadEscape", R"("\x")"}, BodyCase{"NotUtf8", "\"\xff\""},
                      BodyCase{"Utf8Surrogate", "\"\xed\xa0\x80\""},
                      BodyCase{"NotUtf8InAnUnknownMember", "{\"x\":\"\xc3\"}"},
                      BodyCase{"LoneHighSurrogate", R"("\ud83d")"},
                      BodyCase{"LoneLowSurrogate", R"("\ude00")"},
                      BodyCase{"HighSurrogateTwice", R"("\ud83d\ud83d")"},
                      BodyCase{"ByteOrderMark", "\xef\xbb\xbf{}"},
                      BodyCase{"TooDeep", Nested(kJsonDepthMax + 1)}),
    [](const auto& test) { return std::string(test.param.what); });

TEST(JsonReader, NestingAsDeepAsTheLimitIsRead) {
  JsonReader reader;
  EXPECT_THAT(reader.Parse(Nested(kJsonDepthMax)), IsOk());
}

TEST(JsonReader, EmptyBodySaysSo) {
  JsonReader reader;
  EXPECT_THAT(reader.Parse(""),
              ErrorIs(RegistryErrc::kInvalidParams, "unexpected end of JSON input"));
}

TEST(JsonReader, EscapesAreUndone) {
  JsonReader reader;
  std::string text;
  ASSERT_TRUE(reader.Parse(R"("a\"\\\/\n\u4f60\ud83d\ude00\u0000b")").value().Read(&text));
  EXPECT_EQ(text, std::string("a\"\\/\n\xe4\xbd\xa0\xf0\x9f\x98\x80\0b", 14));
}

TEST(JsonReader, NullIsTheEmptyValueOfEveryType) {
  JsonReader reader;
  const JsonValue null = reader.Parse("null").value();
  std::string text = "old";
  std::int64_t number = 7;
  bool flag = true;
  std::vector<std::string> list = {"old"};
  Properties map = {{"old", "old"}};
  EXPECT_TRUE(null.Read(&text) && null.Read(&number) && null.Read(&flag) && null.Read(&list) &&
              null.Read(&map));
  EXPECT_EQ(text, "");
  EXPECT_EQ(number, 0);
  EXPECT_FALSE(flag);
  EXPECT_THAT(list, IsEmpty());
  EXPECT_THAT(map, IsEmpty());
}

TEST(JsonReader, NullInsideAListOrAMapIsAnEmptyText) {
  JsonReader reader;
  std::vector<std::string> list;
  ASSERT_TRUE(reader.Parse(R"(["a",null])").value().Read(&list));
  EXPECT_THAT(list, ElementsAre("a", ""));
  Properties map;
  ASSERT_TRUE(reader.Parse(R"({"k":null})").value().Read(&map));
  EXPECT_THAT(map, ElementsAre(Pair("k", "")));
}

TEST(JsonReader, LastOfEqualKeysCounts) {
  JsonReader reader;
  Properties map;
  ASSERT_TRUE(reader.Parse(R"({"k":"1","K":"2","k":"3"})").value().Read(&map));
  EXPECT_THAT(map, ElementsAre(Pair("K", "2"), Pair("k", "3")));
}

TEST(JsonReader, OtherTypesAreRefused) {
  JsonReader reader;
  std::string text;
  EXPECT_FALSE(reader.Parse("1").value().Read(&text));
  EXPECT_FALSE(reader.Parse("{}").value().Read(&text));
  std::int64_t number = 0;
  EXPECT_FALSE(reader.Parse("\"1\"").value().Read(&number));
  EXPECT_FALSE(reader.Parse("1.0").value().Read(&number));
  EXPECT_FALSE(reader.Parse("9223372036854775808").value().Read(&number));
  bool flag = false;
  EXPECT_FALSE(reader.Parse("1").value().Read(&flag));
  std::vector<std::string> list;
  EXPECT_FALSE(reader.Parse("{}").value().Read(&list));
  EXPECT_FALSE(reader.Parse("[[]]").value().Read(&list));
  Properties map;
  EXPECT_FALSE(reader.Parse("[]").value().Read(&map));
  EXPECT_FALSE(reader.Parse(R"({"a":1})").value().Read(&map));
}

TEST(JsonReader, TypeErrorNamesTheInnermostMember) {
  JsonReader reader;
  Properties map;
  const bool good = reader.Parse(R"({"properties":{"a":1}})")
                        .value()
                        .ForEachMember([&map](std::string_view, const JsonValue& value) {
                          return value.Read(&map);
                        });
  EXPECT_FALSE(good);
  EXPECT_EQ(reader.TypeError().detail(),
            "the body has a value of the wrong type in 'a': expected a string");
}

TEST(JsonReader, AnErrorOfOneBodyIsNotToldOfTheNext) {
  JsonReader reader;
  std::string text;
  EXPECT_FALSE(reader.Parse("1").value().Read(&text));
  ASSERT_THAT(reader.Parse("{}"), IsOk());
  EXPECT_EQ(reader.TypeError().detail(), "the body has a value of the wrong type");
}

TEST(JsonReader, KeepsItsBufferButNotThatOfALargeBody) {
  JsonReader reader;
  std::string large(1'000'002, 'x');
  large.front() = large.back() = '"';
  std::string text;
  ASSERT_TRUE(reader.Parse(large).value().Read(&text));
  EXPECT_EQ(text.size(), 1'000'000u);
  ASSERT_THAT(reader.Parse("{}"), IsOk());
  EXPECT_LT(reader.kept_bytes(), 1000u);
}

}  // namespace
}  // namespace skep::server
