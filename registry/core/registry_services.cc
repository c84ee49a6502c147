// RegistryCore: changes of registered microservices, and deleting many.
#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "registry/core/errors.h"
#include "registry/core/registry_core.h"
#include "registry/core/validation.h"

namespace skep::core {

Result<Revision> RegistryCore::SetServiceProperties(const TenantHandle& tenant, std::string_view id,
                                                    Properties properties) {
  base::MutexLock lock(&writer_mu_);
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  const Result<ServiceRef> found = ServiceOf(tenant, id);
  if (!found.ok()) return found.error();
  const ServiceRef& service = *found;
  const Revision revision = revisions_->Next();
  auto changed = std::make_shared<Microservice>(*service->record());
  changed->properties = std::move(properties);
  changed->modified = std::chrono::sys_seconds(std::chrono::seconds(WallSeconds()));
  changed->revision = revision;
  const bool cross_app = AllowsCrossApp(*changed);
  service->set_record(std::move(changed));
  service->last_change = revision;
  if (service->allow_cross_app.exchange(cross_app, std::memory_order_relaxed) != cross_app) {
    TouchFamilies(*service, revision);
  }
  if (stores()) {
    WriteBatch batch;
    StoreService(*service, &batch);
    journal_->Append(revision, std::move(batch));
  }
  return revision;
}

Result<std::vector<ServiceDeletion>> RegistryCore::DeleteServices(
    const TenantHandle& tenant, std::span<const std::string_view> ids, DeleteMode mode) {
  if (ids.empty()) return InvalidField("serviceIds", "", "name at least one");
  for (std::string_view id : ids) {
    if (Status good = CheckServiceId(id); !good.ok()) return good.error();
  }
  std::vector<ServiceDeletion> done;
  absl::flat_hash_set<std::string_view> seen;
  for (std::string_view id : ids) {
    if (seen.insert(id).second) done.push_back({std::string(id), DeleteService(tenant, id, mode)});
  }
  return done;
}

}  // namespace skep::core
