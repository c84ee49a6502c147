// FamilyTable: per (tenant, environment, app, name) the microservices that a find by that name
// reaches, and the shared list of their instances.
//
// An alias is a name like any other: its family lists the services that bear it, which count where
// no service has it as its name. A family's revision moves with everything that may alter anybody's
// answer; Touch() does that and drops the list, which the next find builds anew. So a find is one
// look-up, and a change costs the same whatever the number of instances.
//
// A list may be newer than its revision for the moment between a service's change and the Touch
// that follows it, never older.
//
// Key bytes lie behind an entry's header, and the pieces of a key are hashed apart: finding joins
// and allocates nothing.
#ifndef SKEP_REGISTRY_CORE_FAMILY_TABLE_H_
#define SKEP_REGISTRY_CORE_FAMILY_TABLE_H_

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/sharded_table.h"
#include "registry/core/environment.h"
#include "registry/core/service_entry.h"
#include "registry/core/snapshot.h"

namespace skep::core {

struct FamilyKey {
  std::uint32_t tenant = 0;
  Environment environment = Environment::kEmpty;
  std::string_view app_id;
  std::string_view name;
};

enum class MemberBy { kName, kAlias };

class FamilyTable {
 public:
  struct Found {
    SnapshotHandle whole;
    /// Of the family and the names that its services have: another one where there may be a name
    /// more. Never used twice.
    std::uint64_t serial = 0;
    /// Some of its services have rules (skep/registry/rules.h): not every consumer sees all.
    bool has_rules = false;
  };

  FamilyTable(std::uint64_t seed, MemoBudget* budget)
      : hasher_(seed), budget_(budget), stripe_mask_(Snapshot::StripeCount() - 1) {}
  ~FamilyTable();
  FamilyTable(const FamilyTable&) = delete;
  FamilyTable& operator=(const FamilyTable&) = delete;

  /// The family's instances, or nullopt where nobody bears the name.
  std::optional<Found> Find(const FamilyKey& key) const;

  /// The same, and the services whose instances these are.
  std::optional<Found> FindWithMembers(const FamilyKey& key,
                                       std::vector<ServiceRef>* members) const;

  /// The services that the name reaches.
  std::vector<ServiceRef> Members(const FamilyKey& key) const;

  /// Whether the services that the name reaches bear it as a name or as an alias; nullopt where
  /// nobody bears it.
  std::optional<MemberBy> ReachedBy(const FamilyKey& key) const;

  // For the engine's writer.

  void AddMember(const FamilyKey& key, MemberBy by, const ServiceRef& service, Revision revision);
  void RemoveMember(const FamilyKey& key, MemberBy by, const ServiceEntry& service,
                    Revision revision);
  void Touch(const FamilyKey& key, Revision revision);
  /// The same after a service's rules have changed.
  void TouchRules(const FamilyKey& key, Revision revision);

 private:
  struct Family;

  static std::uint64_t Hash(const base::Hasher& hasher, const FamilyKey& key) {
    const std::uint64_t place =
        std::uint64_t{key.tenant} << 8 | static_cast<std::uint64_t>(key.environment);
    return hasher.Mix(hasher.Mix(hasher.Mix(0, place), key.app_id), key.name);
  }

  SnapshotHandle Share(const SnapshotStripe* first) const;
  std::optional<Found> FindAtLength(std::uint64_t hash, const FamilyKey& key,
                                    std::vector<ServiceRef>* members) const;

  const base::Hasher hasher_;
  MemoBudget* const budget_;
  // Families and the stripes of their lists lie close together: finds pay for pages.
  std::pmr::unsynchronized_pool_resource family_memory_;  ///< Guarded by the engine's writer lock.
  mutable std::pmr::synchronized_pool_resource stripe_memory_;
  const std::uint32_t stripe_mask_;
  std::uint64_t last_serial_ = 0;  ///< Guarded by the engine's writer lock.
  base::ShardedTable<Family> families_;
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_FAMILY_TABLE_H_
