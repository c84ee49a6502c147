// Lists: labels, filters, order, pages.
#include <gmock/gmock.h>

#include "tests/support/error_matchers.h"
#include "tests/support/kie_fixture.h"

namespace skep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class KieListTest : public testing::KieFixture {
 protected:
  std::vector<std::string> KeysOf(const KvQuery& query) {
    return Keys(config().List(query).value());
  }
};

TEST_F(KieListTest, LabelsBySubsetAndExactly) {
  Add("none", "v");
  Add("a", "v", {{"app", "a"}});
  Add("ae", "v", {{"app", "a"}, {"env", "p"}});
  Add("aes", "v", {{"app", "a"}, {"env", "p"}, {"svc", "s"}});
  Add("ae0", "v", {{"app", "a"}, {"env", ""}});
  Add("b", "v", {{"app", "b"}});

  EXPECT_EQ(KeysOf({}).size(), 6u);
  EXPECT_THAT(KeysOf({.labels = {{"app", "a"}}}), UnorderedElementsAre("a", "ae", "aes", "ae0"));
  EXPECT_THAT(KeysOf({.labels = {{"app", "a"}}, .match = LabelMatch::kExact}), ElementsAre("a"));
  EXPECT_THAT(KeysOf({.labels = {{"env", "p"}, {"app", "a"}}}), UnorderedElementsAre("ae", "aes"));
  EXPECT_THAT(KeysOf({.labels = {{"env", "p"}, {"app", "a"}}, .match = LabelMatch::kExact}),
              ElementsAre("ae"));
  EXPECT_THAT(KeysOf({.labels = {{"env", ""}}}), ElementsAre("ae0"));
  EXPECT_THAT(KeysOf({.match = LabelMatch::kExact}), ElementsAre("none"));
  EXPECT_THAT(KeysOf({.labels = {{"zone", "z"}}}), IsEmpty());
  EXPECT_THAT(KeysOf({.labels = {{"app", "a"}, {"app", "b"}}}), ElementsAre("b"));
}

TEST_F(KieListTest, KeyFilters) {
  for (const char* key : {"timeout", "TIMEOUT", "time.zone", "retry", "retry:max", "list[0]"}) {
    Add(key, "v");
  }
  EXPECT_THAT(KeysOf({.key = "timeout"}), UnorderedElementsAre("timeout", "TIMEOUT"));
  EXPECT_THAT(KeysOf({.key = "beginWith(TIME)"}),
              UnorderedElementsAre("timeout", "TIMEOUT", "time.zone"));
  EXPECT_THAT(KeysOf({.key = "beginWith(IME)"}), IsEmpty());
  EXPECT_THAT(KeysOf({.key = "beginWith(time.)"}), ElementsAre("time.zone"));
  EXPECT_THAT(KeysOf({.key = "wildcard(*IME*)"}),
              UnorderedElementsAre("timeout", "TIMEOUT", "time.zone"));
  EXPECT_THAT(KeysOf({.key = "wildcard(TIME)"}), IsEmpty());
  EXPECT_THAT(KeysOf({.key = "wildcard(r*y*)"}), UnorderedElementsAre("retry", "retry:max"));
  EXPECT_THAT(KeysOf({.key = "wildcard(*[0])"}), ElementsAre("list[0]"));
  EXPECT_EQ(KeysOf({.key = "beginWith()"}).size(), 6u);
  EXPECT_EQ(KeysOf({.key = "wildcard()"}).size(), 6u);
  EXPECT_EQ(KeysOf({.key = "wildcard(**)"}).size(), 6u);
}

TEST_F(KieListTest, GlobPiecesDoNotOverlap) {
  Add("aba", "v");
  EXPECT_THAT(KeysOf({.key = "wildcard(ab*ba)"}), IsEmpty());
  EXPECT_THAT(KeysOf({.key = "wildcard(a*a)"}), ElementsAre("aba"));
  EXPECT_THAT(KeysOf({.key = "wildcard(*b*b*)"}), IsEmpty());
  EXPECT_THAT(KeysOf({.key = "wildcard(*a*a)"}), ElementsAre("aba"));
}

TEST_F(KieListTest, KeyPatternIsFoundAnywhereAndMindsCase) {
  Add("db.url", "v");
  Add("DB.url", "v");
  EXPECT_THAT(KeysOf({.key_pattern = "^db\\."}), ElementsAre("db.url"));
  EXPECT_EQ(KeysOf({.key_pattern = "u.l"}).size(), 2u);
}

TEST_F(KieListTest, ValueAndStatus) {
  Add("a", "AAA");
  Add("b", "aab");
  ASSERT_TRUE(config().Create({.key = "c", .value = "aac"}).ok());
  EXPECT_THAT(KeysOf({.value = "aa"}), UnorderedElementsAre("b", "c"));
  EXPECT_THAT(KeysOf({.status = KvStatus::kDisabled}), ElementsAre("c"));
  EXPECT_THAT(KeysOf({.value = "aa", .status = KvStatus::kEnabled}), ElementsAre("b"));
}

TEST_F(KieListTest, HigherPriorityThenNewerFirst) {
  Add("old", "v");
  ASSERT_TRUE(config().Create({.key = "high", .priority = 5}).ok());
  ASSERT_TRUE(config().Create({.key = "low", .priority = -1}).ok());
  const WrittenKv mid = Add("mid", "v");
  Add("new", "v");
  EXPECT_THAT(KeysOf({}), ElementsAre("high", "new", "mid", "old", "low"));
  Set(mid.id, "w");
  EXPECT_THAT(KeysOf({}), ElementsAre("high", "mid", "new", "old", "low"));
}

TEST_F(KieListTest, KeyOrderIsAnExports) {
  Add("b", "1");
  Add("a", "2", {{"x", "2"}});
  Add("a", "3", {{"x", "1"}});
  EXPECT_THAT(Values(config().List({.order = KvOrder::kKey}).value()), ElementsAre("3", "2", "1"));
}

TEST_F(KieListTest, Pages) {
  for (const char* key : {"a", "b", "c", "d"}) Add(key, "v");
  const KvList first = config().List({.limit = 2}).value();
  EXPECT_THAT(Keys(first), ElementsAre("d", "c"));
  EXPECT_EQ(first.total(), 4u);
  EXPECT_THAT(KeysOf({.offset = 2, .limit = 2}), ElementsAre("b", "a"));
  const KvList past = config().List({.offset = 50, .limit = 2}).value();
  EXPECT_THAT(past.items(), IsEmpty());
  EXPECT_EQ(past.total(), 4u);
  EXPECT_EQ(KeysOf({.offset = 2}).size(), 4u);  // Counts only with a limit.
}

}  // namespace
}  // namespace skep
