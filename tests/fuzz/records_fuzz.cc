// Every reader of stored records over the same bytes: a byte that says where the key ends, the key,
// the value. What is read is written again and must read back as the same bytes, where a record has
// one spelling only.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/record_bytes.h"
#include "kie/core/kie_records.h"
#include "registry/core/registry_records.h"

namespace skep::core {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckService(std::string_view key, std::string_view value) {
  StoredService read;
  if (!ReadServiceRecord(key, value, &read)) return;
  const std::string again = ServiceRecord(read.serial, read.service, &read.tags, &read.rules);
  StoredService second;
  Require(ReadServiceRecord(key, again, &second));
  Require(ServiceRecord(second.serial, second.service, &second.tags, &second.rules) == again);
}

void CheckSchema(std::string_view key, std::string_view value) {
  StoredSchema read;
  if (!ReadSchemaRecord(key, value, &read)) return;
  StoredSchema second;
  Require(ReadSchemaRecord(key, SchemaRecord(read.schema), &second));
  Require(read.schema.content == second.schema.content);
  Require(read.schema.summary == second.schema.summary);
}

void CheckOthers(std::string_view key, std::string_view value) {
  Tenant tenant;
  (void)ReadTenantRecord(key, value, &tenant);
  StoredServiceState state;
  (void)ReadServiceStateRecord(key, value, &state);
  StoredRelation relation;
  if (ReadRelationRecord(key, value, &relation)) {
    Require(relation.provider.environment <= Environment::kProduction);
  }
  StoredFamily family;
  (void)ReadFamilyRecord(key, value, &family);
  StoredInstance instance;
  if (ReadInstanceRecord(key, value, &instance)) {
    Require(instance.lease > Millis(0) && !instance.spec.id.empty());
  }
  StoredKieTenant kie_tenant;
  (void)ReadKieTenantRecord(key, value, &kie_tenant);
  StoredKvKey kv_key;
  if (ReadKvRecordKey(key, &kv_key)) Require(!kv_key.id.empty());
  StoredKv kv;
  (void)ReadKvRecord(value, &kv);
  StoredKvState kv_state;
  (void)ReadKvStateRecord(value, &kv_state);
  Require(base::PrintableKey(key).size() <= 4 * key.size() + 3);
}

}  // namespace
}  // namespace skep::core

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string_view key = bytes.substr(0, data[0]);
  const std::string_view value = bytes.substr(key.size());
  skep::core::CheckService(key, value);
  skep::core::CheckSchema(key, value);
  skep::core::CheckOthers(key, value);
  return 0;
}
