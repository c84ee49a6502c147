// Items: creation, change, deletion, identity, quotas.
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
using ItemsTest = testing::KieFixture;

TEST_F(ItemsTest, CreateFillsInDefaults) {
  const WrittenKv written = config().Create({.key = "plain", .value = "x"}).value();
  EXPECT_EQ(written.kv->status, KvStatus::kDisabled);
  EXPECT_EQ(written.kv->value_type, ValueType::kText);
  EXPECT_EQ(written.kv->label_format(), "none");
  EXPECT_EQ(written.kv->create_revision, written.revision);
  EXPECT_EQ(written.kv->update_revision, written.revision);
  EXPECT_EQ(written.kv->create_time, std::chrono::sys_days(std::chrono::January / 1 / 2024));
}

// Ids that a real server gave (spec kie, appendix A.1).
TEST_F(ItemsTest, IdIsMadeFromContent) {
  EXPECT_EQ(Add("timeout", "1").id,
            "0d571740b739922dc5436c33967efc31934a9b22c82260974d225a66ddec7ef0");
  EXPECT_EQ(Add("timeout", "1", {{"service", "order"}, {"environment", ""}}).id,
            "6ab8b33d85a555a642e316b35328cc397a5cd5f3c08050ce51e8cb4130beda47");
  ConfigCenter other = engine().config({.project = "ex"});
  EXPECT_EQ(other.Create({.key = "retry"}).value().id,
            "6c3bc09f646dfd0f0e94eaa41ac47c4917748d3df1f405f21de027a7941ddbb6");
}

TEST_F(ItemsTest, KeyAndExactLabelsIdentify) {
  Add("a", "1", {{"app", "x"}});
  const Revision first = config().revision();
  Add("a", "2", {{"app", "x"}, {"env", ""}});
  Add("A", "3", {{"app", "x"}});
  const auto again = config().Create({.key = "a", .value = "4", .labels = {{"app", "x"}}});
  ASSERT_THAT(again, ErrorIs(KieErrc::kAlreadyExists));
  EXPECT_EQ(again.error().rests_on(), first);
  EXPECT_EQ(config().size(), 3u);
}

TEST_F(ItemsTest, RefusedWritesTakeNoRevision) {
  Add("a", "1");
  const Revision before = engine().revision();
  EXPECT_FALSE(config().Create({.key = "a"}).ok());
  EXPECT_FALSE(config().Create({.key = "bad/key"}).ok());
  EXPECT_FALSE(config().Update("nosuch", {}).ok());
  EXPECT_FALSE(config().Delete("nosuch").ok());
  EXPECT_EQ(engine().revision(), before);
}

TEST_F(ItemsTest, UpdateChangesWhatIsGiven) {
  const WrittenKv made = Add("a", "1");
  clock().Advance(5s);
  const WrittenKv changed = config().Update(made.id, {.value = "2"}).value();
  EXPECT_EQ(changed.kv->value, "2");
  EXPECT_EQ(changed.kv->status, KvStatus::kEnabled);
  EXPECT_EQ(changed.kv->create_revision, made.revision);
  EXPECT_EQ(changed.kv->update_time - changed.kv->create_time, 5s);
  const WrittenKv off = config().Update(made.id, {.status = KvStatus::kDisabled}).value();
  EXPECT_EQ(off.kv->value, "2");
  EXPECT_EQ(off.kv->status, KvStatus::kDisabled);
  EXPECT_EQ(config().Update(made.id, {.value = ""}).value().kv->value, "");
}

TEST_F(ItemsTest, UpdateOfNothingIsAChange) {
  const WrittenKv made = Add("a", "1");
  const WrittenKv same = config().Update(made.id, {}).value();
  EXPECT_GT(same.revision, made.revision);
  EXPECT_EQ(config().revision(), same.revision);
}

TEST_F(ItemsTest, WhatWasHandedOutNeverChanges) {
  const WrittenKv made = Add("a", "1");
  Set(made.id, "2");
  EXPECT_EQ(made.kv->value, "1");
  EXPECT_EQ(config().Get(made.id).value()->value, "2");
}

TEST_F(ItemsTest, AStateIsAFormerOneWhenAnotherFollows) {
  const WrittenKv made = Add("a", "1");
  const WrittenKv other = Add("b", "1");
  EXPECT_FALSE(made.kv->is_former());
  const WrittenKv changed = Set(made.id, "2");
  EXPECT_TRUE(made.kv->is_former());
  EXPECT_FALSE(changed.kv->is_former());
  ASSERT_TRUE(config().Delete(made.id).ok());
  EXPECT_TRUE(changed.kv->is_former());
  EXPECT_FALSE(Add("a", "3").kv->is_former());
  EXPECT_TRUE(changed.kv->is_former());
  const WrittenKv back = config().RollBack(made.id, made.revision).value();
  EXPECT_FALSE(back.kv->is_former());
  EXPECT_TRUE(made.kv->is_former());
  EXPECT_FALSE(other.kv->is_former());
}

TEST_F(ItemsTest, DeletedItemsAreGoneAndComeBackUnderTheirId) {
  const WrittenKv made = Add("a", "1", {{"app", "x"}});
  const Revision deleted = config().Delete(made.id).value();
  EXPECT_EQ(config().revision(), deleted);
  const auto gone = config().Get(made.id);
  ASSERT_THAT(gone, ErrorIs(KieErrc::kNotExists));
  EXPECT_EQ(gone.error().rests_on(), deleted);
  EXPECT_THAT(config().Delete(made.id), ErrorIs(KieErrc::kNotExists));
  EXPECT_THAT(config().Update(made.id, {}), ErrorIs(KieErrc::kNotExists));
  EXPECT_THAT(config().List({}).value().items(), IsEmpty());

  const WrittenKv back = Add("a", "2", {{"app", "x"}});
  EXPECT_EQ(back.id, made.id);
  EXPECT_EQ(back.kv->create_revision, back.revision);
}

// Spec kie 5.6 and A.4: one revision for all; none if none was there; one for an empty list.
TEST_F(ItemsTest, DeleteMany) {
  const WrittenKv a = Add("a", "1");
  const WrittenKv b = Add("b", "1");
  Add("c", "1");
  const std::vector<std::string> ids{a.id, b.id, a.id, "nosuch"};
  const Revision before = config().revision();
  EXPECT_EQ(config().DeleteMany(ids).value(), before + 1);
  EXPECT_THAT(Keys(config().List({}).value()), ElementsAre("c"));
  EXPECT_EQ(config().DeleteMany(ids).value(), Revision());
  EXPECT_EQ(config().revision(), before + 1);
  EXPECT_EQ(config().DeleteMany({}).value(), before + 2);
  EXPECT_EQ(config().revision(), before + 2);
}

TEST_F(ItemsTest, TenantsAreApart) {
  const WrittenKv made = Add("a", "1");
  ConfigCenter other = engine().config({.project = "other"});
  EXPECT_THAT(other.Get(made.id), ErrorIs(KieErrc::kNotExists));
  EXPECT_THAT(other.Update(made.id, {}), ErrorIs(KieErrc::kNotExists));
  EXPECT_EQ(other.size(), 0u);
  EXPECT_EQ(other.domain_size(), 1u);
  EXPECT_EQ(engine().metrics().kvs, 1u);
}

// Spec kie 6.2: one revision for the projects of a domain, and none of the registry's changes.
TEST_F(ItemsTest, RevisionIsTheDomains) {
  ConfigCenter project = engine().config({.project = "p"});
  ConfigCenter domain = engine().config({.domain = "d"});
  EXPECT_EQ(config().revision(), Revision());
  ASSERT_TRUE(engine().registry().microservices().Register({.name = "s"}).ok());
  EXPECT_EQ(config().revision(), Revision());
  const Revision at = project.Create({.key = "a"}).value().revision;
  EXPECT_EQ(at, Revision(2));
  EXPECT_EQ(config().revision(), at);
  EXPECT_EQ(domain.revision(), Revision());
  EXPECT_EQ(config().List({}).value().revision(), at);
}

TEST_F(ItemsTest, QuotaIsAskedBeforeTheKey) {
  Reopen({.items_max = 2});
  const WrittenKv a = Add("a", "1");
  Add("b", "1");
  EXPECT_THAT(config().Create({.key = "c"}), ErrorIs(KieErrc::kNotEnoughQuota));
  EXPECT_THAT(config().Create({.key = "a"}), ErrorIs(KieErrc::kNotEnoughQuota));
  EXPECT_THAT(config().Update(a.id, {}), IsOk());
  EXPECT_THAT(engine().config({.project = "p"}).Create({.key = "c"}), IsOk());
  ASSERT_THAT(config().Delete(a.id), IsOk());
  EXPECT_THAT(config().Create({.key = "c"}), IsOk());
}

TEST_F(ItemsTest, TenantsHaveALimit) {
  Reopen({.tenants_max = 1});
  Add("a", "1");
  ConfigCenter other = engine().config({.project = "p"});
  EXPECT_THAT(other.Create({.key = "a"}), ErrorIs(KieErrc::kNotEnoughQuota));
  EXPECT_THAT(other.List({}), IsOk());
  EXPECT_EQ(other.Import({{.key = "a"}}).value().failures.size(), 1u);
}

TEST(KieErrors, NumbersAndTexts) {
  const std::error_code code = KieErrc::kNotExists;
  EXPECT_EQ(code.value(), 404001);
  EXPECT_EQ(code.message(), "record does not exist");
  EXPECT_STREQ(code.category().name(), "skep.kie");
}

TEST(KieWords, ThereAndBack) {
  for (const char* word : {"text", "ini", "json", "yaml", "properties", "xml"}) {
    EXPECT_EQ(ToString(ParseValueType(word)), word);
  }
  EXPECT_EQ(ParseValueType(""), ValueType::kUnset);
  EXPECT_EQ(ParseValueType("yml"), ValueType::kUnknown);
  EXPECT_EQ(ToString(ParseKvStatus("enabled")), "enabled");
  EXPECT_EQ(ParseKvStatus("Enabled"), KvStatus::kUnknown);
  EXPECT_EQ(ParseOverride("abort"), Override::kAbort);
  EXPECT_EQ(ParseOverride("maybe"), std::nullopt);
}

// A million items whose texts are kept must not keep those of lists out.
TEST(KieMemos, ThoseOfItemsLeaveAThirdForLists) {
  const auto engine = Engine::Open({.kie = {.memo_bytes_max = 3000}}).value();
  const KeyValuePtr kv = engine->config().Create({.key = "a", .value = "1"}).value().kv;
  EXPECT_TRUE(kv->memo.budget()->TryTake(2000));
  EXPECT_FALSE(kv->memo.budget()->TryTake(1));
  EXPECT_TRUE(engine->config().memos()->TryTake(1000));
  EXPECT_FALSE(engine->config().memos()->TryTake(1));
  EXPECT_EQ(engine->metrics().memo_bytes, 3000u);
  kv->memo.budget()->Return(2000);
  engine->config().memos()->Return(1000);
}

}  // namespace
}  // namespace skep
