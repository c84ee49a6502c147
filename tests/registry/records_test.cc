#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/record_bytes.h"
#include "registry/core/instance_record.h"
#include "registry/core/registry_records.h"
#include "tests/support/record_damage.h"

namespace skep::core {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

// Any text, bytes that are no characters among them.
std::string AnyText(std::mt19937_64& random) {
  std::string text(random() % 20, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

std::string AnyName(std::mt19937_64& random) { return AnyText(random) + "x"; }

Properties AnyProperties(std::mt19937_64& random) {
  Properties properties;
  for (std::size_t count = random() % 4; count > 0; --count) {
    properties[AnyText(random)] = AnyText(random);
  }
  return properties;
}

sys_seconds AnyTime(std::mt19937_64& random) {
  return sys_seconds(seconds(static_cast<std::int32_t>(random())));
}

Microservice AnyMicroservice(std::mt19937_64& random) {
  Microservice s;
  s.id = ServiceId(AnyName(random));
  for (std::string* text :
       {&s.app_id, &s.name, &s.version, &s.alias, &s.description, &s.register_by}) {
    *text = AnyText(random);
  }
  s.environment = "testing";
  s.level = static_cast<ServiceLevel>(random() % 4);
  s.status = static_cast<ServiceStatus>(random() % 3);
  for (std::size_t i = random() % 4; i > 0; --i) s.schemas.push_back(AnyText(random));
  for (std::size_t i = random() % 3; i > 0; --i) {
    s.paths.push_back({AnyText(random), AnyProperties(random)});
  }
  for (std::size_t i = random() % 3; i > 0; --i) {
    s.providers.push_back({AnyText(random), AnyText(random), AnyText(random), AnyText(random),
                           AnyText(random), AnyText(random)});
  }
  s.properties = AnyProperties(random);
  s.lb_strategy = AnyProperties(random);
  if (random() % 2 == 0) s.framework = Framework{AnyText(random), AnyText(random)};
  s.created = AnyTime(random);
  s.modified = AnyTime(random);
  s.revision = Revision(random());
  return s;
}

std::vector<Rule> AnyRules(std::mt19937_64& random) {
  std::vector<Rule> rules;
  for (std::size_t i = random() % 3; i > 0; --i) {
    rules.push_back({static_cast<RuleType>(random() % 3), AnyText(random), AnyText(random),
                     AnyText(random), AnyText(random), AnyTime(random), AnyTime(random)});
  }
  return rules;
}

FamilyKey AnyFamily(std::mt19937_64& random, std::string* app, std::string* name) {
  *app = AnyText(random);
  *name = AnyText(random);
  return {.tenant = 0,
          .environment = static_cast<Environment>(random() % 5),
          .app_id = *app,
          .name = *name};
}

// An instance, packed, and what it is the instance of.
class AnyInstance {
 public:
  explicit AnyInstance(std::mt19937_64& random) {
    auto service = std::make_shared<Microservice>();
    service->id = ServiceId(AnyName(random));
    const ServiceRef owner = ServiceRef::Adopt(
        new ServiceEntry(1, 1, 2, Environment::kEmpty, std::move(service), false));
    InstanceSpec spec;
    spec.id = random() % 2 == 0 ? InstanceId(random(), random() | 1) : InstanceId(AnyName(random));
    spec.host = AnyText(random);
    for (std::size_t i = random() % 4; i > 0; --i) spec.endpoints.push_back(AnyText(random));
    spec.status = static_cast<InstanceStatus>(random() % 6);
    spec.properties = AnyProperties(random);
    spec.health_check = HealthCheck{.mode = static_cast<HealthCheckMode>(random() % 2),
                                    .port = static_cast<std::uint16_t>(random()),
                                    .interval_s = static_cast<std::int32_t>(random() >> 34),
                                    .times = static_cast<std::int32_t>(random() >> 34),
                                    .url = AnyText(random)};
    spec.data_center = DataCenterInfo{AnyText(random), AnyText(random), AnyText(random)};
    record_ = InstanceRecord::Pack(owner, spec, &budget_);
    record_->revision = Revision(random());
    record_->created_s = static_cast<std::int32_t>(random());
    record_->modified_s = static_cast<std::int32_t>(random());
    record_->lease = Millis(1 + random() % 1'000'000);
  }
  ~AnyInstance() { record_->Unref(); }
  AnyInstance(const AnyInstance&) = delete;
  AnyInstance& operator=(const AnyInstance&) = delete;

  const InstanceRecord& operator*() const { return *record_; }
  const InstanceRecord* operator->() const { return record_; }

  /// Packs what was read.
  bool Is(const StoredInstance& stored) {
    InstanceRecord* read = InstanceRecord::Pack(record_->service, stored.spec, &budget_);
    read->lease = stored.lease;
    const bool same = read->HasContentOf(*record_) && read->id() == record_->id() &&
                      stored.revision == record_->revision &&
                      stored.created_s == record_->created_s &&
                      stored.modified_s == record_->modified_s;
    read->Unref();
    return same;
  }

 private:
  MemoBudget budget_{1000};
  InstanceRecord* record_;
};

constexpr int kRounds = 300;

const Tenant kTenant{"red", "one"};

TEST(RegistryRecords, TenantComesBackAndDamageIsSeen) {
  const std::string key = TenantRecordKey(kTenant);
  Tenant read;
  ASSERT_TRUE(ReadTenantRecord(key, TenantRecord(), &read));
  EXPECT_EQ(read, kTenant);
  testing::ExpectDamageIsHarmless(key, TenantRecord(), [](std::string_view k, std::string_view v) {
    Tenant out;
    return ReadTenantRecord(k, v, &out);
  });
}

TEST(RegistryRecords, ServiceComesBackAndDamageIsSeen) {
  std::mt19937_64 random(1);
  for (int i = 0; i < kRounds; ++i) {
    const Microservice service = AnyMicroservice(random);
    const Properties tags = AnyProperties(random);
    const std::vector<Rule> rules = AnyRules(random);
    const std::string key = ServiceRecordKey(kTenant, service.id.str());
    const std::string value = ServiceRecord(7, service, &tags, &rules);
    StoredService read;
    ASSERT_TRUE(ReadServiceRecord(key, value, &read));
    EXPECT_EQ(read.owner, (StoredOwner{kTenant.domain, kTenant.project, service.id.str()}));
    EXPECT_EQ(read.serial, 7u);
    EXPECT_EQ(read.service.framework.has_value(), service.framework.has_value());
    // Written again it is the same: nothing was left out.
    EXPECT_EQ(ServiceRecord(7, read.service, &read.tags, &read.rules), value);
    EXPECT_EQ(read.tags, tags);
    EXPECT_EQ(read.service.id, service.id);
    testing::ExpectDamageIsHarmless(key, value, [](std::string_view k, std::string_view v) {
      StoredService out;
      return ReadServiceRecord(k, v, &out);
    });
  }
}

// Every field, by name: what a record forgets is not noticed by writing it again.
TEST(RegistryRecords, ServiceHasEveryField) {
  const Microservice service{.id = ServiceId("id"),
                             .app_id = "app",
                             .name = "name",
                             .version = "1.0.0",
                             .description = "description",
                             .level = ServiceLevel::kFront,
                             .schemas = {"s1", "s2"},
                             .paths = {{"/p", {{"a", "b"}}}},
                             .status = ServiceStatus::kDown,
                             .properties = {{"k", "v"}},
                             .providers = {{"t", "testing", "pa", "pn", "al", "1+"}},
                             .alias = "alias",
                             .lb_strategy = {{"x", "y"}},
                             .environment = "testing",
                             .register_by = "SDK",
                             .framework = Framework{"f", "2"},
                             .created = sys_seconds(seconds(5)),
                             .modified = sys_seconds(seconds(6)),
                             .revision = Revision(9)};
  const Properties tags{{"tag", "value"}};
  const std::vector<Rule> rules{{RuleType::kBlack, "Version", "1", "why", "rule-id",
                                 sys_seconds(seconds(7)), sys_seconds(seconds(8))}};
  StoredService read;
  ASSERT_TRUE(ReadServiceRecord(ServiceRecordKey(kTenant, "id"),
                                ServiceRecord(3, service, &tags, &rules), &read));
  const Microservice& s = read.service;
  EXPECT_EQ(s.app_id, "app");
  EXPECT_EQ(s.name, "name");
  EXPECT_EQ(s.version, "1.0.0");
  EXPECT_EQ(s.description, "description");
  EXPECT_EQ(s.level, ServiceLevel::kFront);
  EXPECT_EQ(s.schemas, service.schemas);
  ASSERT_EQ(s.paths.size(), 1u);
  EXPECT_EQ(s.paths[0].path, "/p");
  EXPECT_EQ(s.paths[0].property, service.paths[0].property);
  EXPECT_EQ(s.status, ServiceStatus::kDown);
  EXPECT_EQ(s.properties, service.properties);
  ASSERT_EQ(s.providers.size(), 1u);
  EXPECT_EQ(s.providers[0].tenant, "t");
  EXPECT_EQ(s.providers[0].environment, "testing");
  EXPECT_EQ(s.providers[0].app_id, "pa");
  EXPECT_EQ(s.providers[0].name, "pn");
  EXPECT_EQ(s.providers[0].alias, "al");
  EXPECT_EQ(s.providers[0].version, "1+");
  EXPECT_EQ(s.alias, "alias");
  EXPECT_EQ(s.lb_strategy, service.lb_strategy);
  EXPECT_EQ(s.environment, "testing");
  EXPECT_EQ(s.register_by, "SDK");
  EXPECT_EQ(s.framework->name, "f");
  EXPECT_EQ(s.framework->version, "2");
  EXPECT_EQ(s.created, service.created);
  EXPECT_EQ(s.modified, service.modified);
  EXPECT_EQ(s.revision, Revision(9));
  ASSERT_EQ(read.rules.size(), 1u);
  EXPECT_EQ(read.rules[0].type, RuleType::kBlack);
  EXPECT_EQ(read.rules[0].attribute, "Version");
  EXPECT_EQ(read.rules[0].pattern, "1");
  EXPECT_EQ(read.rules[0].description, "why");
  EXPECT_EQ(read.rules[0].id, "rule-id");
  EXPECT_EQ(read.rules[0].created, rules[0].created);
  EXPECT_EQ(read.rules[0].modified, rules[0].modified);
}

TEST(RegistryRecords, ServiceStateComesBackAndDamageIsSeen) {
  auto record = std::make_shared<Microservice>();
  record->id = ServiceId("id");
  const ServiceRef service =
      ServiceRef::Adopt(new ServiceEntry(1, 1, 2, Environment::kEmpty, std::move(record), false));
  service->last_change = Revision(1'000'000);
  service->last_touch = Revision(999);
  service->has_unstored = true;
  const std::string key = ServiceStateKey(kTenant, "id");
  const std::string value = ServiceStateRecord(*service);
  StoredServiceState read;
  ASSERT_TRUE(ReadServiceStateRecord(key, value, &read));
  EXPECT_EQ(read.last_change, Revision(1'000'000));
  EXPECT_EQ(read.last_touch, Revision(999));
  EXPECT_TRUE(read.has_unstored);
  testing::ExpectDamageIsHarmless(key, value, [](std::string_view k, std::string_view v) {
    StoredServiceState out;
    return ReadServiceStateRecord(k, v, &out);
  });
}

TEST(RegistryRecords, SchemaComesBackAndDamageIsSeen) {
  std::mt19937_64 random(2);
  for (int i = 0; i < kRounds; ++i) {
    const Schema schema{AnyText(random), AnyText(random), AnyText(random)};
    const std::string key = SchemaRecordKey(kTenant, "id", schema.id);
    const std::string value = SchemaRecord(schema);
    StoredSchema read;
    ASSERT_TRUE(ReadSchemaRecord(key, value, &read));
    EXPECT_EQ(read.owner.service_id, "id");
    EXPECT_EQ(read.schema.id, schema.id);
    EXPECT_EQ(read.schema.summary, schema.summary);
    EXPECT_EQ(read.schema.content, schema.content);
    testing::ExpectDamageIsHarmless(key, value, [](std::string_view k, std::string_view v) {
      StoredSchema out;
      return ReadSchemaRecord(k, v, &out);
    });
  }
}

TEST(RegistryRecords, RelationAndFamilyComeBackAndDamageIsSeen) {
  std::mt19937_64 random(3);
  for (int i = 0; i < kRounds; ++i) {
    std::string app;
    std::string name;
    const FamilyKey family = AnyFamily(random, &app, &name);
    const Revision revision(random());
    const auto is_family = [&family](const FamilyKey& read) {
      return read.environment == family.environment && read.app_id == family.app_id &&
             read.name == family.name;
    };
    const std::string key = RelationRecordKey(kTenant, "id", family);
    StoredRelation relation;
    ASSERT_TRUE(ReadRelationRecord(key, RelationRecord(revision, 12), &relation));
    EXPECT_TRUE(is_family(relation.provider));
    EXPECT_EQ(relation.revision, revision);
    EXPECT_EQ(relation.place, 12u);
    testing::ExpectDamageIsHarmless(key, RelationRecord(revision, 12),
                                    [](std::string_view k, std::string_view v) {
                                      StoredRelation out;
                                      return ReadRelationRecord(k, v, &out);
                                    });
    const std::string family_key = FamilyRecordKey(kTenant, family);
    StoredFamily stored;
    ASSERT_TRUE(ReadFamilyRecord(family_key, FamilyRecord(revision), &stored));
    EXPECT_TRUE(is_family(stored.family));
    EXPECT_EQ(stored.revision, revision);
    testing::ExpectDamageIsHarmless(family_key, FamilyRecord(revision),
                                    [](std::string_view k, std::string_view v) {
                                      StoredFamily out;
                                      return ReadFamilyRecord(k, v, &out);
                                    });
  }
}

TEST(RegistryRecords, InstanceComesBackAndDamageIsSeen) {
  std::mt19937_64 random(4);
  for (int i = 0; i < kRounds; ++i) {
    AnyInstance instance(random);
    const std::string& service = instance->service->id;
    const std::string key = InstanceRecordKey(kTenant, service, instance->id());
    const std::string value = InstanceRecordBytes(*instance, 77);
    StoredInstance read;
    ASSERT_TRUE(ReadInstanceRecord(key, value, &read));
    EXPECT_EQ(read.owner.service_id, service);
    EXPECT_EQ(read.place, 77u);
    EXPECT_TRUE(instance.Is(read));
    testing::ExpectDamageIsHarmless(key, value, [](std::string_view k, std::string_view v) {
      StoredInstance out;
      return ReadInstanceRecord(k, v, &out);
    });
  }
}

// A text of 16 bytes and 128 bits are two ids, and all of a kind lie under its prefix.
TEST(RegistryRecords, KeysAreDistinct) {
  const std::string sixteen = "0123456789abcdef";
  EXPECT_NE(
      InstanceRecordKey(kTenant, "s", InstanceIdView(sixteen)),
      InstanceRecordKey(kTenant, "s", InstanceIdView(0x3031323334353637, 0x3839616263646566)));
  EXPECT_NE(ServiceRecordKey({"a", "bc"}, "s"), ServiceRecordKey({"ab", "c"}, "s"));
  EXPECT_NE(SchemaRecordKey(kTenant, "s", "ab"), SchemaRecordKey(kTenant, "sa", "b"));
  EXPECT_TRUE(InstanceRecordKey(kTenant, "s", InstanceIdView(1, 2)).starts_with(kInstanceRecords));
}

TEST(RegistryRecords, NewerVersionIsNoSuchRecord) {
  std::string value = SchemaRecord({"id", "s", "c"});
  value[0] = static_cast<char>(base::kRecordVersion + 1);
  StoredSchema read;
  const std::string key = SchemaRecordKey(kTenant, "s", "id");
  EXPECT_FALSE(ReadSchemaRecord(key, value, &read));
  EXPECT_EQ(base::BadRecord(key, value), make_error_code(EngineErrc::kStorageNewer));
  EXPECT_EQ(base::BadRecord(key, "\x01"), make_error_code(EngineErrc::kStorageCorrupt));
}

}  // namespace
}  // namespace skep::core
