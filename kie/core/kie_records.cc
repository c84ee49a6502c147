#include "kie/core/kie_records.h"

#include <utility>

#include "base/record_bytes.h"

namespace skep::core {
namespace {

using base::InKey;
using base::InRecord;
using base::RecordKey;
using base::RecordReader;
using base::RecordWriter;

}  // namespace

std::string KieTenantRecordKey(const Tenant& tenant) {
  return RecordKey(kKieTenantRecords, tenant);
}

std::string KieTenantRecord(Revision revision, Revision forgotten) {
  std::string bytes;
  RecordWriter out(&bytes);
  out.Byte(base::kRecordVersion);
  out.Number(revision.number());
  out.Number(forgotten.number());
  return bytes;
}

bool ReadKieTenantRecord(std::string_view key, std::string_view value, StoredKieTenant* out) {
  RecordReader in_key = InKey(kKieTenantRecords, key);
  out->domain = in_key.Text();
  out->project = in_key.Text();
  RecordReader in = InRecord(value);
  out->revision = Revision(in.Number());
  out->forgotten = Revision(in.Number());
  return in_key.Finished() && in.Finished();
}

bool ReadKvRecordKey(std::string_view key, StoredKvKey* out) {
  RecordReader in = InKey(kKvRecords, key);
  out->domain = in.Text();
  out->project = in.Text();
  out->id = in.Text();
  out->revision.reset();
  if (!in.AtEnd()) out->revision = Revision(in.SortedNumber());
  return in.Finished() && !out->id.empty();
}

std::string KvRecordKey(const KvIdentity& identity) {
  std::string key = RecordKey(kKvRecords, identity.tenant);
  RecordWriter(&key).Text(identity.id);
  return key;
}

std::string KvRecord(const KvIdentity& identity, bool trimmed) {
  std::string bytes;
  RecordWriter out(&bytes);
  out.Byte(base::kRecordVersion);
  out.Bool(trimmed);
  out.Text(identity.key);
  const Labels& labels = identity.label_set->labels;
  out.Number(labels.size());
  for (const auto& [name, value] : labels) {
    out.Text(name);
    out.Text(value);
  }
  return bytes;
}

bool ReadKvRecord(std::string_view value, StoredKv* out) {
  RecordReader in = InRecord(value);
  out->trimmed = in.Bool();
  out->key = in.Text();
  for (std::size_t count = in.Count(); count > 0; --count) {
    std::string name(in.Text());
    out->labels.insert_or_assign(std::move(name), std::string(in.Text()));
  }
  return in.Finished();
}

std::string KvStateRecordKey(const KvIdentity& identity, Revision revision) {
  std::string key = KvRecordKey(identity);
  RecordWriter(&key).SortedNumber(revision.number());
  return key;
}

std::string KvStateRecord(WallTime time, const KeyValue* kv) {
  std::string bytes;
  constexpr std::size_t kOverhead = 48;
  if (kv != nullptr) bytes.reserve(kv->value.size() + kv->check.size() + kOverhead);
  RecordWriter out(&bytes);
  out.Byte(base::kRecordVersion);
  out.Signed(time.time_since_epoch().count());
  out.Bool(kv == nullptr);
  if (kv == nullptr) return bytes;
  out.Text(kv->value);
  out.Text(kv->check);
  out.Byte(static_cast<std::uint8_t>(kv->status));
  out.Byte(static_cast<std::uint8_t>(kv->value_type));
  out.Signed(kv->priority);
  out.Number(kv->create_revision.number());
  out.Signed(kv->create_time.time_since_epoch().count());
  return bytes;
}

bool ReadKvStateRecord(std::string_view value, StoredKvState* out) {
  RecordReader in = InRecord(value);
  out->time = WallTime(Millis(in.Signed()));
  out->deleted = in.Bool();
  if (out->deleted || !in.ok()) return in.Finished();
  out->value = in.Text();
  out->check = in.Text();
  out->status = in.Word(KvStatus::kEnabled);
  out->value_type = in.Word(ValueType::kXml);
  out->priority = in.Signed();
  out->create_revision = Revision(in.Number());
  out->create_time = std::chrono::sys_seconds(std::chrono::seconds(in.Signed()));
  return in.Finished();
}

}  // namespace skep::core
