// What is accepted and refused on create (spec kie 3.2 and A.2), update, get and list.
#include <gmock/gmock.h>

#include <string>

#include "tests/support/error_matchers.h"
#include "tests/support/kie_fixture.h"

namespace skep {
namespace {

using testing::ErrorIs;
using ::testing::HasSubstr;
using testing::IsOk;

class KieValidationTest : public testing::KieFixture {
 protected:
  // Each in a project of its own, so that none is a duplicate.
  Status Try(KvSpec spec) {
    ConfigCenter config = engine().config({.project = "p" + std::to_string(++count_)});
    const auto written = config.Create(std::move(spec));
    if (!written.ok()) return written.error();
    return {};
  }
  Status TryLabel(std::string name, std::string value) {
    return Try({.key = "a", .labels = {{std::move(name), std::move(value)}}});
  }

 private:
  int count_ = 0;
};

std::string Repeated(std::size_t times, std::string_view what) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += what;
  return text;
}

TEST_F(KieValidationTest, Keys) {
  for (const char* key : {"a", ".", "-", "_", ":", "list[0]", "A.b-c_d:e"}) {
    EXPECT_THAT(Try({.key = key}), IsOk()) << key;
  }
  for (const char* key : {"", "a/b", "a b", "a*", "\xc3\xa9", "a\n"}) {
    EXPECT_THAT(Try({.key = key}), ErrorIs(KieErrc::kInvalidParams, HasSubstr("KVDoc.Key"))) << key;
  }
  EXPECT_THAT(Try({.key = std::string(2048, 'k')}), IsOk());
  EXPECT_THAT(Try({.key = std::string(2049, 'k')}), ErrorIs(KieErrc::kInvalidParams));
}

// Lengths count code points.
TEST_F(KieValidationTest, Values) {
  EXPECT_THAT(Try({.key = "a", .value = std::string(131072, 'v')}), IsOk());
  EXPECT_THAT(Try({.key = "a", .value = Repeated(131072, "\xc3\xa9")}), IsOk());
  EXPECT_THAT(Try({.key = "a", .value = std::string(131073, 'v')}),
              ErrorIs(KieErrc::kInvalidParams, HasSubstr("max = 131072")));
  for (const char* bad : {"\xff", "\xc3", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80"}) {
    EXPECT_THAT(Try({.key = "a", .value = bad}), ErrorIs(KieErrc::kInvalidParams));
  }
  EXPECT_THAT(Try({.key = "a", .value = "\xf0\x9f\x98\x80\xe2\x82\xac"}), IsOk());
}

TEST_F(KieValidationTest, LabelNames) {
  for (const std::string& name :
       {std::string("a"), std::string("9"), std::string("a-b"), std::string("a.b"),
        std::string(32, 'a'), "a" + std::string(30, '-') + "b"}) {
    EXPECT_THAT(TryLabel(name, "v"), IsOk()) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("a-"), std::string("-a"), std::string("_a"),
        std::string(33, 'a'), "a" + std::string(31, '-') + "b", std::string("a b"),
        std::string("A:b"), std::string("\xc3\xa9")}) {
    EXPECT_THAT(TryLabel(name, "v"), ErrorIs(KieErrc::kInvalidParams)) << name;
  }
}

TEST_F(KieValidationTest, LabelValues) {
  for (const std::string& value : {std::string(), std::string("a"), std::string("1.0.0"),
                                   std::string(160, 'a'), "a" + std::string(158, '-') + "b"}) {
    EXPECT_THAT(TryLabel("n", value), IsOk()) << value;
  }
  for (const std::string& value : {std::string("a-"), std::string("-a"), std::string(161, 'a'),
                                   std::string("a/b"), std::string("a:b")}) {
    EXPECT_THAT(TryLabel("n", value), ErrorIs(KieErrc::kInvalidParams)) << value;
  }
}

TEST_F(KieValidationTest, AtMostSixLabels) {
  Labels labels{{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}, {"e", ""}, {"f", ""}};
  EXPECT_THAT(Try({.key = "a", .labels = labels}), IsOk());
  labels["g"];
  EXPECT_THAT(Try({.key = "a", .labels = labels}),
              ErrorIs(KieErrc::kInvalidParams, HasSubstr("KVDoc.Labels, rule: max = 6")));
}

TEST_F(KieValidationTest, WordsAndCheck) {
  EXPECT_THAT(Try({.key = "a", .status = KvStatus::kUnknown}),
              ErrorIs(KieErrc::kInvalidParams,
                      "validate failed, field: KVDoc.Status, rule: ^$|^(enabled|disabled)$"));
  EXPECT_THAT(Try({.key = "a", .value_type = ValueType::kUnknown}),
              ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(Try({.key = "a", .check = "n > 1"}), IsOk());
  EXPECT_THAT(Try({.key = "a", .check = "\xc3\xa9"}), ErrorIs(KieErrc::kInvalidParams));
}

TEST_F(KieValidationTest, EveryFieldThatIsWrongIsNamed) {
  EXPECT_THAT(
      Try({.key = "a b", .status = KvStatus::kUnknown}),
      ErrorIs(KieErrc::kInvalidParams, ::testing::AllOf(HasSubstr("KVDoc.Key"), HasSubstr(" | "),
                                                        HasSubstr("KVDoc.Status"))));
}

TEST_F(KieValidationTest, Projects) {
  for (const std::string& name :
       {std::string("a"), std::string("a-b"), std::string("a_b"), std::string(256, 'a')}) {
    EXPECT_THAT(engine().config({.project = name}).Create({.key = "a"}), IsOk()) << name;
  }
  for (const std::string& name : {std::string(), std::string("-a"), std::string("a-"),
                                  std::string("a b"), std::string(257, 'a')}) {
    ConfigCenter config = engine().config({.project = name});
    EXPECT_THAT(config.Create({.key = "a"}), ErrorIs(KieErrc::kInvalidParams)) << name;
    EXPECT_THAT(config.List({}), ErrorIs(KieErrc::kInvalidParams)) << name;
    EXPECT_THAT(config.Get("x"), ErrorIs(KieErrc::kInvalidParams)) << name;
    EXPECT_THAT(config.Delete("x"), ErrorIs(KieErrc::kNotExists)) << name;
    EXPECT_EQ(config.DeleteMany({}).value(), Revision()) << name;
  }
}

TEST_F(KieValidationTest, Ids) {
  EXPECT_THAT(config().Get(std::string(65, 'a')), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().Get(std::string(64, 'a')), ErrorIs(KieErrc::kNotExists));
  EXPECT_THAT(config().Update(std::string(65, 'a'), {}),
              ErrorIs(KieErrc::kInvalidParams,
                      "validate failed, field: UpdateKVRequest.ID, rule: max = 64"));
}

TEST_F(KieValidationTest, Lists) {
  EXPECT_THAT(config().List({.key = "beginWith(a"}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().List({.key = "beginWith(a*)"}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().List({.key = "regex(a)"}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().List({.key = std::string(128, 'k')}), IsOk());
  EXPECT_THAT(config().List({.key = std::string(129, 'k')}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().List({.value = std::string(129, 'k')}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().List({.status = KvStatus::kUnknown}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().List({.labels = {{"", "v"}}}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().List({.limit = 0}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().List({.limit = 101}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().List({.offset = -1}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().List({.key_pattern = "("}),
              ErrorIs(KieErrc::kInvalidParams, HasSubstr("key pattern")));
  EXPECT_THAT(config().List({.key_pattern = std::string(1025, 'a')}),
              ErrorIs(KieErrc::kInvalidParams));

  KvQuery query;
  const std::vector<std::string> names{"a", "b", "c", "d", "e", "f", "g", "h", "i"};
  for (std::size_t i = 0; i < 8; ++i) query.labels.emplace_back(names[i], "v");
  query.labels.emplace_back(names[0], "w");  // A repeated name is one name.
  EXPECT_THAT(config().List(query), IsOk());
  query.labels.emplace_back(names[8], "v");
  EXPECT_THAT(config().List(query), ErrorIs(KieErrc::kInvalidParams));
}

}  // namespace
}  // namespace skep
