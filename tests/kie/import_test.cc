#include "skep/kie/import.h"

#include <gmock/gmock.h>

#include "tests/support/error_matchers.h"
#include "tests/support/kie_fixture.h"

// Imports (spec kie 9.1).
namespace skep {
namespace {

using ::testing::ElementsAre;
using testing::ErrorIs;
using ::testing::IsEmpty;

class KieImportTest : public testing::KieFixture {
 protected:
  static KvSpec Item(std::string key, std::string value) {
    return {.key = std::move(key), .value = std::move(value), .status = KvStatus::kEnabled};
  }
  ImportResult Run(std::vector<KvSpec> items, Override mode, bool atomic = false) {
    return config().Import(std::move(items), {.override_mode = mode, .atomic = atomic}).value();
  }
  static std::vector<std::string> Errors(const ImportResult& result) {
    std::vector<std::string> errors;
    for (const ImportFailure& failure : result.failures) {
      errors.push_back(failure.item.key + " " + std::to_string(failure.error.code().value()));
    }
    return errors;
  }
  static std::vector<std::string> Good(const ImportResult& result) {
    std::vector<std::string> good;
    for (const KeyValuePtr& kv : result.success) good.push_back(kv->key() + "=" + kv->value);
    return good;
  }
};

TEST_F(KieImportTest, ForceCreatesAndChanges) {
  const WrittenKv there = Add("a", "1");
  const ImportResult result =
      Run({Item("a", "2"), Item("b", "1"), Item("bad/key", "1")}, Override::kForce);
  EXPECT_THAT(Good(result), ElementsAre("a=2", "b=1"));
  EXPECT_THAT(Errors(result), ElementsAre("bad/key 400001"));
  EXPECT_EQ(result.failures[0].index, 2u);
  EXPECT_EQ(result.success[0]->create_revision, there.revision);
  // Each item has a revision of its own.
  EXPECT_EQ(result.success[1]->update_revision, there.revision + 2);
  EXPECT_EQ(result.revision, there.revision + 2);
}

TEST_F(KieImportTest, ForceWithoutStatusDisablesAndWithoutValueKeepsIt) {
  Add("a", "1");
  const ImportResult result =
      Run({{.key = "a", .value_type = ValueType::kIni, .priority = 7}}, Override::kForce);
  ASSERT_EQ(result.success.size(), 1u);
  EXPECT_EQ(result.success[0]->value, "1");
  EXPECT_EQ(result.success[0]->status, KvStatus::kDisabled);
  EXPECT_EQ(result.success[0]->value_type, ValueType::kText);
  EXPECT_EQ(result.success[0]->priority, 0);
}

TEST_F(KieImportTest, SkipLeavesWhatIsThere) {
  Add("a", "1");
  const ImportResult result = Run({Item("a", "2"), Item("b", "1")}, Override::kSkip);
  EXPECT_THAT(Errors(result), ElementsAre("a 400004"));
  EXPECT_EQ(result.failures[0].error.detail(), "skip overriding duplicate kvs");
  EXPECT_THAT(Good(result), ElementsAre("b=1"));
}

TEST_F(KieImportTest, AbortStopsAtADuplicateOnly) {
  Add("a", "1");
  KvSpec bad = Item("x", "1");
  bad.status = KvStatus::kUnknown;
  const ImportResult result =
      Run({Item("d", "1"), bad, Item("a", "2"), Item("e", "1"), Item("bad/key", "1")},
          Override::kAbort);
  EXPECT_THAT(Good(result), ElementsAre("d=1"));
  EXPECT_THAT(Errors(result), ElementsAre("x 400001", "a 400005", "e 400005", "bad/key 400005"));
}

TEST_F(KieImportTest, TwiceInOneImportIsADuplicate) {
  const ImportResult force = Run({Item("g", "1"), Item("g", "2")}, Override::kForce);
  ASSERT_EQ(force.success.size(), 2u);
  EXPECT_EQ(force.success[0]->id(), force.success[1]->id());
  EXPECT_THAT(Good(force), ElementsAre("g=1", "g=2"));
  EXPECT_THAT(Errors(Run({Item("h", "1"), Item("h", "2")}, Override::kSkip)),
              ElementsAre("h 400004"));
}

TEST_F(KieImportTest, NothingToDo) {
  const ImportResult result = Run({}, Override::kForce);
  EXPECT_THAT(result.success, IsEmpty());
  EXPECT_THAT(result.failures, IsEmpty());
  EXPECT_EQ(result.revision, Revision());
}

// Also of what would only be changed (9.1.5).
TEST_F(KieImportTest, QuotaFailsSingleItems) {
  Reopen({.items_max = 2});
  const ImportResult result =
      Run({Item("a", "1"), Item("b", "1"), Item("c", "1"), Item("a", "2")}, Override::kForce);
  EXPECT_THAT(Good(result), ElementsAre("a=1", "b=1"));
  EXPECT_THAT(Errors(result), ElementsAre("c 422001", "a 422001"));
}

TEST_F(KieImportTest, BadProjectFailsEachItem) {
  ConfigCenter other = engine().config({.project = "-bad-"});
  const ImportResult result = other.Import({Item("a", "1"), Item("b", "1")}).value();
  EXPECT_THAT(Errors(result), ElementsAre("a 400001", "b 400001"));
}

TEST_F(KieImportTest, ItemsHaveALimit) {
  Reopen({.import_items_max = 1});
  EXPECT_THAT(config().Import({Item("a", "1"), Item("b", "1")}), ErrorIs(KieErrc::kNotEnoughQuota));
  EXPECT_EQ(config().size(), 0u);
}

TEST_F(KieImportTest, MoreThanOneSliceAtOnce) {
  std::vector<KvSpec> items;
  for (int i = 0; i < 1000; ++i) items.push_back(Item("k" + std::to_string(i), "v"));
  EXPECT_EQ(Run(items, Override::kForce).success.size(), 1000u);
  EXPECT_EQ(config().size(), 1000u);
  EXPECT_EQ(engine().revision(), Revision(1000));
}

TEST_F(KieImportTest, AtomicIsOneRevision) {
  const WrittenKv there = Add("a", "1");
  const ImportResult result =
      Run({Item("a", "2"), Item("b", "1"), Item("b", "2")}, Override::kForce, /*atomic=*/true);
  EXPECT_EQ(result.revision, there.revision + 1);
  EXPECT_THAT(Good(result), ElementsAre("a=2", "b=2", "b=2"));
  for (const KeyValuePtr& kv : result.success) EXPECT_EQ(kv->update_revision, result.revision);
  EXPECT_EQ(config().History(result.success[1]->id()).value().total, 1u);
}

TEST_F(KieImportTest, AtomicIsAllOrNothing) {
  Add("a", "1");
  const Revision before = engine().revision();
  const ImportResult bad = Run({Item("b", "1"), Item("bad/key", "1"), Item("a", "2")},
                               Override::kForce, /*atomic=*/true);
  EXPECT_THAT(bad.success, IsEmpty());
  EXPECT_THAT(Errors(bad), ElementsAre("bad/key 400001"));
  const ImportResult aborted =
      Run({Item("b", "1"), Item("a", "2")}, Override::kAbort, /*atomic=*/true);
  EXPECT_THAT(aborted.success, IsEmpty());
  EXPECT_EQ(engine().revision(), before);
  EXPECT_EQ(config().size(), 1u);
  // Passing over what is there was asked for.
  const ImportResult skipped =
      Run({Item("b", "1"), Item("a", "2")}, Override::kSkip, /*atomic=*/true);
  EXPECT_THAT(Good(skipped), ElementsAre("b=1"));
}

// An export, imported elsewhere under the same names, exports again as it was.
TEST_F(KieImportTest, ExportAndImportAgree) {
  ASSERT_TRUE(config()
                  .Create({.key = "a",
                           .value = "1",
                           .labels = {{"x", "y"}},
                           .value_type = ValueType::kYaml,
                           .priority = 3,
                           .check = "c"})
                  .ok());
  Add("b", "2");
  std::vector<KvSpec> items;
  const KvList exported = config().List({.order = KvOrder::kKey}).value();
  for (const KeyValuePtr& kv : exported.items()) {
    items.push_back(
        {kv->key(), kv->value, kv->labels(), kv->status, kv->value_type, kv->priority, kv->check});
  }
  const std::unique_ptr<Engine> other = Engine::Open().value();
  ASSERT_THAT(other->config().Import(std::move(items)).value().failures, IsEmpty());
  const KvList again = other->config().List({.order = KvOrder::kKey}).value();
  ASSERT_EQ(again.total(), exported.total());
  for (std::size_t i = 0; i < again.items().size(); ++i) {
    const KeyValue& a = *exported.items()[i];
    const KeyValue& b = *again.items()[i];
    EXPECT_EQ(std::tie(a.id(), a.value, a.status, a.value_type, a.priority, a.check),
              std::tie(b.id(), b.value, b.status, b.value_type, b.priority, b.check));
  }
}

}  // namespace
}  // namespace skep
