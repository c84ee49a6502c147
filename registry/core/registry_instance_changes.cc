// RegistryCore: changes of instances that others than their own process ask for.
#include <algorithm>
#include <utility>
#include <vector>

#include "registry/core/errors.h"
#include "registry/core/registry_core.h"

namespace skep::core {
namespace {

// Places of a service that one hold of the writer lock looks at.
constexpr std::size_t kPlacesPerStep = 256;

// Both are sorted by key.
bool HasAll(const InstanceRecord& record, const Properties& wanted) {
  const PackedTexts texts = record.properties();
  auto at = texts.begin();
  for (const auto& [key, value] : wanted) {
    while (at != texts.end() && *at < key) std::advance(at, 2);
    if (at == texts.end() || *at != key || *std::next(at) != value) return false;
  }
  return true;
}

}  // namespace

void RegistryCore::ChangeInstance(const InstanceTable::Entry& old, InstanceRecord* record) {
  if (old.deadline != decltype(wheel_)::kNone) wheel_.Set(old.deadline, record);
  SwapInstance(old, record, old.deadline);
}

Result<Revision> RegistryCore::SetInstanceProperties(const TenantHandle& handle,
                                                     std::string_view service_id, InstanceIdView id,
                                                     const Properties& properties) {
  base::MutexLock lock(&writer_mu_);
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  const std::optional<InstanceTable::Entry> entry = LiveInstance(handle, service_id, id);
  if (!entry.has_value()) return InstanceNotExists(service_id, id);
  InstanceRecord* record = entry->record->CloneWith(properties);
  record->modified_s = WallSeconds();
  ChangeInstance(*entry, record);
  return record->revision;
}

Result<BatchStatusChange> RegistryCore::SetStatusWhere(const TenantHandle& handle,
                                                       const Properties& matching,
                                                       InstanceStatus status) {
  if (status == InstanceStatus::kUnset) return StatusUnset();
  BatchStatusChange done;
  for (const ServiceRef& service : ServicesOf(handle, SharedServices::kShow)) {
    for (std::optional<std::size_t> place = 0; place.has_value();) {
      Result<std::optional<std::size_t>> next =
          SetStatusFrom(service, *place, matching, status, &done);
      if (!next.ok()) return next.error();
      place = *next;
    }
  }
  return done;
}

Result<std::optional<std::size_t>> RegistryCore::SetStatusFrom(const ServiceRef& service,
                                                               std::size_t place,
                                                               const Properties& matching,
                                                               InstanceStatus status,
                                                               BatchStatusChange* done) {
  base::MutexLock lock(&writer_mu_);
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  std::vector<const InstanceRecord*> wanted;
  std::size_t end = 0;
  bool more = false;
  {
    base::MutexLock reading(&service->mu);
    end = std::min(place + kPlacesPerStep, service->instances.size());
    more = end < service->instances.size();
    for (; place < end; ++place) {
      const InstanceRecord* record = service->instances[place];
      if (record != nullptr && record->lease > Millis(0) && record->status != status &&
          HasAll(*record, matching)) {
        wanted.push_back(record);
      }
    }
  }
  for (const InstanceRecord* old : wanted) {
    InstanceRecord* record = old->Clone();
    record->status = status;
    ChangeInstance(*instances_.Get(KeyOf(*old)), record);
    ++done->changed;
    done->revision = record->revision;
  }
  return more ? std::optional(end) : std::nullopt;
}

}  // namespace skep::core
