// ServiceTable: microservices by (tenant, id), and the number that an id hashes to.
#ifndef SKEP_REGISTRY_CORE_SERVICE_TABLE_H_
#define SKEP_REGISTRY_CORE_SERVICE_TABLE_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/sharded_table.h"
#include "registry/core/service_entry.h"

namespace skep::core {

class ServiceTable {
 public:
  explicit ServiceTable(std::uint64_t seed) : hasher_(seed) {}
  ~ServiceTable();
  ServiceTable(const ServiceTable&) = delete;
  ServiceTable& operator=(const ServiceTable&) = delete;

  /// Equal for equal (tenant, id); for different ones equal by a chance of 2^-64 that
  /// nobody without the seed can better.
  std::uint64_t OwnerOf(std::uint32_t tenant, std::string_view id) const {
    return hasher_.Mix(hasher_.Mix(0, tenant), id);
  }

  /// Calls fn(const ServiceEntry&) under the shard's shared lock; false where there is none.
  template <class Fn>
  bool Read(std::uint32_t tenant, std::string_view id, Fn&& fn) const {
    return table_.Read(
        OwnerOf(tenant, id),
        [&](const ServiceEntry& entry) { return entry.tenant == tenant && entry.id == id; },
        std::forward<Fn>(fn));
  }

  ServiceRef Find(std::uint32_t tenant, std::string_view id) const;

  // For the engine's writer.
  void Insert(const ServiceRef& service);
  void Remove(const ServiceEntry& service);

 private:
  const base::Hasher hasher_;
  base::ShardedTable<ServiceEntry> table_;  ///< Has a reference to each.
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_SERVICE_TABLE_H_
