// RegistryCore: taking over what a former engine has stored (registry_records.h).
//
// Records come in the order of their keys. Microservices are entered in the order in which they
// registered, and so are a microservice's instances in that of their changes: what depends on an
// order (lists, aliases, who owns equal endpoints) is as it was.
//
// A family's revision is the newest of what altered its list: of its microservices, of their
// instances, and of those that it lost. Where a list had instances that are not stored (those
// without a lease) it gets a revision that was never shown.
#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/record_bytes.h"
#include "registry/core/registry_core.h"
#include "registry/core/registry_records.h"
#include "registry/core/rule_set.h"

namespace skep::core {
namespace {

// So many instances between two lines of the log.
constexpr std::size_t kInstancesPerLine = 250'000;

constexpr std::string_view kNoService = "is of a microservice that is not there";
constexpr std::string_view kFromLater = "is of a later revision than any that was handed out";

}  // namespace

struct RegistryCore::Loading {
  struct Family {
    FamilyKey key;  ///< Borrows from a microservice, which stays.
    Revision revision;

    auto Order() const { return std::tie(key.tenant, key.environment, key.app_id, key.name); }
  };

  // An instance that waits for the others of its microservice.
  struct Waiting {
    InstanceRecord* record;
    std::uint32_t place;
  };

  // A provider of a microservice.
  struct Relation {
    Revision revision;
    std::uint64_t place;
    std::string provider;  ///< As DependencyGraph has it.
  };

  explicit Loading(const Storage& from) : storage(from) {}
  ~Loading() {
    for (const Waiting& one : waiting) one.record->Unref();
  }
  Loading(const Loading&) = delete;
  Loading& operator=(const Loading&) = delete;

  const Storage& storage;
  std::vector<ServiceRef> services{};  ///< Oldest first.

  // Of the last record: most are followed by others of the same microservice.
  TenantEntry* tenant = nullptr;
  ServiceRef service{};

  std::vector<Waiting> waiting{};     ///< Of `service`.
  std::vector<Relation> relations{};  ///< Of `service`.

  std::size_t instance_count = 0;
};

Status RegistryCore::Load(const Storage& storage) {
  writer_mu_.AssertHeld();  // As good as: nobody else is here.
  Loading loading(storage);
  if (Status done = LoadTenants(&loading); !done.ok()) return done;
  if (Status done = LoadServices(&loading); !done.ok()) return done;
  if (Status done = LoadServiceStates(&loading); !done.ok()) return done;
  if (Status done = LoadSchemas(&loading); !done.ok()) return done;
  if (Status done = LoadRelations(&loading); !done.ok()) return done;
  if (Status done = LoadInstances(&loading); !done.ok()) return done;
  if (Status done = LoadFamilies(&loading); !done.ok()) return done;
  if (loading.services.empty()) return {};
  // The ids that the seed gives first are those of the former engine.
  if (id_seed_ != 0) {
    ids_ = base::UuidGenerator(base::FoldMultiply(id_seed_, revisions_->last().number() | 1) | 1);
  }
  return {};
}

void RegistryCore::Start() {
  base::MutexLock lock(&writer_mu_);
  ArmTimer();
}

TenantEntry* RegistryCore::TenantToLoad(const Tenant& tenant) {
  TenantEntry* known = tenants_.Get(TenantHandle(tenant));
  return known != nullptr ? known : tenants_.Add(tenant);
}

// Makes the record's microservice the current one; false: there is none.
bool RegistryCore::FindLoaded(const StoredOwner& owner, Loading* loading) const {
  const bool same_tenant = loading->tenant != nullptr &&
                           loading->tenant->name.domain == owner.domain &&
                           loading->tenant->name.project == owner.project;
  if (same_tenant && loading->service && loading->service->id == owner.service_id) return true;
  if (!same_tenant) {
    loading->tenant =
        tenants_.Get(TenantHandle(Tenant{std::string(owner.domain), std::string(owner.project)}));
  }
  if (loading->tenant != nullptr) {
    loading->service = services_.Find(loading->tenant->number, owner.service_id);
    if (loading->service) return true;
  }
  return false;
}

Status RegistryCore::LoadTenants(Loading* loading) {
  return base::ForEachRecord(loading->storage, kTenantRecords,
                             [this](std::string_view key, std::string_view value) -> Status {
                               writer_mu_.AssertHeld();
                               Tenant tenant;
                               if (!ReadTenantRecord(key, value, &tenant))
                                 return base::BadRecord(key, value);
                               TenantToLoad(tenant)->is_stored = true;
                               return {};
                             });
}

Status RegistryCore::LoadServices(Loading* loading) {
  struct Found {
    Tenant tenant;
    StoredService stored;
  };
  std::vector<Found> all;
  Status read =
      base::ForEachRecord(loading->storage, kServiceRecords,
                          [this, &all](std::string_view key, std::string_view value) -> Status {
                            Found& found = all.emplace_back();
                            if (!ReadServiceRecord(key, value, &found.stored))
                              return base::BadRecord(key, value);
                            if (found.stored.service.revision > revisions_->last()) {
                              return base::BadRecord(key, value, kFromLater);
                            }
                            // The key goes.
                            const StoredOwner owner = std::exchange(found.stored.owner, {});
                            found.tenant = {std::string(owner.domain), std::string(owner.project)};
                            return {};
                          });
  if (!read.ok()) return read;
  std::ranges::sort(all, {}, [](const Found& found) { return found.stored.serial; });
  for (Found& found : all) {
    const std::string key = ServiceRecordKey(found.tenant, found.stored.service.id.str());
    if (found.stored.serial <= last_serial_) {
      return base::BadRecord(key, {}, "has the number of another one");
    }
    Result<ServiceRef> entered = EnterStored(found.tenant, std::move(found.stored));
    if (!entered.ok()) return base::BadRecord(key, {}, entered.error().ToString());
    loading->services.push_back(*std::move(entered));
  }
  return {};
}

Result<ServiceRef> RegistryCore::EnterStored(const Tenant& name, StoredService stored) {
  std::shared_ptr<const RuleSet> rules;
  if (!stored.rules.empty()) {
    Result<std::shared_ptr<RuleSet>> compiled = RuleSet::Compile(std::move(stored.rules));
    if (!compiled.ok()) return compiled.error();
    rules = *std::move(compiled);
  }
  TenantEntry* tenant = TenantToLoad(name);
  Microservice& service = stored.service;
  const std::string key = WriterKey(name, service, service.name);
  const std::string alias_key =
      service.alias.empty() ? "" : WriterKey(name, service, service.alias);
  const bool cross_app = AllowsCrossApp(service);
  const bool shared = IsSharedKey(tenant->number, service.app_id, service.name);
  const Environment environment = *ParseEnvironment(service.environment);
  const std::uint64_t owner = services_.OwnerOf(tenant->number, service.id.str());
  last_serial_ = stored.serial;
  ServiceRef entry = ServiceRef::Adopt(
      new ServiceEntry(stored.serial, tenant->number, owner, environment,
                       std::make_shared<const Microservice>(std::move(service)), shared));
  entry->allow_cross_app.store(cross_app, std::memory_order_relaxed);
  if (!stored.tags.empty()) {
    entry->set_tags(std::make_shared<const Properties>(std::move(stored.tags)));
  }
  entry->set_rules(std::move(rules));
  EnterService(tenant, entry, key, alias_key, Revision());
  return entry;
}

Status RegistryCore::LoadServiceStates(Loading* loading) {
  // Of the block before the one that the engine has reserved; nobody was ever shown its last one.
  const Revision fresh = revisions_->last();
  Status read = base::ForEachRecord(
      loading->storage, kServiceStateRecords,
      [&](std::string_view key, std::string_view value) -> Status {
        writer_mu_.AssertHeld();
        StoredServiceState stored;
        if (!ReadServiceStateRecord(key, value, &stored)) return base::BadRecord(key, value);
        if (!FindLoaded(stored.owner, loading)) return base::BadRecord(key, value, kNoService);
        if (stored.last_change > revisions_->last() || stored.last_touch > stored.last_change) {
          return base::BadRecord(key, value, kFromLater);
        }
        ServiceEntry& service = *loading->service;
        service.last_change = stored.last_change;
        service.last_touch = stored.has_unstored ? fresh : stored.last_touch;
        service.has_unstored = stored.has_unstored;
        return {};
      });
  if (!read.ok()) return read;
  for (const ServiceRef& service : loading->services) {
    if (service->last_change) continue;
    return base::BadRecord(ServiceRecordKey(TenantOf(*service), service->id), {},
                           "has no record of its revisions beside it");
  }
  return {};
}

Status RegistryCore::LoadSchemas(Loading* loading) {
  SchemaMap schemas;
  ServiceRef of;
  const auto publish = [&] {
    if (schemas.empty()) return;
    of->set_contracts({of->record(), std::make_shared<const SchemaMap>(std::move(schemas))});
    schemas.clear();
  };
  Status read = base::ForEachRecord(
      loading->storage, kSchemaRecords,
      [&](std::string_view key, std::string_view value) -> Status {
        writer_mu_.AssertHeld();
        StoredSchema stored;
        if (!ReadSchemaRecord(key, value, &stored)) return base::BadRecord(key, value);
        if (!FindLoaded(stored.owner, loading)) return base::BadRecord(key, value, kNoService);
        if (of.get() != loading->service.get()) {
          publish();
          of = loading->service;
        }
        std::string id = stored.schema.id;
        schemas.emplace(std::move(id), std::make_shared<const Schema>(std::move(stored.schema)));
        return {};
      });
  publish();
  return read;
}

Status RegistryCore::LoadRelations(Loading* loading) {
  ServiceRef of;
  std::vector<Loading::Relation>& relations = loading->relations;
  const auto enter = [&] {
    std::ranges::sort(relations, {}, [](const Loading::Relation& relation) {
      return std::pair(relation.revision, relation.place);
    });
    for (const Loading::Relation& relation : relations) {
      dependencies_.Add(of->serial, DependencyGraph::KeyOf(relation.provider));
    }
    relations.clear();
  };
  Status read =
      base::ForEachRecord(loading->storage, kRelationRecords,
                          [&](std::string_view key, std::string_view value) -> Status {
                            writer_mu_.AssertHeld();
                            StoredRelation stored;
                            if (!ReadRelationRecord(key, value, &stored))
                              return base::BadRecord(key, value);
                            if (!FindLoaded(stored.owner, loading))
                              return base::BadRecord(key, value, kNoService);
                            if (stored.revision > revisions_->last())
                              return base::BadRecord(key, value, kFromLater);
                            if (of.get() != loading->service.get()) {
                              enter();
                              of = loading->service;
                            }
                            stored.provider.tenant = of->tenant;
                            relations.push_back({stored.revision, stored.place,
                                                 DependencyGraph::TextOf(stored.provider)});
                            return {};
                          });
  enter();
  return read;
}

Status RegistryCore::LoadInstances(Loading* loading) {
  ServiceRef of;
  TenantEntry* tenant = nullptr;
  Status read = base::ForEachRecord(
      loading->storage, kInstanceRecords,
      [&](std::string_view key, std::string_view value) -> Status {
        writer_mu_.AssertHeld();
        StoredInstance stored;
        if (!ReadInstanceRecord(key, value, &stored)) return base::BadRecord(key, value);
        if (!FindLoaded(stored.owner, loading)) return base::BadRecord(key, value, kNoService);
        if (stored.revision > revisions_->last()) return base::BadRecord(key, value, kFromLater);
        if (of.get() != loading->service.get()) {
          if (Status entered = EnterWaiting(tenant, loading); !entered.ok()) return entered;
          of = loading->service;
          tenant = loading->tenant;
        }
        InstanceRecord* record = InstanceRecord::Pack(of, stored.spec, &memos_);
        record->revision = stored.revision;
        record->created_s = stored.created_s;
        record->modified_s = stored.modified_s;
        record->lease = stored.lease;
        loading->waiting.push_back({record, stored.place});
        if (++loading->instance_count % kInstancesPerLine == 0) {
          log_(LogLevel::kInfo,
               "loading: " + std::to_string(loading->instance_count) + " instances so far");
        }
        return {};
      });
  if (!read.ok()) return read;
  return EnterWaiting(tenant, loading);
}

// All instances of one microservice.
Status RegistryCore::EnterWaiting(TenantEntry* tenant, Loading* loading) {
  std::vector<Loading::Waiting>& waiting = loading->waiting;
  if (waiting.empty()) return {};
  const ServiceRef service = waiting.front().record->service;
  std::uint32_t places = 0;
  for (const Loading::Waiting& one : waiting) places = std::max(places, one.place + 1);
  {
    base::MutexLock lock(&service->mu);
    service->instances.assign(places, nullptr);
    for (const auto& [record, place] : waiting) {
      if (service->instances[place] != nullptr) {
        return base::BadRecord(InstanceRecordKey(tenant->name, service->id, record->id()), {},
                               "has the place of another one");
      }
      service->instances[place] = record;
    }
    // The first one is taken first.
    for (std::uint32_t place = places; place > 0; --place) {
      if (service->instances[place - 1] == nullptr) service->free_places.push_back(place - 1);
    }
  }
  std::ranges::sort(waiting, {}, [](const Loading::Waiting& one) { return one.record->revision; });
  for (const auto& [record, place] : waiting) {
    if (record->has_text_id()) NumberCustomId(record);
    EnterInstance(tenant, record, place);
    service->last_change = std::max(service->last_change, record->revision);
    service->last_touch = std::max(service->last_touch, record->revision);
  }
  waiting.clear();
  return {};
}

Status RegistryCore::LoadFamilies(Loading* loading) {
  std::vector<Loading::Family> families;
  for (const ServiceRef& service : loading->services) {
    families.push_back({FamilyOf(*service), service->last_touch});
    if (const auto alias = AliasFamilyOf(*service)) {
      families.push_back({*alias, service->last_touch});
    }
  }
  const auto is_before = [](const Loading::Family& a, const Loading::Family& b) {
    return std::pair(a.Order(), b.revision) < std::pair(b.Order(), a.revision);
  };
  // The newest first; the others of its name go.
  std::ranges::sort(families, is_before);
  families.erase(std::ranges::unique(families, {}, &Loading::Family::Order).begin(),
                 families.end());
  Status read = base::ForEachRecord(
      loading->storage, kFamilyRecords,
      [&](std::string_view key, std::string_view value) -> Status {
        StoredFamily stored;
        if (!ReadFamilyRecord(key, value, &stored)) return base::BadRecord(key, value);
        if (stored.revision > revisions_->last()) return base::BadRecord(key, value, kFromLater);
        const TenantHandle tenant(
            Tenant{std::string(stored.owner.domain), std::string(stored.owner.project)});
        Loading::Family wanted{stored.family, {}};
        wanted.key.tenant = tenants_.NumberOf(tenant);
        const auto at =
            std::ranges::lower_bound(families, wanted.Order(), {}, &Loading::Family::Order);
        if (at == families.end() || at->Order() != wanted.Order()) {
          return base::BadRecord(key, value, "is of a name that no microservice has");
        }
        at->revision = std::max(at->revision, stored.revision);
        return {};
      });
  if (!read.ok()) return read;
  for (const Loading::Family& family : families) families_.Touch(family.key, family.revision);
  return {};
}

}  // namespace skep::core
