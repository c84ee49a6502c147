// Former states: history, lists as of a revision, differences, roll-backs, what is forgotten.
#include <gmock/gmock.h>

#include "tests/support/error_matchers.h"
#include "tests/support/kie_fixture.h"

namespace skep {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::ErrorIs;
using ::testing::IsEmpty;
using testing::IsOk;

class KieHistoryTest : public testing::KieFixture {
 protected:
  // Values of the changes, newest first; "-" for a deletion.
  std::vector<std::string> Changes(const std::string& id, const HistoryQuery& query = {}) {
    std::vector<std::string> values;
    const KvHistory history = config().History(id, query).value();
    for (const KvChange& change : history.changes) {
      values.push_back(change.kv == nullptr ? "-" : change.kv->value);
    }
    return values;
  }
  std::vector<std::string> ValuesAsOf(Revision revision) {
    return Values(config().List({.as_of = revision, .order = KvOrder::kKey}).value());
  }
};

TEST_F(KieHistoryTest, NewestFirstWithPages) {
  const WrittenKv kv = Add("h", "1");
  Set(kv.id, "2");
  Set(kv.id, "3");
  EXPECT_THAT(Changes(kv.id), ElementsAre("3", "2", "1"));
  const KvHistory page = config().History(kv.id, {.offset = 1, .limit = 1}).value();
  ASSERT_EQ(page.changes.size(), 1u);
  EXPECT_EQ(page.changes[0].kv->value, "2");
  EXPECT_EQ(page.total, 3u);
  EXPECT_TRUE(page.complete);
  EXPECT_THAT(Changes(kv.id, {.offset = 9, .limit = 1}), IsEmpty());
  EXPECT_EQ(Changes(kv.id, {.offset = 1}).size(), 3u);
  EXPECT_THAT(config().History(kv.id, {.limit = 0}), ErrorIs(KieErrc::kInvalidParams));
  EXPECT_THAT(config().History("nosuch"), ErrorIs(KieErrc::kNotExists));
}

TEST_F(KieHistoryTest, GenerationsEndWithADeletion) {
  const WrittenKv kv = Add("h", "1");
  ASSERT_THAT(config().Delete(kv.id), IsOk());
  EXPECT_THAT(config().History(kv.id, {.generations = Generations::kCurrent}),
              ErrorIs(KieErrc::kNotExists));
  EXPECT_THAT(Changes(kv.id), ElementsAre("-", "1"));
  Add("h", "2");
  EXPECT_THAT(Changes(kv.id, {.generations = Generations::kCurrent}), ElementsAre("2"));
  EXPECT_THAT(Changes(kv.id), ElementsAre("2", "-", "1"));
}

TEST_F(KieHistoryTest, CurrentGenerationShowsAHundred) {
  const WrittenKv kv = Add("h", "0");
  for (int i = 1; i <= 150; ++i) Set(kv.id, std::to_string(i));
  const auto wire = Changes(kv.id, {.generations = Generations::kCurrent});
  EXPECT_EQ(wire.size(), 100u);
  EXPECT_EQ(wire.front(), "150");
  EXPECT_EQ(Changes(kv.id).size(), 151u);
}

TEST_F(KieHistoryTest, ListAsOfARevision) {
  const WrittenKv a = Add("a", "1");
  const WrittenKv b = Add("b", "1");
  const Revision both = config().revision();
  Set(a.id, "2");
  const Revision deleted = config().Delete(b.id).value();
  Add("b", "2");

  EXPECT_THAT(ValuesAsOf(Revision()), IsEmpty());
  EXPECT_THAT(ValuesAsOf(a.revision), ElementsAre("1"));
  EXPECT_THAT(ValuesAsOf(both), ElementsAre("1", "1"));
  EXPECT_THAT(ValuesAsOf(deleted), ElementsAre("2"));
  EXPECT_THAT(ValuesAsOf(deleted + 1), ElementsAre("2", "2"));
  EXPECT_EQ(config().List({.as_of = both}).value().revision(), both);
  EXPECT_THAT(config().List({.as_of = deleted + 2}), ErrorIs(KieErrc::kInvalidParams));
}

TEST_F(KieHistoryTest, FiltersSeeTheStateOfThatTime) {
  const WrittenKv a = Add("a", "old", {{"app", "x"}});
  Set(a.id, "new");
  EXPECT_EQ(config().List({.value = "old", .as_of = a.revision}).value().total(), 1u);
  EXPECT_EQ(config().List({.value = "new", .as_of = a.revision}).value().total(), 0u);
  EXPECT_EQ(config().List({.labels = {{"app", "y"}}, .as_of = a.revision}).value().total(), 0u);
}

TEST_F(KieHistoryTest, Difference) {
  const WrittenKv a = Add("a", "1");
  const WrittenKv b = Add("b", "1");
  Add("same", "1");
  const Revision from = config().revision();
  Set(a.id, "2");
  ASSERT_THAT(config().Delete(b.id), IsOk());
  Add("c", "1");
  const Revision to = config().revision();

  const auto differences = config().Difference(from, to).value();
  ASSERT_EQ(differences.size(), 3u);
  EXPECT_EQ(differences[0].before->value, "1");
  EXPECT_EQ(differences[0].after->value, "2");
  EXPECT_EQ(differences[1].before->key(), "b");
  EXPECT_EQ(differences[1].after, nullptr);
  EXPECT_EQ(differences[2].before, nullptr);
  EXPECT_EQ(differences[2].after->key(), "c");
  EXPECT_EQ(config().Difference(from, to, {.key = "c"}).value().size(), 1u);
  EXPECT_THAT(config().Difference(to, to).value(), IsEmpty());
  EXPECT_THAT(config().Difference(from, to + 1), ErrorIs(KieErrc::kInvalidParams));
}

TEST_F(KieHistoryTest, RollBackIsANewRevision) {
  const WrittenKv kv = Add("a", "1");
  const WrittenKv second = Set(kv.id, "2");
  const WrittenKv back = config().RollBack(kv.id, kv.revision).value();
  EXPECT_EQ(back.kv->value, "1");
  EXPECT_EQ(back.revision, second.revision + 1);
  EXPECT_EQ(back.kv->create_revision, kv.revision);
  EXPECT_THAT(Changes(kv.id), ElementsAre("1", "2", "1"));
  // It has that content already.
  EXPECT_EQ(config().RollBack(kv.id, kv.revision).value().revision, back.revision);
  EXPECT_EQ(config().revision(), back.revision);
}

TEST_F(KieHistoryTest, RollBackRevivesAndTakesAway) {
  Add("first", "1");
  const Revision before = config().revision();
  const WrittenKv kv = Add("a", "1");
  const Revision deleted = config().Delete(kv.id).value();
  EXPECT_THAT(config().RollBack(kv.id, deleted), ErrorIs(KieErrc::kNotExists));
  const WrittenKv revived = config().RollBack(kv.id, kv.revision).value();
  EXPECT_EQ(revived.kv->create_revision, revived.revision);
  EXPECT_EQ(config().Get(kv.id).value()->value, "1");
  EXPECT_EQ(config().RollBack(kv.id, before).value().kv, nullptr);
  EXPECT_THAT(config().Get(kv.id), ErrorIs(KieErrc::kNotExists));
  EXPECT_THAT(config().RollBack("nosuch", before), ErrorIs(KieErrc::kNotExists));
  EXPECT_THAT(config().RollBack(kv.id, engine().revision() + 1), ErrorIs(KieErrc::kInvalidParams));
}

TEST_F(KieHistoryTest, RollBackOfASelectionIsOneRevision) {
  const WrittenKv a = Add("a", "1", {{"app", "x"}});
  const WrittenKv b = Add("b", "1", {{"app", "x"}});
  const WrittenKv other = Add("c", "1", {{"app", "y"}});
  const Revision then = config().revision();
  Set(a.id, "2");
  ASSERT_THAT(config().Delete(b.id), IsOk());
  Set(other.id, "2");
  Add("d", "1", {{"app", "x"}});
  const Revision before = config().revision();
  const KvQuery x{.labels = {{"app", "x"}}};
  EXPECT_EQ(config().RollBack(x, then).value(), before + 1);
  KvQuery sorted = x;
  sorted.order = KvOrder::kKey;
  EXPECT_THAT(Keys(config().List(sorted).value()), ElementsAre("a", "b"));
  EXPECT_EQ(config().Get(other.id).value()->value, "2");
  EXPECT_EQ(config().RollBack(x, then).value(), Revision());
}

TEST_F(KieHistoryTest, RollBackMindsTheQuota) {
  Reopen({.items_max = 2});
  const WrittenKv a = Add("a", "1");
  const WrittenKv b = Add("b", "1");
  const Revision both = config().revision();
  ASSERT_THAT(config().DeleteMany(std::vector<std::string>{a.id, b.id}), IsOk());
  Add("c", "1");
  const Revision before = engine().revision();
  EXPECT_THAT(config().RollBack({.key = "wildcard([a-b])"}, both), IsOk());
  EXPECT_THAT(config().RollBack({.key_pattern = "[ab]"}, both), ErrorIs(KieErrc::kNotEnoughQuota));
  EXPECT_EQ(engine().revision(), before);
  // All of it takes c away, and fits.
  EXPECT_THAT(config().RollBack(KvQuery{}, both), IsOk());
  EXPECT_EQ(config().size(), 2u);
}

TEST_F(KieHistoryTest, CountLimitsWhatIsKept) {
  Reopen({.history_max = 3});
  const WrittenKv kv = Add("a", "1");
  for (const char* value : {"2", "3", "4"}) Set(kv.id, value);
  EXPECT_THAT(Changes(kv.id), ElementsAre("4", "3", "2"));
  EXPECT_FALSE(config().History(kv.id).value().complete);
  EXPECT_THAT(config().List({.as_of = kv.revision}), ErrorIs(KieErrc::kCompacted));
  EXPECT_THAT(config().List({.as_of = kv.revision + 1}), IsOk());
  EXPECT_THAT(config().RollBack(kv.id, kv.revision), ErrorIs(KieErrc::kCompacted));
  EXPECT_THAT(config().Difference(kv.revision, kv.revision + 1), ErrorIs(KieErrc::kCompacted));
  // What an item does not concern is not asked of it.
  EXPECT_THAT(config().List({.key = "other", .as_of = kv.revision}), IsOk());
}

TEST_F(KieHistoryTest, AgeForgetsAllButTheNewestOnes) {
  Reopen({.history_age_max = 60s, .history_min = 2});
  const WrittenKv kv = Add("a", "1");
  for (const char* value : {"2", "3"}) Set(kv.id, value);
  clock().Advance(59s);
  EXPECT_EQ(Changes(kv.id).size(), 3u);
  clock().Advance(1s);
  EXPECT_THAT(Changes(kv.id), ElementsAre("3", "2"));
  clock().Advance(1h);
  EXPECT_THAT(Changes(kv.id), ElementsAre("3", "2"));
  EXPECT_EQ(config().Get(kv.id).value()->value, "3");
}

TEST_F(KieHistoryTest, DeletedItemsAreForgottenAfterAWhile) {
  Reopen({.history_age_max = 60s});
  const WrittenKv kv = Add("a", "1");
  const Revision deleted = config().Delete(kv.id).value();
  clock().Advance(60s);
  EXPECT_THAT(config().History(kv.id), ErrorIs(KieErrc::kNotExists));
  EXPECT_THAT(config().List({.as_of = kv.revision}), ErrorIs(KieErrc::kCompacted));
  EXPECT_THAT(config().List({.as_of = deleted}).value().items(), IsEmpty());
  Add("a", "2");
  EXPECT_THAT(Changes(kv.id), ElementsAre("2"));
}

TEST_F(KieHistoryTest, RevivedItemsAreNotForgotten) {
  Reopen({.history_age_max = 60s});
  const WrittenKv kv = Add("a", "1");
  ASSERT_THAT(config().Delete(kv.id), IsOk());
  clock().Advance(30s);
  Add("a", "2");
  clock().Advance(1h);
  EXPECT_EQ(config().Get(kv.id).value()->value, "2");
}

TEST_F(KieHistoryTest, AThousandOldItemsGoToo) {
  Reopen({.history_age_max = 60s});
  std::vector<std::string> ids;
  for (int i = 0; i < 3000; ++i) ids.push_back(Add("k" + std::to_string(i), "v").id);
  ASSERT_THAT(config().DeleteMany(ids), IsOk());
  clock().Advance(60s);
  for (const std::string& id : ids) {
    ASSERT_THAT(config().History(id), ErrorIs(KieErrc::kNotExists));
  }
}

}  // namespace
}  // namespace skep
