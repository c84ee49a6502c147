#include "registry/core/tenant_table.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace skep::core {

TenantTable::TenantTable(std::uint64_t seed) : hasher_(seed) { Add(Tenant{}); }

std::uint32_t TenantTable::LookUp(const TenantHandle& handle) const {
  std::uint32_t number = kUnknown;
  table_.Read(
      Hash(handle.tenant), [&](const TenantEntry& entry) { return entry.name == handle.tenant; },
      [&](const TenantEntry& entry) { number = entry.number; });
  handle.number.store(number, std::memory_order_relaxed);
  return number;
}

TenantEntry* TenantTable::Get(const TenantHandle& handle) const {
  TenantEntry* found = nullptr;
  table_.Read(
      Hash(handle.tenant), [&](const TenantEntry& entry) { return entry.name == handle.tenant; },
      [&](TenantEntry& entry) { found = &entry; });
  return found;
}

std::vector<Tenant> TenantTable::Names() const {
  std::vector<Tenant> names;
  table_.ForEach([&names](const TenantEntry& entry) { names.push_back(entry.name); });
  std::ranges::sort(names);
  return names;
}

TenantEntry* TenantTable::Add(const Tenant& tenant) {
  auto entry = std::make_unique<TenantEntry>();
  entry->number = static_cast<std::uint32_t>(owned_.size()) + 1;
  entry->name = tenant;
  TenantEntry* added = entry.get();
  owned_.push_back(std::move(entry));
  table_.Insert(Hash(tenant), added);
  count_.fetch_add(1, std::memory_order_relaxed);
  return added;
}

}  // namespace skep::core
