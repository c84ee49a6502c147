/// Registry: the service registry of one tenant, one accessor for each of its interfaces.
///
/// A light view, got from Engine::registry(). The engine must outlive it, and whatever it answered:
/// a FindResult or an Instance kept longer points into memory that the engine had. Making a view
/// for a tenant that holds nothing allocates nothing in the engine; a tenant comes to be with its
/// first write.
///
/// Thread-safety: any thread, also the same view from several.
#ifndef SKEP_REGISTRY_REGISTRY_H_
#define SKEP_REGISTRY_REGISTRY_H_

#include <atomic>
#include <cstdint>
#include <utility>

#include "skep/registry/dependencies.h"
#include "skep/registry/discovery.h"
#include "skep/registry/govern.h"
#include "skep/registry/instances.h"
#include "skep/registry/microservices.h"
#include "skep/registry/monitor.h"
#include "skep/registry/rules.h"
#include "skep/registry/schemas.h"
#include "skep/registry/tags.h"
#include "skep/registry/watch.h"
#include "skep/tenant.h"

namespace skep {

namespace core {
/// A tenant and, once it holds something, its number.
struct TenantHandle {
  TenantHandle() = default;
  explicit TenantHandle(Tenant name) : tenant(std::move(name)) {}
  TenantHandle(const TenantHandle& other)
      : tenant(other.tenant), number(other.number.load(std::memory_order_relaxed)) {}
  TenantHandle& operator=(const TenantHandle&) = delete;

  Tenant tenant;
  mutable std::atomic<std::uint32_t> number{0};  ///< Zero: not known yet.
};
}  // namespace core

class Registry {
 public:
  Registry(core::RegistryCore* core, Tenant tenant) : core_(core), tenant_(std::move(tenant)) {}

  const Tenant& tenant() const { return tenant_.tenant; }

  // The views returned borrow from this one.
  Microservices microservices() const { return {core_, &tenant_}; }
  Tags tags() const { return {core_, &tenant_}; }
  Rules rules() const { return {core_, &tenant_}; }
  Schemas schemas() const { return {core_, &tenant_}; }
  Instances instances() const { return {core_, &tenant_}; }
  Discovery discovery() const { return {core_, &tenant_}; }
  Dependencies dependencies() const { return {core_, &tenant_}; }
  Govern govern() const { return {core_, &tenant_}; }
  Monitor monitor() const { return {core_, &tenant_}; }
  Watches watch() const { return {core_, &tenant_}; }

  /// Whether the engine keeps instances of which it has not heard in time
  /// (RegistryOptions::expiry_protection): lists may be older than they look.
  bool expiry_protection_on() const;

 private:
  core::RegistryCore* core_;
  core::TenantHandle tenant_;
};

}  // namespace skep

#endif  // SKEP_REGISTRY_REGISTRY_H_
