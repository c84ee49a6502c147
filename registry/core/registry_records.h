// The registry's records on disk: their keys and their bytes. docs/storage.md shows them.
//
// A key is 'r', a letter for the kind of record, domain and project, and what is named within the
// tenant; so all of a kind lie together, and of these all of a tenant, and of a microservice.
//
//   rn domain project                                     a tenant
//   rs domain project service                             a microservice with its tags and rules
//   rt domain project service                             revisions that outlive their records
//   rc domain project service schema                      a schema
//   rd domain project service environment app name        what a consumer depends on
//   rf domain project environment app name                a name whose last change was a deletion
//   ri domain project service instance                    an instance with a lease
//
// What is read of a key borrows its bytes. Readers return false where the bytes are not such a
// record; what they have filled in until then means nothing.
#ifndef SKEP_REGISTRY_CORE_REGISTRY_RECORDS_H_
#define SKEP_REGISTRY_CORE_REGISTRY_RECORDS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "registry/core/family_table.h"
#include "registry/core/instance_record.h"
#include "skep/registry/rules.h"
#include "skep/registry/schemas.h"
#include "skep/registry/types.h"
#include "skep/revision.h"
#include "skep/tenant.h"

namespace skep::core {

/// Prefixes of keys.
inline constexpr std::string_view kTenantRecords = "rn";
inline constexpr std::string_view kServiceRecords = "rs";
inline constexpr std::string_view kServiceStateRecords = "rt";
inline constexpr std::string_view kSchemaRecords = "rc";
inline constexpr std::string_view kRelationRecords = "rd";
inline constexpr std::string_view kFamilyRecords = "rf";
inline constexpr std::string_view kInstanceRecords = "ri";

/// The tenant and the microservice that a key names.
struct StoredOwner {
  std::string_view domain{};
  std::string_view project{};
  std::string_view service_id{};

  friend bool operator==(const StoredOwner&, const StoredOwner&) = default;
};

// Tenants

std::string TenantRecordKey(const Tenant& tenant);
std::string TenantRecord();
bool ReadTenantRecord(std::string_view key, std::string_view value, Tenant* out);

// Microservices

struct StoredService {
  StoredOwner owner{};
  std::uint64_t serial = 0;
  Microservice service{};
  Properties tags{};
  std::vector<Rule> rules{};
};

std::string ServiceRecordKey(const Tenant& tenant, std::string_view service_id);
std::string ServiceRecord(std::uint64_t serial, const Microservice& service, const Properties* tags,
                          const std::vector<Rule>* rules);
bool ReadServiceRecord(std::string_view key, std::string_view value, StoredService* out);

struct StoredServiceState {
  StoredOwner owner{};
  Revision last_change{};
  Revision last_touch{};
  bool has_unstored = false;
};

std::string ServiceStateKey(const Tenant& tenant, std::string_view service_id);
std::string ServiceStateRecord(const ServiceEntry& service);
bool ReadServiceStateRecord(std::string_view key, std::string_view value, StoredServiceState* out);

// Schemas

struct StoredSchema {
  StoredOwner owner{};
  Schema schema{};
};

std::string SchemaRecordKey(const Tenant& tenant, std::string_view service_id,
                            std::string_view schema_id);
std::string SchemaRecord(const Schema& schema);
bool ReadSchemaRecord(std::string_view key, std::string_view value, StoredSchema* out);

// Dependencies

/// A consumer's providers are in the order of their changes, and of their places in these.
struct StoredRelation {
  StoredOwner owner{};
  FamilyKey provider{};  ///< Without the tenant's number.
  Revision revision{};
  std::uint64_t place = 0;
};

/// The tenant's number is not asked for: providers are of their consumer's tenant.
std::string RelationRecordKey(const Tenant& tenant, std::string_view service_id,
                              const FamilyKey& provider);
std::string RelationRecord(Revision revision, std::uint64_t place);
bool ReadRelationRecord(std::string_view key, std::string_view value, StoredRelation* out);

// Families

struct StoredFamily {
  StoredOwner owner{};  ///< Without a microservice.
  FamilyKey family{};   ///< Without the tenant's number.
  Revision revision{};
};

std::string FamilyRecordKey(const Tenant& tenant, const FamilyKey& family);
std::string FamilyRecord(Revision revision);
bool ReadFamilyRecord(std::string_view key, std::string_view value, StoredFamily* out);

// Instances

struct StoredInstance {
  StoredOwner owner{};
  InstanceSpec spec{};
  Revision revision{};
  std::int64_t created_s = 0;
  std::int64_t modified_s = 0;
  Millis lease{0};
  std::uint32_t place = 0;  ///< In the order of its microservice's instances.
};

std::string InstanceRecordKey(const Tenant& tenant, std::string_view service_id, InstanceIdView id);
std::string InstanceRecordBytes(const InstanceRecord& record, std::uint32_t place);
bool ReadInstanceRecord(std::string_view key, std::string_view value, StoredInstance* out);

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_REGISTRY_RECORDS_H_
