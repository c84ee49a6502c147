#include "server/codec/kv_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/codec/yaml_limits.h"
#include "skep/kie/errors.h"
#include "tests/support/error_matchers.h"
#include "tests/support/kie_fixture.h"

namespace skep::server {
namespace {

using skep::testing::ErrorIs;
using skep::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string Repeated(std::string_view text, std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += text;
  return out;
}

auto IsRefused(const std::string& why) {
  return ErrorIs(
      KieErrc::kInvalidParams,
      ::testing::AllOf(StartsWith("decode request body failed: yaml: "), HasSubstr(why)));
}

TEST(KvYaml, ReadsAnItem) {
  const KvSpec spec = ReadKvYaml(
                          "# An item.\n"
                          "key: timeout\n"
                          "value: |\n"
                          "  a: 1\n"
                          "  b: 2\n"
                          "labels:\n"
                          "  app: mall\n"
                          "  environment: ''\n"
                          "status: enabled\n"
                          "value_type: yaml\n"
                          "priority: -3\n"
                          "check: \"x\\ty\"\n")
                          .value();
  EXPECT_EQ(spec.key, "timeout");
  EXPECT_EQ(spec.value, "a: 1\nb: 2\n");
  EXPECT_EQ(spec.labels, (Labels{{"app", "mall"}, {"environment", ""}}));
  EXPECT_EQ(spec.status, KvStatus::kEnabled);
  EXPECT_EQ(spec.value_type, ValueType::kYaml);
  EXPECT_EQ(spec.priority, -3);
  EXPECT_EQ(spec.check, "x\ty");
}

// JSON is YAML.
TEST(KvYaml, ReadsFlowCollections) {
  const KvSpec spec =
      ReadKvYaml(R"({"key": "a", "value": "x", "labels": {"app": "i"}, "priority": 7})").value();
  EXPECT_EQ(spec.key, "a");
  EXPECT_EQ(spec.labels, (Labels{{"app", "i"}}));
  EXPECT_EQ(spec.priority, 7);
}

TEST(KvYaml, TakesScalarsOfOtherTypesAsTheyStand) {
  const KvSpec spec =
      ReadKvYaml("key: y1\nvalue: 2\nlabels:\n  a: 1\n  b: true\n  c: 1.50\n").value();
  EXPECT_EQ(spec.value, "2");
  EXPECT_EQ(spec.labels, (Labels{{"a", "1"}, {"b", "true"}, {"c", "1.50"}}));
  EXPECT_EQ(ReadKvYaml("value: !!str 2").value().value, "2");
}

TEST(KvYaml, NullIsTheEmptyValue) {
  const KvSpec spec =
      ReadKvYaml("key: a\nvalue: ~\nlabels:\n  x:\npriority: null\nstatus:\n").value();
  EXPECT_EQ(spec.value, "");
  EXPECT_EQ(spec.labels, (Labels{{"x", ""}}));
  EXPECT_EQ(spec.priority, 0);
  EXPECT_EQ(spec.status, KvStatus::kUnset);
  EXPECT_THAT(ReadKvYaml("labels: {a: b}\nlabels:\n").value().labels, IsEmpty());
}

TEST(KvYaml, NothingAtAllIsAnEmptyItem) {
  for (const std::string_view body : {"", "\n", "# nothing", "---\n", "null", "{}"}) {
    EXPECT_EQ(ReadKvYaml(body).value().key, "") << body;
  }
}

TEST(KvYaml, PassesOverWhatItDoesNotKnow) {
  const KvSpec spec = ReadKvYaml(
                          "id: [1, {a: b}]\nKEY: upper\nkey: a\nother:\n  key: inner\n  labels:\n"
                          "  - [x]\n  ? [not, a, name]\n  : y\n")
                          .value();
  EXPECT_EQ(spec.key, "a");
  EXPECT_THAT(spec.labels, IsEmpty());
}

TEST(KvYaml, OfTwoMembersTheLastCounts) {
  const KvSpec spec =
      ReadKvYaml("key: a\nkey: b\nlabels: {x: '1', x: '2'}\npriority: 1\npriority: 2").value();
  EXPECT_EQ(spec.key, "b");
  EXPECT_EQ(spec.labels, (Labels{{"x", "2"}}));
  EXPECT_EQ(spec.priority, 2);
}

TEST(KvYaml, UnknownWordsAreLeftToTheConfigurationCenter) {
  const KvSpec spec = ReadKvYaml("status: on\nvalue_type: yml").value();
  EXPECT_EQ(spec.status, KvStatus::kUnknown);
  EXPECT_EQ(spec.value_type, ValueType::kUnknown);
}

TEST(KvYaml, RefusesOtherTypes) {
  const std::pair<std::string_view, std::string> cases[] = {
      {"text", "line 1: the document should be a map"},
      {"- a", "line 1: the document should be a map"},
      {"key: a\nvalue: [1]", "line 2: 'value' should be a text"},
      {"key: {a: b}", "line 1: 'key' should be a text"},
      {"labels: x", "line 1: 'labels' should be a map of texts"},
      {"labels: [a]", "line 1: 'labels' should be a map of texts"},
      {"labels:\n  a: [b]", "line 2: the value of a label should be a text"},
      {"labels:\n  a: {b: c}", "line 2: the value of a label should be a text"},
      {"[a]: b", "line 1: a name should be a text"},
      {"labels: {{a: b}: c}", "line 1: a name should be a text"},
      {"priority: high", "line 1: 'priority' should be an integer"},
      {"priority: 1.5", "line 1: 'priority' should be an integer"},
      {"priority: '1'", "line 1: 'priority' should be an integer"},
      {"priority: []", "line 1: 'priority' should be an integer"},
      {"priority: 9223372036854775808", "line 1: 'priority' should be an integer"},
  };
  for (const auto& [body, why] : cases) EXPECT_THAT(ReadKvYaml(body), IsRefused(why)) << body;
}

TEST(KvYaml, RefusesWhatIsNotYaml) {
  EXPECT_THAT(ReadKvYaml("key: a\nvalue: [x"), IsRefused("line 2: "));
  EXPECT_THAT(ReadKvYaml("key: 'a"), IsRefused("line 1: "));
  EXPECT_THAT(ReadKvYaml("a: b: c"), IsRefused("line 1: "));
  EXPECT_THAT(ReadKvYaml("value: \"\\ud800\""), IsRefused("line 1: "));
}

// The parser itself would end at the byte 4 without a word, read bodies with zero bytes as UTF-16,
// and hand on any bytes that are not UTF-8.
TEST(KvYaml, RefusesWhatIsNoText) {
  EXPECT_THAT(ReadKvYaml("key: \xff"), IsRefused("not UTF-8"));
  EXPECT_THAT(ReadKvYaml("key: \xed\xa0\x80"), IsRefused("not UTF-8"));
  EXPECT_THAT(ReadKvYaml("\xff\xfe"), IsRefused("not UTF-8"));
  EXPECT_THAT(ReadKvYaml("key: a\n\x04value: b"), IsRefused("a control character"));
  EXPECT_THAT(ReadKvYaml(std::string_view("k\0e\0y\0:\0 \0a\0", 12)),
              IsRefused("a control character"));
  EXPECT_EQ(ReadKvYaml("value: \"\\x04\"").value().value, "\x04");
  EXPECT_EQ(ReadKvYaml("\xef\xbb\xbfvalue: \u00e9\u20ac\U0001f600").value().value,
            "\u00e9\u20ac\U0001f600");
}

TEST(KvYaml, RefusesAnchorsAliasesAndMergeKeys) {
  EXPECT_THAT(ReadKvYaml("key: a\nvalue: &x b"), IsRefused("line 2: anchors and aliases"));
  EXPECT_THAT(ReadKvYaml("a: &x\nb: c"), IsRefused("line 1: anchors and aliases"));
  EXPECT_THAT(ReadKvYaml("a: &x {b: c}\n<<: *x"), IsRefused("line 1: anchors and aliases"));
  EXPECT_THAT(ReadKvYaml("a: &x [b]"), IsRefused("line 1: anchors and aliases"));
  EXPECT_THAT(ReadKvYaml("a: *x"), IsRefused("line 1: "));
  EXPECT_THAT(ReadKvYaml("<<: {key: a}"), IsRefused("line 1: merge keys"));
  EXPECT_THAT(ReadKvYaml("'<<': {key: a}\nkey: b"), IsOk());
}

TEST(KvYaml, RefusesTagsThatMeanSomething) {
  EXPECT_THAT(ReadKvYaml("value: !!binary aGk="), IsRefused("line 1: a tag"));
  EXPECT_THAT(ReadKvYaml("value: !mine a"), IsRefused("line 1: a tag"));
  EXPECT_THAT(ReadKvYaml("!mine {}"), IsRefused("line 1: a tag"));
}

TEST(KvYaml, RefusesASecondDocument) {
  EXPECT_THAT(ReadKvYaml("key: a\n---\nkey: b\n"), IsRefused("line 2: a second document"));
  EXPECT_THAT(ReadKvYaml("---\nkey: a\n...\n# The end.\n"), IsOk());
}

TEST(KvYaml, NestingHasALimit) {
  const auto nested = [](std::size_t depth) {
    return "other: " + std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_THAT(ReadKvYaml(nested(kYamlDepthMax - 1)), IsOk());
  EXPECT_THAT(ReadKvYaml(nested(kYamlDepthMax)), IsRefused("line 1: nested too deep"));
  EXPECT_THAT(ReadKvYaml(Repeated("- ", 100'000)), IsRefused("document should be a map"));
  EXPECT_THAT(ReadKvYaml("a:\n  " + Repeated("- ", 100'000)), IsRefused("nested too deep"));
}

// A value of the largest kind passes however it is written, and so does the largest check.
TEST(KvYaml, TheLargestTextsPass) {
  const std::string letters(131'072, 'x');
  EXPECT_TRUE(ReadKvYaml("value: " + letters).value().value == letters);
  EXPECT_TRUE(ReadKvYaml("value: '" + Repeated("''", 262'144) + "'").value().value ==
              std::string(131'072, '\''));
  EXPECT_TRUE(ReadKvYaml("check: \"" + Repeated("\\u0041", 6 << 20) + "\"").value().check ==
              std::string(1 << 20, 'A'));
}

// The parser would keep some 240 bytes for each of these characters.
TEST(KvYaml, WhatTheParserWouldHaveToKeepHasALimit) {
  for (const std::string_view piece : {"[", "{", "[\n", "{a: ", "? [", "{a,", "[{},"}) {
    EXPECT_THAT(ReadKvYaml(Repeated(piece, 2 * kYamlPendingMax)), IsRefused("")) << piece;
  }
  EXPECT_THAT(ReadKvYaml("{other: [" + Repeated("a, ", 4 * kYamlPendingMax) + "]}"),
              IsRefused("a scalar, {...} or [...] is too large"));
  EXPECT_THAT(ReadKvYaml("other: '" + std::string(kYamlScalarBytesMax + 4096, 'x') + "'"),
              IsRefused("a scalar, {...} or [...] is too large"));
}

TEST(KvYaml, ADocumentOfManyPiecesPasses) {
  const std::string body = "other:\n" + Repeated("- {a: [b, c]}\n", 8 * kYamlPendingMax);
  EXPECT_THAT(ReadKvYaml(body), IsOk());
}

TEST(KvYaml, TheBodyHasALimit) {
  EXPECT_THAT(ReadKvYaml(std::string(kYamlBytesMax + 1, ' ')), IsRefused("too large"));
}

TEST(KvYaml, LabelsBeyondWhatAnItemMayHaveAreNotKept) {
  std::string body = "labels:\n";
  for (int i = 10; i < 99; ++i) body += "  a" + std::to_string(i) + ": x\n";
  const KvSpec spec = ReadKvYaml(body + "  a10: last\n").value();
  EXPECT_THAT(spec.labels, SizeIs(kLabelsReadMax));
  EXPECT_EQ(spec.labels.at("a10"), "last");
}

TEST(KvYaml, ReadsAnUpdate) {
  const KvUpdate update =
      ReadKvUpdateYaml("value: 2\nstatus: disabled\nkey: [1]\npriority: high").value();
  EXPECT_EQ(update.value, "2");
  EXPECT_EQ(update.status, KvStatus::kDisabled);
  EXPECT_EQ(ReadKvUpdateYaml("value: ''").value().value, std::nullopt);
  EXPECT_EQ(ReadKvUpdateYaml("{}").value().value, std::nullopt);
  EXPECT_THAT(ReadKvUpdateYaml("value: [1]"), IsRefused("'value' should be a text"));
}

std::vector<std::string> Keys(const std::vector<KvSpec>& items) {
  std::vector<std::string> keys;
  keys.reserve(items.size());
  for (const KvSpec& item : items) keys.push_back(item.key);
  return keys;
}

TEST(KvYaml, ReadsAnImport) {
  const std::vector<KvSpec> items = ReadImportYaml(
                                        "metadata:\n"
                                        "  version: 2.0.0\n"
                                        "  data: [{key: not this}]\n"
                                        "data:\n"
                                        "- key: a\n"
                                        "  value: 1\n"
                                        "  labels: {app: i}\n"
                                        "  priority: 4\n"
                                        "- ~\n"
                                        "- key: b\n"
                                        "- {}\n",
                                        100)
                                        .value();
  ASSERT_THAT(Keys(items), ElementsAre("a", "b", ""));
  EXPECT_EQ(items[0].labels, (Labels{{"app", "i"}}));
  EXPECT_EQ(items[0].priority, 4);
  // Nothing of the item before.
  EXPECT_EQ(items[1].value, "");
  EXPECT_THAT(items[1].labels, IsEmpty());
}

TEST(KvYaml, AnImportWithoutDataHasNoItems) {
  for (const std::string_view body :
       {"", "{}", "data:", "data: []", "Data: [{key: a}]", "data: [{key: a}]\ndata: ~"}) {
    EXPECT_THAT(ReadImportYaml(body, 100).value(), IsEmpty()) << body;
  }
  EXPECT_THAT(Keys(ReadImportYaml("data: [{key: a}]\ndata: [{key: b}]", 100).value()),
              ElementsAre("b"));
}

TEST(KvYaml, RefusesAnImportOfOtherTypes) {
  const std::pair<std::string_view, std::string> cases[] = {
      {"- key: a", "the document should be a map"},
      {"data: x", "'data' should be a list"},
      {"data: {key: a}", "'data' should be a list"},
      {"data: [x]", "an item of 'data' should be a map"},
      {"data: [[]]", "an item of 'data' should be a map"},
      {"data: [{key: a}, {key: [b]}]", "'key' should be a text"},
  };
  for (const auto& [body, why] : cases)
    EXPECT_THAT(ReadImportYaml(body, 100), IsRefused(why)) << body;
}

TEST(KvYaml, ItemsOfAnImportHaveALimit) {
  EXPECT_THAT(ReadImportYaml("data: [{}, ~, {}]", 2).value(), SizeIs(2));
  EXPECT_THAT(ReadImportYaml("data: [{}, {}, {}]", 2), ErrorIs(KieErrc::kNotEnoughQuota));
}

class KvYamlWriterTest : public skep::testing::KieFixture {};

TEST_F(KvYamlWriterTest, WritesAnItem) {
  const WrittenKv written = config()
                                .Create({.key = "timeout",
                                         .value = "2s",
                                         .labels = {{"app", "mall"}, {"environment", ""}},
                                         .status = KvStatus::kEnabled,
                                         .priority = -1,
                                         .check = "x y"})
                                .value();
  EXPECT_EQ(KvYaml(*written.kv), "id: \"" + written.id +
                                     "\"\n"
                                     "key: timeout\n"
                                     "value: \"2s\"\n"
                                     "value_type: text\n"
                                     "priority: -1\n"
                                     "check: \"x y\"\n"
                                     "create_revision: 1\n"
                                     "update_revision: 1\n"
                                     "status: enabled\n"
                                     "create_time: 1704067200\n"
                                     "update_time: 1704067200\n"
                                     "labels:\n"
                                     "  app: mall\n"
                                     "  environment: \"\"\n");
}

TEST_F(KvYamlWriterTest, LeavesOutWhatIsNotSet) {
  const std::string text = KvYaml(*config().Create({.key = "a"}).value().kv);
  EXPECT_THAT(text, HasSubstr("value: \"\"\nvalue_type: text\ncreate_revision: 1\n"));
  EXPECT_THAT(text, ::testing::EndsWith("update_time: 1704067200\n"));
}

// Whatever a value is, it reads back the same.
TEST_F(KvYamlWriterTest, WhatIsWrittenReadsBack) {
  const std::string_view values[] = {
      "",       "a",      "null",         "NULL",   "~",      "Yes",     "2",          "-",
      "- a",    "a: b",   "a # b",        "#",      "'",      "\"",      "\\",         "\\n",
      "\n",     "a\nb\n", " a",           "a ",     "\t",     "\r\n",    "\x01\x1f",   "\x7f",
      "\u0085", "\u00a0", "\u2028\u2029", "\ufeff", "\uffff", "\u00e9",  "\U0001f600", "&a",
      "*a",     "!a",     "{a",           "[a",     "%a",     "@a",      "`a",         "|",
      ">",      "? a",    "---",          "...",    "<<",     "<a>&</a", "a/b.c-d_e"};
  int count = 0;
  for (const std::string_view value : values) {
    const WrittenKv written = config()
                                  .Create({.key = "k" + std::to_string(count++),
                                           .value = std::string(value),
                                           .labels = {{"null", "y"}, {"1", "2.5"}, {"x", ""}},
                                           .status = KvStatus::kEnabled,
                                           .value_type = ValueType::kIni,
                                           .priority = 7})
                                  .value();
    const KvSpec spec = ReadKvYaml(KvYaml(*written.kv)).value();
    EXPECT_EQ(spec.key, written.kv->key());
    EXPECT_EQ(spec.value, value);
    EXPECT_EQ(spec.labels, written.kv->labels());
    EXPECT_EQ(spec.status, KvStatus::kEnabled);
    EXPECT_EQ(spec.value_type, ValueType::kIni);
    EXPECT_EQ(spec.priority, 7);
  }
}

// For readers that are stricter than ours: nothing but printable characters, and no line break that
// is not one of the document's.
TEST_F(KvYamlWriterTest, WritesOnlyWhatIsPrintable) {
  const WrittenKv written =
      config()
          .Create({.key = "a", .value = "\x01\x7f\u0085\u2028\ufeff\ufffe\u00a0\U0001f600"})
          .value();
  EXPECT_THAT(KvYaml(*written.kv),
              HasSubstr("value: \"\\x01\\x7f\\x85\\u2028\\ufeff\\ufffe\u00a0\U0001f600\"\n"));
}

TEST_F(KvYamlWriterTest, WritesWhatAnImportDid) {
  EXPECT_EQ(ImportResultYaml({}), "success: []\nfailure: []\n");
  Add("b", "1");
  const ImportResult result = config()
                                  .Import({{.key = "a", .value = "x", .labels = {{"app", "i"}}},
                                           {.key = "b"},
                                           {.key = "b/b", .labels = {{"app", "i"}}}},
                                          {.override_mode = Override::kSkip})
                                  .value();
  const std::string text = ImportResultYaml(result);
  EXPECT_THAT(text, StartsWith("success:\n- id: "));
  EXPECT_THAT(text, HasSubstr("  key: a\n"
                              "  value: x\n"));
  EXPECT_THAT(text, HasSubstr("  labels:\n"
                              "    app: i\n"
                              "failure:\n"
                              "- key: b\n"
                              "  labels: {}\n"
                              "  errcode: 400004\n"
                              "  errmsg: \"skip overriding duplicate kvs\"\n"
                              "- key: b/b\n"
                              "  labels:\n"
                              "    app: i\n"
                              "  errcode: 400001\n"));
}

}  // namespace
}  // namespace skep::server
