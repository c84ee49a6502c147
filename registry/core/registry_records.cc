#include "registry/core/registry_records.h"

#include <limits>
#include <optional>
#include <utility>

#include "base/record_bytes.h"

namespace skep::core {
namespace {

using base::InKey;
using base::InRecord;
using base::RecordKey;
using base::RecordReader;
using base::RecordWriter;

// Places lie in one array; a number beyond any that could be is no place.
constexpr std::uint64_t kPlaceMax = std::uint64_t{1} << 26;

// Keys

std::string KeyOf(std::string_view kind, const Tenant& tenant, std::string_view service_id) {
  std::string key = RecordKey(kind, tenant);
  RecordWriter(&key).Text(service_id);
  return key;
}

void ReadTenant(RecordReader* in, StoredOwner* owner) {
  owner->domain = in->Text();
  owner->project = in->Text();
}

void ReadOwner(RecordReader* in, StoredOwner* owner) {
  ReadTenant(in, owner);
  owner->service_id = in->Text();
  if (owner->service_id.empty()) in->Fail();
}

void WriteFamily(const FamilyKey& family, RecordWriter* out) {
  out->Byte(static_cast<std::uint8_t>(family.environment));
  out->Text(family.app_id);
  out->Text(family.name);
}

void ReadFamily(RecordReader* in, FamilyKey* family) {
  family->environment = in->Word(Environment::kProduction);
  family->app_id = in->Text();
  family->name = in->Text();
}

// Pieces of values

void Write(const Properties& properties, RecordWriter* out) {
  out->Number(properties.size());
  for (const auto& [key, value] : properties) {
    out->Text(key);
    out->Text(value);
  }
}

void Read(RecordReader* in, Properties* properties) {
  for (std::size_t count = in->Count(); count > 0; --count) {
    std::string key(in->Text());
    properties->insert_or_assign(properties->end(), std::move(key), in->Text());
  }
}

void Write(Revision revision, RecordWriter* out) { out->Number(revision.number()); }

void Read(RecordReader* in, Revision* revision) { *revision = Revision(in->Number()); }

void Write(std::chrono::sys_seconds time, RecordWriter* out) {
  out->Signed(time.time_since_epoch().count());
}

void Read(RecordReader* in, std::chrono::sys_seconds* time) {
  *time = std::chrono::sys_seconds(std::chrono::seconds(in->Signed()));
}

void Write(const MicroserviceKey& key, RecordWriter* out) {
  for (const std::string& text :
       {key.tenant, key.environment, key.app_id, key.name, key.alias, key.version}) {
    out->Text(text);
  }
}

void Read(RecordReader* in, MicroserviceKey* key) {
  for (std::string* text :
       {&key->tenant, &key->environment, &key->app_id, &key->name, &key->alias, &key->version}) {
    *text = in->Text();
  }
}

void Write(const ServicePath& path, RecordWriter* out) {
  out->Text(path.path);
  Write(path.property, out);
}

void Read(RecordReader* in, ServicePath* path) {
  path->path = in->Text();
  Read(in, &path->property);
}

void Write(const Rule& rule, RecordWriter* out) {
  out->Byte(static_cast<std::uint8_t>(rule.type));
  out->Text(rule.attribute);
  out->Text(rule.pattern);
  out->Text(rule.description);
  out->Text(rule.id);
  Write(rule.created, out);
  Write(rule.modified, out);
}

void Read(RecordReader* in, Rule* rule) {
  rule->type = in->Word(RuleType::kBlack);
  rule->attribute = in->Text();
  rule->pattern = in->Text();
  rule->description = in->Text();
  rule->id = in->Text();
  Read(in, &rule->created);
  Read(in, &rule->modified);
}

void Write(const std::string& text, RecordWriter* out) { out->Text(text); }

void Read(RecordReader* in, std::string* text) { *text = in->Text(); }

template <class T>
void WriteAll(const std::vector<T>& things, RecordWriter* out) {
  out->Number(things.size());
  for (const T& thing : things) Write(thing, out);
}

// One after the other: a count is a promise that the bytes need not keep.
template <class T>
void ReadAll(RecordReader* in, std::vector<T>* things) {
  for (std::size_t count = in->Count(); count > 0 && in->ok(); --count) {
    Read(in, &things->emplace_back());
  }
}

void Write(const std::optional<Framework>& framework, RecordWriter* out) {
  out->Bool(framework.has_value());
  if (!framework.has_value()) return;
  out->Text(framework->name);
  out->Text(framework->version);
}

void Read(RecordReader* in, std::optional<Framework>* framework) {
  if (!in->Bool()) return;
  framework->emplace();
  (*framework)->name = in->Text();
  (*framework)->version = in->Text();
}

void Write(const Microservice& service, RecordWriter* out) {
  for (const std::string* text :
       {&service.environment, &service.app_id, &service.name, &service.version, &service.alias,
        &service.description, &service.register_by}) {
    out->Text(*text);
  }
  out->Byte(static_cast<std::uint8_t>(service.level));
  out->Byte(static_cast<std::uint8_t>(service.status));
  WriteAll(service.schemas, out);
  WriteAll(service.paths, out);
  WriteAll(service.providers, out);
  Write(service.properties, out);
  Write(service.lb_strategy, out);
  Write(service.framework, out);
  Write(service.created, out);
  Write(service.modified, out);
  Write(service.revision, out);
}

void Read(RecordReader* in, Microservice* service) {
  for (std::string* text :
       {&service->environment, &service->app_id, &service->name, &service->version, &service->alias,
        &service->description, &service->register_by}) {
    *text = in->Text();
  }
  service->level = in->Word(ServiceLevel::kBack);
  service->status = in->Word(ServiceStatus::kDown);
  ReadAll(in, &service->schemas);
  ReadAll(in, &service->paths);
  ReadAll(in, &service->providers);
  Read(in, &service->properties);
  Read(in, &service->lb_strategy);
  Read(in, &service->framework);
  Read(in, &service->created);
  Read(in, &service->modified);
  Read(in, &service->revision);
}

std::string NewRecord() {
  std::string bytes;
  RecordWriter(&bytes).Byte(base::kRecordVersion);
  return bytes;
}

}  // namespace

// Tenants

std::string TenantRecordKey(const Tenant& tenant) { return RecordKey(kTenantRecords, tenant); }

std::string TenantRecord() { return NewRecord(); }

bool ReadTenantRecord(std::string_view key, std::string_view value, Tenant* out) {
  RecordReader in_key = InKey(kTenantRecords, key);
  out->domain = in_key.Text();
  out->project = in_key.Text();
  return in_key.Finished() && InRecord(value).Finished();
}

// Microservices

std::string ServiceRecordKey(const Tenant& tenant, std::string_view service_id) {
  return KeyOf(kServiceRecords, tenant, service_id);
}

std::string ServiceRecord(std::uint64_t serial, const Microservice& service, const Properties* tags,
                          const std::vector<Rule>* rules) {
  std::string bytes = NewRecord();
  RecordWriter out(&bytes);
  out.Number(serial);
  Write(service, &out);
  Write(tags != nullptr ? *tags : Properties(), &out);
  WriteAll(rules != nullptr ? *rules : std::vector<Rule>(), &out);
  return bytes;
}

bool ReadServiceRecord(std::string_view key, std::string_view value, StoredService* out) {
  RecordReader in_key = InKey(kServiceRecords, key);
  ReadOwner(&in_key, &out->owner);
  RecordReader in = InRecord(value);
  out->serial = in.Number();
  Read(&in, &out->service);
  Read(&in, &out->tags);
  ReadAll(&in, &out->rules);
  out->service.id = ServiceId(std::string(out->owner.service_id));
  // Families keep the length of names in 16 bits.
  for (const std::string& text : {out->service.app_id, out->service.name, out->service.alias}) {
    if (text.size() > std::numeric_limits<std::uint16_t>::max()) in.Fail();
  }
  return in_key.Finished() && in.Finished() &&
         ParseEnvironment(out->service.environment).has_value();
}

std::string ServiceStateKey(const Tenant& tenant, std::string_view service_id) {
  return KeyOf(kServiceStateRecords, tenant, service_id);
}

std::string ServiceStateRecord(const ServiceEntry& service) {
  std::string bytes = NewRecord();
  RecordWriter out(&bytes);
  Write(service.last_change, &out);
  Write(service.last_touch, &out);
  out.Bool(service.has_unstored);
  return bytes;
}

bool ReadServiceStateRecord(std::string_view key, std::string_view value, StoredServiceState* out) {
  RecordReader in_key = InKey(kServiceStateRecords, key);
  ReadOwner(&in_key, &out->owner);
  RecordReader in = InRecord(value);
  Read(&in, &out->last_change);
  Read(&in, &out->last_touch);
  out->has_unstored = in.Bool();
  return in_key.Finished() && in.Finished();
}

// Schemas

std::string SchemaRecordKey(const Tenant& tenant, std::string_view service_id,
                            std::string_view schema_id) {
  std::string key = KeyOf(kSchemaRecords, tenant, service_id);
  RecordWriter(&key).Text(schema_id);
  return key;
}

std::string SchemaRecord(const Schema& schema) {
  std::string bytes;
  constexpr std::size_t kOverhead = 32;
  bytes.reserve(schema.summary.size() + schema.content.size() + kOverhead);
  RecordWriter out(&bytes);
  out.Byte(base::kRecordVersion);
  out.Text(schema.summary);
  out.Text(schema.content);
  return bytes;
}

bool ReadSchemaRecord(std::string_view key, std::string_view value, StoredSchema* out) {
  RecordReader in_key = InKey(kSchemaRecords, key);
  ReadOwner(&in_key, &out->owner);
  out->schema.id = in_key.Text();
  RecordReader in = InRecord(value);
  out->schema.summary = in.Text();
  out->schema.content = in.Text();
  return in_key.Finished() && in.Finished();
}

// Dependencies

std::string RelationRecordKey(const Tenant& tenant, std::string_view service_id,
                              const FamilyKey& provider) {
  std::string key = KeyOf(kRelationRecords, tenant, service_id);
  RecordWriter out(&key);
  WriteFamily(provider, &out);
  return key;
}

std::string RelationRecord(Revision revision, std::uint64_t place) {
  std::string bytes = NewRecord();
  RecordWriter out(&bytes);
  Write(revision, &out);
  out.Number(place);
  return bytes;
}

bool ReadRelationRecord(std::string_view key, std::string_view value, StoredRelation* out) {
  RecordReader in_key = InKey(kRelationRecords, key);
  ReadOwner(&in_key, &out->owner);
  ReadFamily(&in_key, &out->provider);
  RecordReader in = InRecord(value);
  Read(&in, &out->revision);
  out->place = in.Number();
  return in_key.Finished() && in.Finished();
}

// Families

std::string FamilyRecordKey(const Tenant& tenant, const FamilyKey& family) {
  std::string key = RecordKey(kFamilyRecords, tenant);
  RecordWriter out(&key);
  WriteFamily(family, &out);
  return key;
}

std::string FamilyRecord(Revision revision) {
  std::string bytes = NewRecord();
  RecordWriter out(&bytes);
  Write(revision, &out);
  return bytes;
}

bool ReadFamilyRecord(std::string_view key, std::string_view value, StoredFamily* out) {
  RecordReader in_key = InKey(kFamilyRecords, key);
  ReadTenant(&in_key, &out->owner);
  ReadFamily(&in_key, &out->family);
  RecordReader in = InRecord(value);
  Read(&in, &out->revision);
  return in_key.Finished() && in.Finished();
}

// Instances

// A text, or an empty one and 128 bits.
std::string InstanceRecordKey(const Tenant& tenant, std::string_view service_id,
                              InstanceIdView id) {
  std::string key = KeyOf(kInstanceRecords, tenant, service_id);
  RecordWriter out(&key);
  out.Text(id.text());
  if (id.is_128_bits()) {
    out.SortedNumber(id.hi());
    out.SortedNumber(id.lo());
  }
  return key;
}

std::string InstanceRecordBytes(const InstanceRecord& record, std::uint32_t place) {
  std::string bytes;
  constexpr std::size_t kOverhead = 64;
  bytes.reserve(record.bytes_end + kOverhead);
  RecordWriter out(&bytes);
  out.Byte(base::kRecordVersion);
  Write(record.revision, &out);
  out.Number(place);
  out.Signed(record.created_s);
  out.Signed(record.modified_s);
  out.Number(static_cast<std::uint64_t>(record.lease.count()));
  out.Byte(static_cast<std::uint8_t>(record.status));
  out.Byte(static_cast<std::uint8_t>(record.check_mode));
  out.Number(record.check_port);
  out.Signed(record.check_interval_s);
  out.Signed(record.check_times);
  out.Text(record.url());
  out.Text(record.host());
  for (int which = 0; which < 3; ++which) out.Text(record.data_center(which));
  out.Number(record.endpoint_count);
  for (const std::string_view endpoint : record.endpoints()) out.Text(endpoint);
  out.Number(record.property_count);
  for (const std::string_view text : record.properties()) out.Text(text);
  return bytes;
}

bool ReadInstanceRecord(std::string_view key, std::string_view value, StoredInstance* out) {
  RecordReader in_key = InKey(kInstanceRecords, key);
  ReadOwner(&in_key, &out->owner);
  const std::string_view text_id = in_key.Text();
  if (text_id.empty()) {
    const std::uint64_t hi = in_key.SortedNumber();
    out->spec.id = InstanceId(hi, in_key.SortedNumber());
  } else {
    out->spec.id = InstanceId(text_id);
    if (InstanceIdView(out->spec.id).is_128_bits()) in_key.Fail();
  }
  if (out->spec.id.empty()) in_key.Fail();

  constexpr std::int64_t kCheckMax = std::numeric_limits<std::int32_t>::max();
  constexpr std::int64_t kPortMax = std::numeric_limits<std::uint16_t>::max();
  RecordReader in = InRecord(value);
  Read(&in, &out->revision);
  const std::uint64_t place = in.Number();
  out->created_s = in.Signed();
  out->modified_s = in.Signed();
  const std::uint64_t lease = in.Number();
  out->spec.status = in.Word(InstanceStatus::kOutOfService);
  HealthCheck check{.mode = in.Word(HealthCheckMode::kPull)};
  const std::uint64_t port = in.Number();
  check.interval_s = in.Signed();
  check.times = in.Signed();
  check.url = in.Text();
  out->spec.host = in.Text();
  DataCenterInfo data_center;
  data_center.name = in.Text();
  data_center.region = in.Text();
  data_center.available_zone = in.Text();
  ReadAll(&in, &out->spec.endpoints);
  Read(&in, &out->spec.properties);

  constexpr std::uint64_t kLeaseMax = std::uint64_t{1} << 40;  // Over thirty years.
  if (place > kPlaceMax || port > kPortMax || lease == 0 || lease > kLeaseMax) in.Fail();
  for (const std::int64_t number : {check.interval_s, check.times}) {
    if (number < 0 || number > kCheckMax) in.Fail();
  }
  check.port = static_cast<std::int64_t>(port);
  out->place = static_cast<std::uint32_t>(place);
  out->lease = Millis(static_cast<std::int64_t>(lease));
  out->spec.health_check = std::move(check);
  out->spec.data_center = std::move(data_center);
  return in_key.Finished() && in.Finished();
}

}  // namespace skep::core
