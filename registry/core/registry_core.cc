// RegistryCore: construction, tenants and microservices. Instances and leases are in
// registry_instances.cc, finds in registry_discovery.cc; other files are named by their topic.
#include "registry/core/registry_core.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "registry/core/errors.h"
#include "registry/core/registry_custom_id.h"
#include "registry/core/registry_records.h"
#include "registry/core/validation.h"

namespace skep::core {
namespace {

// The text whose SHA-1 is a microservice's id (spec 3.2); clients compare ids across servers.
std::string IndexKey(const Tenant& tenant, const Microservice& service) {
  std::string key = "/cse-sr/ms/indexes/";
  key += tenant.domain + "/" + tenant.project + "/" + service.environment + "/" + service.app_id +
         "/" + service.name + "/" + service.version;
  return key;
}

}  // namespace

// NUL parts what may hold any other character.
std::string RegistryCore::WriterKey(const Tenant& tenant, const Microservice& service,
                                    std::string_view name) {
  std::string key;
  for (std::string_view piece :
       {std::string_view(tenant.domain), std::string_view(tenant.project),
        std::string_view(service.environment), std::string_view(service.app_id), name,
        std::string_view(service.version)}) {
    key += piece;
    key += '\0';
  }
  return key;
}

bool AllowsCrossApp(const Microservice& service) {
  const auto at = service.properties.find("allowCrossApp");
  if (at == service.properties.end()) return false;
  constexpr std::string_view kTrue = "true";
  return std::ranges::equal(at->second, kTrue, [](char a, char b) { return (a | 0x20) == b; });
}

RegistryCore::RegistryCore(RegistryOptions options, Parts parts)
    : options_(std::move(options)),
      shared_environment_(*ParseEnvironment(options_.shared_environment)),
      id_seed_(parts.id_seed),
      clock_(parts.clock),
      timers_(parts.clock),
      revisions_(&parts.writer->revisions),
      watermark_(parts.watermark),
      log_(parts.log ? std::move(parts.log) : NoLog()),
      journal_(parts.journal),
      memos_(options_.memo_bytes_max),
      tenants_(base::RandomSeed()),
      services_(base::RandomSeed()),
      instances_(base::RandomSeed()),
      families_(base::RandomSeed(), &memos_),
      dependencies_(base::RandomSeed()),
      watch_(std::make_shared<WatchHub>(
          static_cast<WatchSource*>(this), parts.clock, revisions_,
          base::WatchLimits{.watches_max = options_.watches_max,
                            .queue_max = options_.watch_queue_max,
                            .entries_kept = options_.watch_events_kept})),
      hasher_(base::RandomSeed()),
      protection_(options_.expiry_protection),
      writer_mu_(parts.writer->mu),
      ids_(parts.id_seed),
      private_ids_(0),
      wheel_(parts.clock->Now()) {
  base::MutexLock lock(&writer_mu_);
  ArmRetirement();
}

RegistryCore::~RegistryCore() {
  Stop();
  watch_->Abandon();
  std::vector<CustomId*> custom_ids;
  custom_ids_.ForEach([&](CustomId& id) { custom_ids.push_back(&id); });
  for (CustomId* id : custom_ids) delete id;
  instances_.ForEach([](const InstanceTable::Entry& entry) { entry.record->Unref(); });
}

void RegistryCore::Stop() {
  {
    base::MutexLock lock(&writer_mu_);
    stopped_ = true;
  }
  // Not under the lock: it waits for a running RunExpiry or RunRetirement, which takes it.
  timers_.Close();
  watch_->Close();
}

RegistryCounts RegistryCore::counts() const {
  return {.tenants = tenants_.size(),
          .services = service_count_.load(std::memory_order_relaxed),
          .instances = instance_count_.load(std::memory_order_relaxed),
          .expired_instances = expired_count_.load(std::memory_order_relaxed),
          .memo_bytes = memos_.used(),
          .watches = watch_->size(),
          .expiry_protection_on = protection_.is_on(),
          .expiry_protections = protection_.begun(),
          .kept_instances = protection_.kept()};
}

std::int64_t RegistryCore::WallSeconds() const {
  return std::chrono::floor<std::chrono::seconds>(clock_->WallNow()).time_since_epoch().count();
}

bool RegistryCore::IsSharedKey(std::uint32_t tenant, std::string_view app_id,
                               std::string_view name) const {
  if (tenant != TenantTable::kDefault || app_id != "default") return false;
  return name == "SERVICECENTER" ||
         std::ranges::find(options_.shared_services, name) != options_.shared_services.end();
}

FamilyKey RegistryCore::FamilyOf(const ServiceEntry& service) const {
  return {service.tenant, service.environment, service.app_id, service.name};
}

std::optional<FamilyKey> RegistryCore::AliasFamilyOf(const ServiceEntry& service) const {
  if (service.alias.empty()) return std::nullopt;
  return FamilyKey{service.tenant, service.environment, service.app_id, service.alias};
}

void RegistryCore::TouchFamilies(ServiceEntry& service, Revision revision) {
  service.last_touch = revision;
  families_.Touch(FamilyOf(service), revision);
  if (const auto alias = AliasFamilyOf(service)) families_.Touch(*alias, revision);
}

Result<TenantEntry*> RegistryCore::WritableTenant(const TenantHandle& handle) {
  if (TenantEntry* known = tenants_.Get(handle)) return known;
  constexpr std::size_t kNameMax = 256;
  for (const std::string& half : {handle.tenant.domain, handle.tenant.project}) {
    if (half.empty() || half.size() > kNameMax) return TenantInvalid(handle.tenant);
  }
  if (tenants_.size() >= options_.tenants_max) return TenantsFull(options_.tenants_max);
  return tenants_.Add(handle.tenant);
}

Result<Written<ServiceId>> RegistryCore::RegisterService(const TenantHandle& handle,
                                                         Microservice service) {
  if (Status good = CompleteAndCheck(&service, options_); !good.ok()) return good.error();
  const std::string key = WriterKey(handle.tenant, service, service.name);
  const std::string alias_key =
      service.alias.empty() ? "" : WriterKey(handle.tenant, service, service.alias);
  const bool id_given = !service.id.empty();
  ServiceId made_id =
      id_given ? service.id : ServiceId(base::Sha1Hex(IndexKey(handle.tenant, service)));

  WriteLock lock(&writer_mu_, watch_.get());
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  Result<TenantEntry*> tenant = WritableTenant(handle);
  if (!tenant.ok()) return tenant.error();
  // Wire compatibility: the quota comes first, so that at the limit even an idempotent call fails.
  const bool shared = IsSharedKey((*tenant)->number, service.app_id, service.name);
  if (!shared && (*tenant)->counted_services >= options_.services_max) {
    return QuotaReached("SERVICE", options_.services_max, handle.tenant);
  }
  Result<ServiceEntry*> existing = ExistingService(*tenant, service, key, alias_key);
  if (!existing.ok()) return existing.error();
  if (*existing != nullptr) {
    return Written<ServiceId>(ServiceId((*existing)->id), (*existing)->last_change);
  }
  if (const ServiceRef taken = services_.Find((*tenant)->number, made_id.str())) {
    return ServiceIdConflict(made_id.str(), taken->id, taken->last_change);
  }
  service.id = std::move(made_id);
  const ServiceRef added = AddService(*tenant, std::move(service), key, alias_key);
  RefreshViews(*added, added->last_change);
  return Written<ServiceId>(ServiceId(added->id), added->last_change);
}

// The one that owns the key, or the alias, already (spec 3.3); null where nobody does.
Result<ServiceEntry*> RegistryCore::ExistingService(TenantEntry* tenant,
                                                    const Microservice& service,
                                                    const std::string& key,
                                                    const std::string& alias_key) {
  ServiceEntry* existing = nullptr;
  if (const auto at = by_key_.find(key); at != by_key_.end()) {
    existing = at->second;
  } else if (!service.id.empty()) {
    if (const ServiceRef taken = services_.Find(tenant->number, service.id.str())) {
      return ServiceIdConflict(service.id.str(), taken->id, taken->last_change);
    }
  }
  if (existing == nullptr && !alias_key.empty()) {
    if (const auto at = by_alias_.find(alias_key); at != by_alias_.end()) existing = at->second;
  }
  if (existing != nullptr && !service.id.empty() && service.id.str() != existing->id) {
    return ServiceIdConflict(service.id.str(), existing->id, existing->last_change);
  }
  return existing;
}

ServiceRef RegistryCore::AddService(TenantEntry* tenant, Microservice service,
                                    const std::string& key, const std::string& alias_key) {
  const Revision revision = revisions_->Next();
  service.revision = revision;
  service.created = std::chrono::sys_seconds(std::chrono::seconds(WallSeconds()));
  service.modified = service.created;
  const bool cross_app = AllowsCrossApp(service);
  const bool shared = IsSharedKey(tenant->number, service.app_id, service.name);
  const std::uint64_t owner = services_.OwnerOf(tenant->number, service.id.str());
  const Environment environment = *ParseEnvironment(service.environment);

  const ServiceRef entry = ServiceRef::Adopt(
      new ServiceEntry(++last_serial_, tenant->number, owner, environment,
                       std::make_shared<const Microservice>(std::move(service)), shared));
  entry->allow_cross_app.store(cross_app, std::memory_order_relaxed);
  entry->last_change = revision;
  EnterService(tenant, entry, key, alias_key, revision);
  if (stores()) {
    WriteBatch batch;
    if (!std::exchange(tenant->is_stored, true)) {
      batch.Put(TenantRecordKey(tenant->name), TenantRecord());
    }
    StoreService(*entry, &batch);
    journal_->Append(revision, std::move(batch));
  }
  return entry;
}

void RegistryCore::EnterService(TenantEntry* tenant, const ServiceRef& entry,
                                const std::string& key, const std::string& alias_key,
                                Revision revision) {
  entry->last_touch = revision;
  by_key_.emplace(key, entry.get());
  if (!alias_key.empty()) by_alias_.emplace(alias_key, entry.get());
  {
    base::MutexLock lock(&tenant->mu);
    tenant->services.emplace(entry->serial, entry);
  }
  if (!entry->shared) ++tenant->counted_services;
  service_count_.fetch_add(1, std::memory_order_relaxed);
  services_.Insert(entry);
  families_.AddMember(FamilyOf(*entry), MemberBy::kName, entry, revision);
  if (const auto alias = AliasFamilyOf(*entry)) {
    families_.AddMember(*alias, MemberBy::kAlias, entry, revision);
  }
}

Result<MicroservicePtr> RegistryCore::GetService(const TenantHandle& tenant,
                                                 std::string_view id) const {
  const Result<ServiceRef> service = ServiceOf(tenant, id);
  if (!service.ok()) return service.error();
  return (*service)->record();
}

std::vector<MicroservicePtr> RegistryCore::ListServices(const TenantHandle& handle,
                                                        SharedServices shared) const {
  std::vector<MicroservicePtr> all;
  const TenantEntry* tenant = tenants_.Get(handle);
  if (tenant == nullptr) return all;
  base::MutexLock lock(&tenant->mu);
  all.reserve(tenant->services.size());
  for (const auto& [serial, service] : tenant->services) {
    if (service->shared && shared == SharedServices::kHide) continue;
    all.push_back(service->record());
  }
  return all;
}

Result<ServiceId> RegistryCore::ServiceExists(const TenantHandle& tenant,
                                              const ExistenceQuery& query) const {
  const Result<Environment> environment = CheckExistence(query);
  if (!environment.ok()) return environment.error();
  const FamilyKey key{tenants_.NumberOf(tenant), *environment, query.app_id, query.name};
  const std::vector<ServiceRef> members = families_.Members(key);
  if (members.empty()) return FamilyNotExists(*environment, query.app_id, query.name);
  for (const ServiceRef& member : members) {
    if (member->version == query.version) return ServiceId(member->id);
  }
  return VersionNotExists(*environment, query.app_id, query.name, query.version);
}

Result<Revision> RegistryCore::DeleteService(const TenantHandle& handle, std::string_view id,
                                             DeleteMode mode) {
  WriteLock lock(&writer_mu_, watch_.get());
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  const Result<ServiceRef> found = ServiceOf(handle, id);
  if (!found.ok()) return found.error();
  const ServiceRef& service = *found;
  if (Status deletable = CheckDeletable(*service, mode); !deletable.ok()) return deletable.error();
  const Revision revision = revisions_->Next();
  RemoveService(tenants_.Get(handle), service, revision);
  return revision;
}

Status RegistryCore::CheckDeletable(const ServiceEntry& service, DeleteMode mode) const {
  if (service.permanent_count > 0) return ServiceInUseByProcess(service.id);
  if (mode == DeleteMode::kForce) return {};
  if (dependencies_.HasConsumersBut(service.serial, FamilyOf(service))) {
    return ServiceHasConsumers(service.id, service.last_change);
  }
  if (service.instance_count > 0) {
    return ServiceHasInstances(service.id, service.instance_count, service.last_change);
  }
  return {};
}

void RegistryCore::RemoveService(TenantEntry* tenant, const ServiceRef& service,
                                 Revision revision) {
  std::vector<const InstanceRecord*> live;
  {
    base::MutexLock lock(&service->mu);
    std::ranges::copy_if(service->instances, std::back_inserter(live),
                         [](const InstanceRecord* record) { return record != nullptr; });
  }
  WriteBatch batch;
  for (const InstanceRecord* record : live) {
    wheel_.Remove(instances_.Get(KeyOf(*record))->deadline);
    // The families hear of it once, below: lists of one revision must not differ.
    DropInstance(tenant, record, revision, WatchAction::kDelete, &batch);
  }
  if (stores()) EraseService(*tenant, *service, &batch);

  service->deleted = true;
  const MicroservicePtr record = service->record();
  by_key_.erase(WriterKey(tenant->name, *record, record->name));
  if (!record->alias.empty()) by_alias_.erase(WriterKey(tenant->name, *record, record->alias));
  {
    base::MutexLock lock(&tenant->mu);
    tenant->services.erase(service->serial);
  }
  if (!service->shared) --tenant->counted_services;
  service_count_.fetch_sub(1, std::memory_order_relaxed);
  dependencies_.RemoveConsumer(service->serial);
  families_.RemoveMember(FamilyOf(*service), MemberBy::kName, *service, revision);
  if (const auto alias = AliasFamilyOf(*service)) {
    families_.RemoveMember(*alias, MemberBy::kAlias, *service, revision);
  }
  services_.Remove(*service);
  RefreshViews(*service, revision);
  if (!stores()) return;
  StoreFamily(*tenant, FamilyOf(*service), revision, &batch);
  if (const auto alias = AliasFamilyOf(*service)) StoreFamily(*tenant, *alias, revision, &batch);
  journal_->Append(revision, std::move(batch));
}

}  // namespace skep::core
