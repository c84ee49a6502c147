#include "server/codec/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "skep/kie/errors.h"
#include "tests/support/error_matchers.h"

namespace skep::server {
namespace {

using skep::testing::ErrorIs;
using ::testing::HasSubstr;

Document OfJson(std::string_view text) {
  JsonReader reader;
  Document document;
  EXPECT_TRUE(ReadDocument(reader.Parse(text).value(), &document)) << text;
  return document;
}

std::string Json(const Document& document) {
  std::string out;
  AppendJson(document, &out);
  return out;
}

std::string JsonOfYaml(std::string_view text) { return Json(ReadYamlDocument(text).value()); }

TEST(Document, JsonComesBackSortedAndWithoutDoubles) {
  EXPECT_EQ(Json(OfJson(R"({"b":[1,"x",null,true,{}],"a":{"c":false},"b":[]})")),
            R"({"a":{"c":false},"b":[]})");
  EXPECT_EQ(Json(OfJson("[]")), "[]");
  EXPECT_EQ(Json(OfJson("\"<\\u0000\"")), R"("\u003c\u0000")");
}

TEST(Document, NumbersStayWhatTheyAre) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"0.5", "0.5"},
      {"100000.0", "100000"},
      {"1e17", "100000000000000000"},
      {"1e20", "1e+20"},
      {"1e300", "1e+300"},
      {"-0.0", "0"},
      {"0.000001", "0.000001"},
  };
  for (const auto& [number, text] : cases) EXPECT_EQ(Json(OfJson(number)), text);
}

TEST(Document, FindsMembersByName) {
  const Document document = OfJson(R"({"b":1,"a":2})");
  ASSERT_NE(document.Find("a"), nullptr);
  EXPECT_EQ(document.Find("a")->text, "2");
  EXPECT_EQ(document.Find("c"), nullptr);
  EXPECT_EQ(OfJson("[1]").Find("a"), nullptr);
}

TEST(Document, YamlIsWrittenLineByLine) {
  EXPECT_EQ(ToYaml(OfJson(R"({"matches":[{"name":"m","apiPath":{"prefix":"/x"},"method":["GET"]}],
                              "alias":"a b","on":"off","rate":0.5,"none":null,"e":{},"l":[]})")),
            "alias: \"a b\"\n"
            "e: {}\n"
            "l: []\n"
            "matches:\n"
            "- apiPath:\n"
            "    prefix: \"/x\"\n"
            "  method:\n"
            "  - GET\n"
            "  name: m\n"
            "none: null\n"
            "\"on\": \"off\"\n"
            "rate: 0.5\n");
  EXPECT_EQ(ToYaml(OfJson("[[1,[2]],{}]")), "- - 1\n  - - 2\n- {}\n");
  EXPECT_EQ(ToYaml(Document()), "null\n");
}

TEST(Document, YamlReadsBackAsTheSame) {
  for (const std::string_view json : {
           R"({"a":"1","b":1,"c":"true","d":true,"e":"null","f":null,"g":"","h":"~"})",
           R"([[],{},[[]],[{}],{"a":[[1,2],{"b":[]}]}])",
           R"({"":"x\ny\t\"z\"","- a":"# no","a: b":"c: d","<<":"&x *y !z","1":"2s"})",
           R"({"x":"\u0001\u00e9\u2028\ud83d\ude00"})",
           R"("text")",
           "-0.25",
       }) {
    const Document document = OfJson(json);
    EXPECT_EQ(JsonOfYaml(ToYaml(document)), Json(document)) << json;
  }
}

TEST(Document, YamlScalarsWithoutQuotesHaveTypes) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "null"},           {"~", "null"},        {"yes", "true"},
      {"Off", "false"},       {"+3", "3"},          {"007", "7"},
      {".5", "0.5"},          {"1.", "1"},          {"-1e2", "-100"},
      {"2s", "\"2s\""},       {"y", "\"y\""},       {"0x1f", "\"0x1f\""},
      {".inf", "\".inf\""},   {"nan", "\"nan\""},   {"1.2.3", "\"1.2.3\""},
      {"'3'", "\"3\""},       {"!!str 3", "\"3\""}, {"-", "[null]"},
      {"1e999", "\"1e999\""}, {"-.5", "-0.5"},      {"2024-01-01", "\"2024-01-01\""},
  };
  for (const auto& [yaml, json] : cases) EXPECT_EQ(JsonOfYaml(yaml), json) << yaml;
}

TEST(Document, YamlIsRefusedAsItemsAre) {
  const std::string deep(65, '[');
  const std::pair<std::string, std::string> cases[] = {
      {"a: &x 1\nb: *x", "anchors and aliases"},
      {"<<: {a: 1}", "merge keys"},
      {"[a]: b", "a name should be a text"},
      {"~: b", "a name should be a text"},
      {"a: !x b", "a tag"},
      {"a: b\n---\nc: d", "a second document"},
      {deep + std::string(65, ']'), "nested too deep"},
      {std::string(kDocumentNameBytesMax + 1, 'k') + ": 1", "a name is too long"},
      {"a: [", "line"},
      {R"(a: "\N")", "an escape that is no UTF-8"},
  };
  for (const auto& [yaml, why] : cases) {
    EXPECT_THAT(ReadYamlDocument(yaml), ErrorIs(KieErrc::kInvalidParams, HasSubstr(why))) << yaml;
  }
}

TEST(Document, NamesHaveALimit) {
  JsonReader reader;
  Document document;
  const auto with_name = [](std::size_t size) {
    return "{\"x\":{\"" + std::string(size, 'k') + "\":1}}";
  };
  EXPECT_TRUE(ReadDocument(reader.Parse(with_name(kDocumentNameBytesMax)).value(), &document));
  EXPECT_FALSE(ReadDocument(reader.Parse(with_name(kDocumentNameBytesMax + 1)).value(), &document));
  EXPECT_THAT(reader.TypeError().detail(), HasSubstr("a shorter name"));
}

// Escaped as far as it goes, a name must still be one to YAML.
TEST(Document, TheLongestNameReadsBack) {
  Document document{.type = Document::Type::kMap};
  document.parts.push_back({.name = std::string(kDocumentNameBytesMax, '\1')});
  EXPECT_EQ(JsonOfYaml(ToYaml(document)), Json(document));
}

}  // namespace
}  // namespace skep::server
