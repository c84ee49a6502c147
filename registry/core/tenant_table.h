// TenantTable: numbers for tenants, and what one tenant has.
#ifndef SKEP_REGISTRY_CORE_TENANT_TABLE_H_
#define SKEP_REGISTRY_CORE_TENANT_TABLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "base/hash.h"
#include "base/mutex.h"
#include "base/sharded_table.h"
#include "registry/core/service_entry.h"
#include "skep/registry/registry.h"
#include "skep/tenant.h"

namespace skep::core {

struct TenantEntry {
  std::uint32_t number = 0;
  Tenant name;

  // Guarded by the engine's writer lock.
  std::size_t counted_services = 0;  ///< Without shared ones.
  std::size_t instances = 0;
  bool is_stored = false;  ///< There is a record of it.

  mutable base::Mutex mu;
  std::map<std::uint64_t, ServiceRef> services ABSL_GUARDED_BY(mu);  ///< By serial.
};

class TenantTable {
 public:
  static constexpr std::uint32_t kUnknown = 0;
  static constexpr std::uint32_t kDefault = 1;  ///< default/default is always there.

  explicit TenantTable(std::uint64_t seed);

  /// The tenant's number, or kUnknown. Remembered in the handle.
  std::uint32_t NumberOf(const TenantHandle& handle) const {
    const std::uint32_t known = handle.number.load(std::memory_order_relaxed);
    return known != kUnknown ? known : LookUp(handle);
  }

  /// Null for kUnknown.
  TenantEntry* Get(const TenantHandle& handle) const;

  /// Of all tenants, sorted.
  std::vector<Tenant> Names() const;

  std::size_t size() const { return count_.load(std::memory_order_relaxed); }

  // For the engine's writer.

  TenantEntry* ByNumber(std::uint32_t number) const { return owned_[number - 1].get(); }
  /// REQUIRES: it is unknown.
  TenantEntry* Add(const Tenant& tenant);

 private:
  std::uint64_t Hash(const Tenant& tenant) const {
    return hasher_.Mix(hasher_(tenant.domain), tenant.project);
  }
  std::uint32_t LookUp(const TenantHandle& handle) const;

  const base::Hasher hasher_;
  base::ShardedTable<TenantEntry> table_;
  std::atomic<std::size_t> count_{0};
  std::vector<std::unique_ptr<TenantEntry>> owned_;
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_TENANT_TABLE_H_
