#include "kie/core/kie_tenants.h"

namespace skep::core {

KieTenant* KieTenants::Find(const KieHandle& handle) const {
  KieTenant* known = handle.known.load(std::memory_order_acquire);
  if (known != nullptr) return known;
  base::MutexLock lock(&mu_);
  const auto at = tenants_.find(handle.tenant);
  if (at == tenants_.end()) return nullptr;
  handle.known.store(at->second.get(), std::memory_order_release);
  return at->second.get();
}

const KieDomain* KieTenants::FindDomain(const KieHandle& handle) const {
  const KieTenant* known = handle.known.load(std::memory_order_acquire);
  if (known != nullptr) return known->domain;
  base::MutexLock lock(&mu_);
  const auto at = domains_.find(handle.tenant.domain);
  return at == domains_.end() ? nullptr : at->second.get();
}

std::size_t KieTenants::size() const {
  base::MutexLock lock(&mu_);
  return tenants_.size();
}

KieTenant* KieTenants::Add(const KieHandle& handle) {
  base::MutexLock lock(&mu_);
  std::unique_ptr<KieDomain>& domain = domains_[handle.tenant.domain];
  if (domain == nullptr) domain = std::make_unique<KieDomain>();
  std::unique_ptr<KieTenant>& tenant = tenants_[handle.tenant];
  tenant = std::make_unique<KieTenant>(handle.tenant, domain.get());
  handle.known.store(tenant.get(), std::memory_order_release);
  return tenant.get();
}

}  // namespace skep::core
