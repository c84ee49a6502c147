// RegistryCore: schemas of microservices. They show in no find, so no family hears of them.
#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "registry/core/errors.h"
#include "registry/core/registry_core.h"
#include "registry/core/registry_records.h"
#include "registry/core/validation.h"

namespace skep::core {
namespace {

SchemaMap Copy(const ServiceEntry& service) {
  const std::shared_ptr<const SchemaMap> stored = service.contracts().schemas;
  return stored != nullptr ? *stored : SchemaMap();
}

bool AreEqual(const Schema& a, const Schema& b) {
  return a.id == b.id && a.summary == b.summary && a.content == b.content;
}

bool AreEqual(const SchemaMap& a, const SchemaMap& b) {
  return std::ranges::equal(
      a, b, [](const auto& x, const auto& y) { return AreEqual(*x.second, *y.second); });
}

}  // namespace

Result<SchemaPtr> RegistryCore::GetSchema(const TenantHandle& tenant, std::string_view id,
                                          std::string_view schema_id) const {
  if (Status good = CheckSchemaId(schema_id); !good.ok()) return good.error();
  const Result<ServiceRef> service = ServiceOf(tenant, id);
  if (!service.ok()) return service.error();
  if (const std::shared_ptr<const SchemaMap> stored = (*service)->contracts().schemas) {
    if (const auto at = stored->find(schema_id); at != stored->end()) return at->second;
  }
  return SchemaNotExists(id, schema_id, {});
}

Result<std::vector<SchemaPtr>> RegistryCore::ListSchemas(const TenantHandle& tenant,
                                                         std::string_view id) const {
  const Result<ServiceRef> service = ServiceOf(tenant, id);
  if (!service.ok()) return service.error();
  return SchemasOf(**service);
}

std::vector<SchemaPtr> RegistryCore::SchemasOf(const ServiceEntry& service) {
  const auto [record, stored] = service.contracts();
  std::vector<SchemaPtr> all;
  all.reserve(record->schemas.size());
  absl::flat_hash_set<std::string_view> listed;
  for (const std::string& declared : record->schemas) {
    if (!listed.insert(declared).second) continue;  // A client may declare an id twice.
    const auto at = stored != nullptr ? stored->find(declared) : SchemaMap::const_iterator();
    const bool uploaded = stored != nullptr && at != stored->end();
    all.push_back(uploaded ? at->second : std::make_shared<const Schema>(Schema{.id = declared}));
  }
  return all;
}

// What is uploaded is always declared, too.
Revision RegistryCore::PublishSchemas(const ServiceRef& service, std::vector<std::string> ids,
                                      SchemaMap schemas, std::map<std::string, std::string> bytes) {
  const Revision revision = revisions_->Next();
  MicroservicePtr record = service->record();
  WriteBatch batch;
  if (stores()) {
    const Tenant& tenant = TenantOf(*service);
    for (const auto& [id, schema] : Copy(*service)) {
      if (!schemas.contains(id)) batch.Delete(SchemaRecordKey(tenant, service->id, id));
    }
    for (auto& [id, value] : bytes) {
      batch.Put(SchemaRecordKey(tenant, service->id, id), std::move(value));
    }
  }
  const bool record_changes = record->schemas != ids;
  if (record_changes) {
    auto changed = std::make_shared<Microservice>(*record);
    changed->schemas = std::move(ids);
    changed->revision = revision;
    record = std::move(changed);
  }
  std::shared_ptr<const SchemaMap> stored;
  if (!schemas.empty()) stored = std::make_shared<const SchemaMap>(std::move(schemas));
  service->set_contracts({std::move(record), std::move(stored)});
  service->last_change = revision;
  if (!stores()) return revision;
  if (record_changes) {
    StoreService(*service, &batch);
  } else {
    StoreState(*service, &batch);
  }
  journal_->Append(revision, std::move(batch));
  return revision;
}

Result<Revision> RegistryCore::PutSchema(const TenantHandle& tenant, std::string_view id,
                                         Schema schema) {
  if (Status good = CheckSchema(schema, options_); !good.ok()) return good.error();
  std::map<std::string, std::string> bytes;
  if (stores()) bytes.emplace(schema.id, SchemaRecord(schema));
  auto stored = std::make_shared<const Schema>(std::move(schema));
  base::MutexLock lock(&writer_mu_);
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  const Result<ServiceRef> service = ServiceOf(tenant, id);
  if (!service.ok()) return service.error();
  std::vector<std::string> ids = (*service)->record()->schemas;
  if (std::ranges::find(ids, stored->id) == ids.end()) {
    if (ids.size() >= options_.schemas_max) {
      return QuotaReached("SCHEMA", options_.schemas_max, tenant.tenant);
    }
    ids.push_back(stored->id);
  }
  SchemaMap schemas = Copy(**service);
  SchemaPtr& place = schemas[stored->id];
  if (place != nullptr && AreEqual(*place, *stored)) return (*service)->last_change;
  place = std::move(stored);
  return PublishSchemas(*service, std::move(ids), std::move(schemas), std::move(bytes));
}

Result<Revision> RegistryCore::ReplaceSchemas(const TenantHandle& tenant, std::string_view id,
                                              std::vector<Schema> batch) {
  if (Status good = CheckSchemaBatch(batch, options_); !good.ok()) return good.error();
  std::vector<std::string> ids;
  SchemaMap schemas;
  std::map<std::string, std::string> bytes;
  for (Schema& schema : batch) {
    ids.push_back(schema.id);
    if (stores()) bytes.emplace(schema.id, SchemaRecord(schema));
    auto stored = std::make_shared<const Schema>(std::move(schema));
    if (!schemas.emplace(ids.back(), std::move(stored)).second) return SchemaTwice(ids.back());
  }
  base::MutexLock lock(&writer_mu_);
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  const Result<ServiceRef> service = ServiceOf(tenant, id);
  if (!service.ok()) return service.error();
  if (ids == (*service)->record()->schemas && AreEqual(schemas, Copy(**service))) {
    return (*service)->last_change;
  }
  return PublishSchemas(*service, std::move(ids), std::move(schemas), std::move(bytes));
}

Result<Revision> RegistryCore::DeleteSchema(const TenantHandle& tenant, std::string_view id,
                                            std::string_view schema_id) {
  if (Status good = CheckSchemaId(schema_id); !good.ok()) return good.error();
  base::MutexLock lock(&writer_mu_);
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  const Result<ServiceRef> service = ServiceOf(tenant, id);
  if (!service.ok()) return service.error();
  SchemaMap schemas = Copy(**service);
  const auto at = schemas.find(schema_id);
  if (at == schemas.end()) return SchemaNotExists(id, schema_id, (*service)->last_change);
  schemas.erase(at);
  return PublishSchemas(*service, (*service)->record()->schemas, std::move(schemas), {});
}

}  // namespace skep::core
