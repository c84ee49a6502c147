// KieTenants: the tenants of a configuration center, and what each one has.
//
// A tenant comes to be with its first write and stays; so a pointer to one is good as long as the
// engine is.
#ifndef SKEP_KIE_CORE_KIE_TENANTS_H_
#define SKEP_KIE_CORE_KIE_TENANTS_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "base/mutex.h"
#include "base/reader_lock.h"
#include "kie/core/kv_item.h"
#include "kie/core/label_index.h"
#include "skep/kie/config_center.h"

namespace skep::core {

/// What the projects of a domain share. Set by the engine's writer.
struct KieDomain {
  std::atomic<std::uint64_t> revision{0};
  std::atomic<std::size_t> items{0};
};

struct KieTenant {
  KieTenant(Tenant tenant, KieDomain* of) : name(std::move(tenant)), domain(of) {}

  const Tenant name;
  KieDomain* const domain;
  std::atomic<std::size_t> items{0};  ///< That exist. Set by the engine's writer.

  /// Readers share it. Whoever changes something holds the engine's writer lock as well, and sets
  /// the domain's revision before it lets go of this: a reader knows all changes up to the revision
  /// that it sees.
  mutable base::ReaderLock lock;
  absl::flat_hash_map<std::string_view, std::shared_ptr<KvItem>> by_id ABSL_GUARDED_BY(lock);
  LabelIndex live ABSL_GUARDED_BY(lock);  ///< Items that exist.
  LabelIndex gone ABSL_GUARDED_BY(lock);  ///< Deleted ones with their history.
  /// The newest deletion of an item that was removed, with its history, since.
  Revision forgotten ABSL_GUARDED_BY(lock){};
};

class KieTenants {
 public:
  /// Null: nothing was ever written there.
  KieTenant* Find(const KieHandle& handle) const;
  const KieDomain* FindDomain(const KieHandle& handle) const;

  std::size_t size() const;

  /// For the engine's writer. REQUIRES: Find found none.
  KieTenant* Add(const KieHandle& handle);

 private:
  mutable base::Mutex mu_;
  std::map<std::string, std::unique_ptr<KieDomain>> domains_ ABSL_GUARDED_BY(mu_);
  std::map<Tenant, std::unique_ptr<KieTenant>> tenants_ ABSL_GUARDED_BY(mu_);
};

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_KIE_TENANTS_H_
