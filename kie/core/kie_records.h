// The configuration center's records on disk: their keys and their bytes. docs/storage.md shows
// them.
//
// A key is 'k', a letter for the kind of record, domain and project, and what is named within the
// tenant:
//
//   kt domain project                a tenant's revisions that outlive their items
//   ki domain project id             an item: its key and labels
//   ki domain project id revision    a state of it, or its deletion; revisions sort as numbers do
//
// So an item comes first and its states follow, oldest first.
//
// What is read of a key borrows its bytes. Readers return false where the bytes are not such a
// record; what they have filled in until then means nothing.
#ifndef SKEP_KIE_CORE_KIE_RECORDS_H_
#define SKEP_KIE_CORE_KIE_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kie/core/kv_item.h"
#include "skep/clock.h"
#include "skep/kie/types.h"
#include "skep/revision.h"
#include "skep/tenant.h"

namespace skep::core {

/// Prefixes of keys.
inline constexpr std::string_view kKieTenantRecords = "kt";
inline constexpr std::string_view kKvRecords = "ki";

// Tenants

struct StoredKieTenant {
  std::string_view domain{};
  std::string_view project{};
  Revision revision{};   ///< The domain's, as it was then.
  Revision forgotten{};  ///< KieTenant::forgotten.
};

std::string KieTenantRecordKey(const Tenant& tenant);
std::string KieTenantRecord(Revision revision, Revision forgotten);
bool ReadKieTenantRecord(std::string_view key, std::string_view value, StoredKieTenant* out);

// Items

struct StoredKvKey {
  std::string_view domain{};
  std::string_view project{};
  std::string_view id{};
  std::optional<Revision> revision{};  ///< Of a state; none: it is the item's own.
};

bool ReadKvRecordKey(std::string_view key, StoredKvKey* out);

struct StoredKv {
  std::string key{};
  Labels labels{};
  bool trimmed = false;
};

std::string KvRecordKey(const KvIdentity& identity);
std::string KvRecord(const KvIdentity& identity, bool trimmed);
bool ReadKvRecord(std::string_view value, StoredKv* out);

struct StoredKvState {
  WallTime time{};  ///< When it became so.
  bool deleted = false;
  std::string value{};
  std::string check{};
  KvStatus status = KvStatus::kDisabled;
  ValueType value_type = ValueType::kText;
  std::int64_t priority = 0;
  Revision create_revision{};
  std::chrono::sys_seconds create_time{};
};

std::string KvStateRecordKey(const KvIdentity& identity, Revision revision);
/// `kv` is null for a deletion.
std::string KvStateRecord(WallTime time, const KeyValue* kv);
bool ReadKvStateRecord(std::string_view value, StoredKvState* out);

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_KIE_RECORDS_H_
