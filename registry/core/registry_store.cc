// RegistryCore: what its changes put into a storage. Loading it again is in registry_load.cc.
//
// Every change hands over the records that it made, changed or ended, under the writer lock and
// with its revision. What a restart could not read off the records that remain has a record of its
// own: the revisions of a microservice (an instance that has ended was its last change, and the
// last one of its lists), and those of a name that lost a microservice.
#include "registry/core/registry_core.h"
#include "registry/core/registry_records.h"
#include "registry/core/rule_set.h"

namespace skep::core {

void RegistryCore::StoreService(const ServiceEntry& service, WriteBatch* batch) const {
  const MicroservicePtr record = service.record();
  const TagsPtr tags = service.tags();
  const std::shared_ptr<const RuleSet> rules = service.rules();
  batch->Put(ServiceRecordKey(TenantOf(service), service.id),
             ServiceRecord(service.serial, *record, tags.get(),
                           rules != nullptr ? &rules->rules() : nullptr));
  StoreState(service, batch);
}

void RegistryCore::StoreState(const ServiceEntry& service, WriteBatch* batch) const {
  batch->Put(ServiceStateKey(TenantOf(service), service.id), ServiceStateRecord(service));
}

// The revision of one that is stored counts as its microservice's, too: one record is enough.
void RegistryCore::StoreInstance(const InstanceRecord& record, std::uint32_t place,
                                 const InstanceRecord* old, WriteBatch* batch) const {
  ServiceEntry& service = *record.service;
  std::string key = InstanceRecordKey(TenantOf(service), service.id, record.id());
  if (record.lease > Millis(0)) {
    batch->Put(std::move(key), InstanceRecordBytes(record, place));
    return;
  }
  if (old != nullptr && old->lease > Millis(0)) batch->Delete(std::move(key));
  service.has_unstored = true;
  StoreState(service, batch);
}

// The name is there still, or it is not, and then nothing is left to be told of it.
void RegistryCore::StoreFamily(const TenantEntry& tenant, const FamilyKey& family,
                               Revision revision, WriteBatch* batch) const {
  std::string key = FamilyRecordKey(tenant.name, family);
  if (families_.ReachedBy(family).has_value()) {
    batch->Put(std::move(key), FamilyRecord(revision));
  } else {
    batch->Delete(std::move(key));
  }
}

void RegistryCore::EraseService(const TenantEntry& tenant, const ServiceEntry& service,
                                WriteBatch* batch) const {
  batch->Delete(ServiceRecordKey(tenant.name, service.id));
  batch->Delete(ServiceStateKey(tenant.name, service.id));
  if (const std::shared_ptr<const SchemaMap> schemas = service.contracts().schemas) {
    for (const auto& [id, schema] : *schemas) {
      batch->Delete(SchemaRecordKey(tenant.name, service.id, id));
    }
  }
  for (const std::string& provider : dependencies_.ProvidersOf(service.serial)) {
    batch->Delete(RelationRecordKey(tenant.name, service.id, DependencyGraph::KeyOf(provider)));
  }
}

}  // namespace skep::core
