#include "server/codec/kv_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "server/codec/kv_yaml.h"
#include "skep/kie/errors.h"
#include "tests/support/error_matchers.h"
#include "tests/support/kie_fixture.h"

namespace skep::server {
namespace {

using skep::testing::ErrorIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

Result<std::vector<KvSpec>> Read(std::string_view body, std::size_t items_max = 100) {
  JsonReader reader;
  return ReadImportJson(reader, body, items_max);
}

auto IsRefused(const std::string& why) {
  return ErrorIs(KieErrc::kInvalidParams,
                 ::testing::AllOf(StartsWith("decode request body failed: "), HasSubstr(why)));
}

TEST(KvImport, ReadsItems) {
  const std::vector<KvSpec> items =
      Read(R"({"metadata":{"version":"2.0.0","annotations":{"data":[1]}},"data":[)"
           R"({"id":"x","key":"a","labels":{"app":"i","e":""},"value":"1","status":"enabled",)"
           R"("value_type":"ini","priority":-2,"check":"c","create_time":1},)"
           R"(null,{"KEY":"b","value":null,"status":"on"}]})")
          .value();
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_EQ(items[0].key, "a");
  EXPECT_EQ(items[0].labels, (Labels{{"app", "i"}, {"e", ""}}));
  EXPECT_EQ(items[0].value, "1");
  EXPECT_EQ(items[0].status, KvStatus::kEnabled);
  EXPECT_EQ(items[0].value_type, ValueType::kIni);
  EXPECT_EQ(items[0].priority, -2);
  EXPECT_EQ(items[0].check, "c");
  EXPECT_EQ(items[1].key, "b");
  EXPECT_EQ(items[1].value, "");
  EXPECT_EQ(items[1].status, KvStatus::kUnknown);
}

TEST(KvImport, WithoutDataThereAreNoItems) {
  for (const std::string_view body :
       {"{}", "null", R"({"data":null})", R"({"data":[]})", R"({"data":[null]})"}) {
    EXPECT_THAT(Read(body).value(), IsEmpty()) << body;
  }
}

TEST(KvImport, OfTwoMembersTheLastCounts) {
  const std::vector<KvSpec> items =
      Read(R"({"data":[{"key":"a"}],"Data":[{"key":"b","Key":"c","labels":{"x":"1"},)"
           R"("labels":{"y":"1","y":"2"}}]})")
          .value();
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].key, "c");
  EXPECT_EQ(items[0].labels, (Labels{{"y", "2"}}));
}

TEST(KvImport, RefusesWhatItCannotRead) {
  for (const std::string_view body :
       {"", "{", "[]", "1", "{}{}", R"({"data":{}})", R"({"data":[1]})", R"({"data":[[]]})",
        R"({"data":[{"key":1}]})", R"({"data":[{"value":{}}]})", R"({"data":[{"labels":[]}]})",
        R"({"data":[{"labels":{"a":1}}]})", R"({"data":[{"priority":"1"}]})",
        R"({"data":[{"priority":1.5}]})", "{\"data\":[{\"key\":\"\xff\"}]}"}) {
    EXPECT_THAT(Read(body), IsRefused("")) << body;
  }
  EXPECT_THAT(Read(R"({"data":[{"value":2}]})"), IsRefused("'value': expected a string"));
}

TEST(KvImport, ItemsHaveALimit) {
  EXPECT_THAT(Read(R"({"data":[{},null,{}]})", 2).value(), SizeIs(2));
  EXPECT_THAT(Read(R"({"data":[{},{},{}]})", 2), ErrorIs(KieErrc::kNotEnoughQuota));
}

TEST(KvImport, LabelsBeyondWhatAnItemMayHaveAreNotKept) {
  std::string labels = R"("a10":"first")";
  for (int i = 11; i < 99; ++i) labels += ",\"a" + std::to_string(i) + "\":\"x\"";
  labels += R"(,"a10":"last")";
  const std::vector<KvSpec> items = Read(R"({"data":[{"labels":{)" + labels + "}}]}").value();
  EXPECT_THAT(items.at(0).labels, SizeIs(kLabelsReadMax));
  EXPECT_EQ(items.at(0).labels.at("a10"), "last");
}

class KvExportTest : public skep::testing::KieFixture {
 protected:
  static std::string Export(ConfigCenter& config) {
    KvExport text(config.List({.order = KvOrder::kKey}).value().items());
    std::string out;
    while (text.Next(&out)) {
    }
    return out;
  }
};

TEST_F(KvExportTest, WritesNothingButTheFrameOfNoItems) {
  EXPECT_EQ(Export(config()), R"({"metadata":{"version":"2.0.0"},"data":[]})");
}

TEST_F(KvExportTest, WritesItemsByKeyAndLabelFormat) {
  const std::string b1 = Add("b", "1", {{"app", "mall"}, {"environment", ""}}).id;
  const std::string b0 = Add("b", "<0>").id;
  const std::string a = config()
                            .Create({.key = "a",
                                     .value = "",
                                     .value_type = ValueType::kXml,
                                     .priority = -1,
                                     .check = "c"})
                            .value()
                            .id;
  EXPECT_EQ(Export(config()), R"({"metadata":{"version":"2.0.0"},"data":[)"
                              R"({"id":")" +
                                  a +
                                  R"(","key":"a","value":"","status":"disabled",)"
                                  R"("value_type":"xml","priority":-1,"check":"c"},)"
                                  R"({"id":")" +
                                  b1 +
                                  R"(","key":"b","labels":{"app":"mall","environment":""},)"
                                  R"("value":"1","status":"enabled","value_type":"text"},)"
                                  R"({"id":")" +
                                  b0 +
                                  R"(","key":"b","value":"\u003c0\u003e","status":"enabled",)"
                                  R"("value_type":"text"}]})");
}

TEST_F(KvExportTest, APieceIsOneItem) {
  Add("a", "1");
  Add("b", "2");
  KvExport text(config().List({.order = KvOrder::kKey}).value().items());
  std::vector<std::string> pieces;
  for (std::string piece; text.Next(&piece); piece.clear()) pieces.push_back(piece);
  EXPECT_THAT(pieces, ElementsAre(HasSubstr("metadata"), HasSubstr(R"("key":"a")"),
                                  StartsWith(R"(,{"id":)"), "]}"));
  std::string nothing;
  EXPECT_FALSE(text.Next(&nothing));
  EXPECT_EQ(nothing, "");
}

// Values of all kinds, imported elsewhere as JSON and as the YAML that JSON is.
TEST_F(KvExportTest, ImportedElsewhereItExportsTheSame) {
  const std::vector<std::string> values = {
      "", "null", "2", "\"\\/", "\n\t\r", "\x01\x7f", "\u2028<&>\u00e9", "\U0001f600"};
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (const Labels& labels : {Labels{}, Labels{{"app", "x"}}, Labels{{"e", ""}, {"v", "1.0"}}}) {
      config()
          .Create({.key = "k[" + std::to_string(i) + "]",
                   .value = values[i],
                   .labels = labels,
                   .status = i % 2 == 0 ? KvStatus::kEnabled : KvStatus::kDisabled,
                   .value_type = i % 3 == 0 ? ValueType::kYaml : ValueType::kText,
                   .priority = static_cast<std::int64_t>(i) - 3,
                   .check = i % 2 == 0 ? "" : "\x01 check"})
          .value();
    }
  }
  const std::string first = Export(config());

  Reopen({});
  ASSERT_TRUE(config().Import(Read(first).value()).value().failures.empty());
  EXPECT_EQ(Export(config()), first);

  Reopen({});
  ASSERT_TRUE(config().Import(ReadImportYaml(first, 100).value()).value().failures.empty());
  EXPECT_EQ(Export(config()), first);
}

}  // namespace
}  // namespace skep::server
