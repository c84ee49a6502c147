#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "kie/core/kie_records.h"
#include "tests/support/record_damage.h"

namespace skep::core {
namespace {

std::string AnyText(std::mt19937_64& random) {
  std::string text(random() % 20, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

std::shared_ptr<const KvIdentity> AnyIdentity(std::mt19937_64& random) {
  Labels labels;
  for (std::size_t i = random() % 4; i > 0; --i) labels[AnyText(random)] = AnyText(random);
  return std::make_shared<const KvIdentity>(
      KvIdentity{AnyText(random) + "x", Tenant{"red", "one"}, AnyText(random),
                 std::make_shared<const LabelSet>(LabelSet{labels, LabelFormat(labels)})});
}

constexpr int kRounds = 300;

TEST(KieRecords, TenantComesBackAndDamageIsSeen) {
  const std::string key = KieTenantRecordKey({"red", "one"});
  const std::string value = KieTenantRecord(Revision(300), Revision(200));
  StoredKieTenant read;
  ASSERT_TRUE(ReadKieTenantRecord(key, value, &read));
  EXPECT_EQ(read.domain, "red");
  EXPECT_EQ(read.project, "one");
  EXPECT_EQ(read.revision, Revision(300));
  EXPECT_EQ(read.forgotten, Revision(200));
  testing::ExpectDamageIsHarmless(key, value, [](std::string_view k, std::string_view v) {
    StoredKieTenant out;
    return ReadKieTenantRecord(k, v, &out);
  });
}

TEST(KieRecords, ItemComesBackAndDamageIsSeen) {
  std::mt19937_64 random(1);
  for (int i = 0; i < kRounds; ++i) {
    const auto identity = AnyIdentity(random);
    const bool trimmed = random() % 2 == 0;
    const std::string key = KvRecordKey(*identity);
    const std::string value = KvRecord(*identity, trimmed);
    StoredKvKey name;
    StoredKv read;
    ASSERT_TRUE(ReadKvRecordKey(key, &name));
    ASSERT_TRUE(ReadKvRecord(value, &read));
    EXPECT_EQ(name.domain, "red");
    EXPECT_EQ(name.project, "one");
    EXPECT_EQ(name.id, identity->id);
    EXPECT_FALSE(name.revision.has_value());
    EXPECT_EQ(read.key, identity->key);
    EXPECT_EQ(read.labels, identity->label_set->labels);
    EXPECT_EQ(read.trimmed, trimmed);
    testing::ExpectDamageIsHarmless(key, value, [](std::string_view k, std::string_view v) {
      StoredKvKey name_out;
      StoredKv out;
      return ReadKvRecordKey(k, &name_out) && ReadKvRecord(v, &out);
    });
  }
}

TEST(KieRecords, StateComesBackAndDamageIsSeen) {
  std::mt19937_64 random(2);
  MemoBudget budget(1000);
  for (int i = 0; i < kRounds; ++i) {
    KeyValue kv(AnyIdentity(random), &budget);
    kv.value = AnyText(random);
    kv.check = AnyText(random);
    kv.status = static_cast<KvStatus>(random() % 3);
    kv.value_type = static_cast<ValueType>(random() % 7);
    kv.priority = static_cast<std::int64_t>(random());
    kv.create_revision = Revision(random());
    kv.create_time =
        std::chrono::sys_seconds(std::chrono::seconds(static_cast<std::int32_t>(random())));
    const WallTime time(Millis(static_cast<std::int32_t>(random())));
    const std::string value = KvStateRecord(time, &kv);
    StoredKvState read;
    ASSERT_TRUE(ReadKvStateRecord(value, &read));
    EXPECT_EQ(read.time, time);
    EXPECT_FALSE(read.deleted);
    EXPECT_EQ(read.value, kv.value);
    EXPECT_EQ(read.check, kv.check);
    EXPECT_EQ(read.status, kv.status);
    EXPECT_EQ(read.value_type, kv.value_type);
    EXPECT_EQ(read.priority, kv.priority);
    EXPECT_EQ(read.create_revision, kv.create_revision);
    EXPECT_EQ(read.create_time, kv.create_time);
    const std::string key = KvStateRecordKey(*kv.identity, Revision(random()));
    testing::ExpectDamageIsHarmless(key, value, [](std::string_view k, std::string_view v) {
      StoredKvKey name;
      StoredKvState out;
      return ReadKvRecordKey(k, &name) && name.revision.has_value() && ReadKvStateRecord(v, &out);
    });
  }
}

TEST(KieRecords, DeletionComesBackAndDamageIsSeen) {
  const WallTime time(Millis(1'704'067'200'123));
  const std::string value = KvStateRecord(time, nullptr);
  StoredKvState read;
  ASSERT_TRUE(ReadKvStateRecord(value, &read));
  EXPECT_TRUE(read.deleted);
  EXPECT_EQ(read.time, time);
  EXPECT_FALSE(ReadKvStateRecord(value + '\0', &read));
  EXPECT_FALSE(ReadKvStateRecord(std::string_view(value).substr(0, value.size() - 1), &read));
}

// An item comes before its states, these in order, and before the next item.
TEST(KieRecords, KeysSortAsTheyAreRead) {
  std::mt19937_64 random(3);
  const auto identity = AnyIdentity(random);
  const std::string item = KvRecordKey(*identity);
  const std::string first = KvStateRecordKey(*identity, Revision(255));
  const std::string second = KvStateRecordKey(*identity, Revision(256));
  EXPECT_LT(item, first);
  EXPECT_LT(first, second);
  EXPECT_TRUE(second.starts_with(item));
  StoredKvKey name;
  ASSERT_TRUE(ReadKvRecordKey(second, &name));
  EXPECT_EQ(name.revision, Revision(256));
}

}  // namespace
}  // namespace skep::core
