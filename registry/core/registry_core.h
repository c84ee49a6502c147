// RegistryCore: the registry of one engine. Its rules, its tables and its one order of writes.
//
// A write checks its input and builds its record with no lock held; then, under writer_mu_, it
// takes the next revision, checks again what must still hold, swaps the record into the tables (a
// shard's lock at a time) and touches the families that the change shows in. Reads never take
// writer_mu_.
//
// Who watches is told of a change by its events, which are published under writer_mu_ and delivered
// once it is free again (watch_hub.h); so a write holds it by a WriteLock.
//
// Lock order: writer_mu_, then one shard's mutex, then one ServiceEntry's or TenantEntry's mu.
// The clock's own locks are taken under writer_mu_ (Schedule), never the other way round: the clock
// calls RunExpiry with no lock held.
#ifndef SKEP_REGISTRY_CORE_REGISTRY_CORE_H_
#define SKEP_REGISTRY_CORE_REGISTRY_CORE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/mutex.h"
#include "base/timer_group.h"
#include "base/timer_wheel.h"
#include "base/uuid.h"
#include "base/writer.h"
#include "registry/core/dependency_graph.h"
#include "registry/core/expiry_protection.h"
#include "registry/core/family_table.h"
#include "registry/core/instance_record.h"
#include "registry/core/instance_table.h"
#include "registry/core/report_table.h"
#include "registry/core/service_table.h"
#include "registry/core/tenant_table.h"
#include "registry/core/watch_hub.h"
#include "skep/clock.h"
#include "skep/log.h"
#include "skep/memo.h"
#include "skep/registry/dependencies.h"
#include "skep/registry/discovery.h"
#include "skep/registry/govern.h"
#include "skep/registry/instances.h"
#include "skep/registry/microservices.h"
#include "skep/registry/monitor.h"
#include "skep/registry/options.h"
#include "skep/registry/registry.h"
#include "skep/registry/rules.h"
#include "skep/registry/schemas.h"
#include "skep/registry/tags.h"
#include "skep/registry/watch.h"
#include "skep/storage.h"
#include "storage/journal.h"

namespace skep::core {

struct RegistryCounts {
  std::size_t tenants = 0;
  std::size_t services = 0;
  std::size_t instances = 0;
  std::uint64_t expired_instances = 0;
  std::size_t memo_bytes = 0;
  std::size_t watches = 0;
  bool expiry_protection_on = false;
  std::uint64_t expiry_protections = 0;  ///< Times that it began.
  std::uint64_t kept_instances = 0;      ///< Leases that it kept beyond their end.
};

/// Whether providers are added to those that a consumer has, or take their place.
enum class DependencyChange { kAdd, kOverride };

struct StoredOwner;    // registry_records.h
struct StoredService;  // registry_records.h

/// Whether other apps may see it (spec 7.2).
bool AllowsCrossApp(const Microservice& service);

class RegistryCore : private WatchSource {
 public:
  struct Parts {
    Clock* clock = nullptr;                   ///< Outlives the core.
    base::Writer* writer = nullptr;           ///< Outlives the core.
    storage::Watermark* watermark = nullptr;  ///< Null: all is durable at once. Outlives the core.
    LogSink log;
    std::uint64_t id_seed = 0;
    storage::Journal* journal = nullptr;  ///< Null: nothing is stored. Outlives the core.
  };

  /// REQUIRES: options.shared_environment parses.
  RegistryCore(RegistryOptions options, Parts parts);
  ~RegistryCore() override;
  RegistryCore(const RegistryCore&) = delete;
  RegistryCore& operator=(const RegistryCore&) = delete;

  /// Where the public verbs wait; null: nothing to wait for.
  storage::Watermark* watermark() const { return watermark_; }

  /// Ends all timers and all watches. After it nothing expires any more.
  void Stop();

  /// Takes over what a former engine has stored. Once, before anything else. Every lease gets a
  /// full period from now. Errors: what the storage says, kStorageCorrupt and kStorageNewer, which
  /// name the record's key; then the core is of no use.
  /// Locking: none. Nobody else is here yet; the configuration center may load beside it.
  /// REQUIRES: the revision before the writer's next one was never used.
  Status Load(const Storage& storage);
  /// Sets the timers of what was loaded. Once, when all parts of the engine have loaded.
  void Start();

  RegistryCounts counts() const;

  // In the order of the public headers, which state the contracts.

  Result<Written<ServiceId>> RegisterService(const TenantHandle& tenant, Microservice service);
  Result<MicroservicePtr> GetService(const TenantHandle& tenant, std::string_view id) const;
  std::vector<MicroservicePtr> ListServices(const TenantHandle& tenant,
                                            SharedServices shared) const;
  Result<ServiceId> ServiceExists(const TenantHandle& tenant, const ExistenceQuery& query) const;
  Result<Revision> DeleteService(const TenantHandle& tenant, std::string_view id, DeleteMode mode);
  Result<std::vector<ServiceDeletion>> DeleteServices(const TenantHandle& tenant,
                                                      std::span<const std::string_view> ids,
                                                      DeleteMode mode);
  Result<Revision> SetServiceProperties(const TenantHandle& tenant, std::string_view id,
                                        Properties properties);

  Result<TagsPtr> GetTags(const TenantHandle& tenant, std::string_view id) const;
  Result<Revision> ReplaceTags(const TenantHandle& tenant, std::string_view id, Properties tags);
  Result<Revision> SetTag(const TenantHandle& tenant, std::string_view id, std::string_view key,
                          std::string_view value);
  Result<Revision> DeleteTags(const TenantHandle& tenant, std::string_view id,
                              std::span<const std::string_view> keys);
  Result<std::vector<Rule>> GetRules(const TenantHandle& tenant, std::string_view id) const;
  Result<Revision> ReplaceRules(const TenantHandle& tenant, std::string_view id,
                                std::vector<Rule> rules);

  Result<SchemaPtr> GetSchema(const TenantHandle& tenant, std::string_view id,
                              std::string_view schema_id) const;
  Result<std::vector<SchemaPtr>> ListSchemas(const TenantHandle& tenant, std::string_view id) const;
  Result<Revision> PutSchema(const TenantHandle& tenant, std::string_view id, Schema schema);
  Result<Revision> ReplaceSchemas(const TenantHandle& tenant, std::string_view id,
                                  std::vector<Schema> batch);
  Result<Revision> DeleteSchema(const TenantHandle& tenant, std::string_view id,
                                std::string_view schema_id);

  Result<Written<InstanceId>> RegisterInstance(const TenantHandle& tenant,
                                               std::string_view service_id, InstanceSpec spec);
  Result<Revision> UnregisterInstance(const TenantHandle& tenant, std::string_view service_id,
                                      InstanceIdView id);
  Result<Revision> SetInstanceStatus(const TenantHandle& tenant, std::string_view service_id,
                                     InstanceIdView id, InstanceStatus status);
  Result<Revision> SetInstanceProperties(const TenantHandle& tenant, std::string_view service_id,
                                         InstanceIdView id, const Properties& properties);
  Result<BatchStatusChange> SetStatusWhere(const TenantHandle& tenant, const Properties& matching,
                                           InstanceStatus status);
  Result<LeaseRef> FindLease(const TenantHandle& tenant, std::string_view service_id,
                             InstanceIdView id) const;
  /// Inline, as all of a heartbeat is: a call more is a tenth of it.
  bool Beats(const TenantHandle& tenant, std::string_view service_id, const InstanceIdView& id,
             MonotonicTime now) const {
    const std::uint32_t number = tenants_.NumberOf(tenant);
    if (!id.is_128_bits()) [[unlikely]]
      return BeatsByText(number, service_id, id, now);
    return instances_.RenewOf(
        id.hi(), id.lo(), [&] { return services_.OwnerOf(number, service_id); }, now);
  }
  bool Renew(const LeaseKey& key, MonotonicTime now) const { return instances_.Renew(key, now); }
  Result<Instance> GetInstance(const TenantHandle& tenant, std::string_view service_id,
                               InstanceIdView id, std::string_view consumer,
                               std::span<const std::string_view> tags = {}) const;
  Result<FindResult> ListInstances(const TenantHandle& tenant, std::string_view service_id,
                                   const ListQuery& query) const;

  Result<FindResult> Find(const TenantHandle& tenant, std::string_view consumer,
                          const FindQuery& query);

  Result<BatchFound> BatchFind(const TenantHandle& tenant, std::string_view consumer,
                               const BatchQuery& query);

  Result<Revision> ChangeDependencies(const TenantHandle& tenant,
                                      std::span<const Dependency> dependencies,
                                      DependencyChange change);
  Result<std::vector<MicroservicePtr>> Providers(const TenantHandle& tenant,
                                                 std::string_view consumer,
                                                 SelfDependency self) const;
  Result<std::vector<MicroservicePtr>> Consumers(const TenantHandle& tenant,
                                                 std::string_view provider,
                                                 SelfDependency self) const;

  Result<ServiceDetail> DescribeService(const TenantHandle& tenant, std::string_view id) const;
  Result<std::vector<ServiceDetail>> DescribeServices(const TenantHandle& tenant,
                                                      const ServiceFilter& filter,
                                                      const DetailParts& parts) const;
  Result<RelationGraph> Relations(const TenantHandle& tenant, SharedServices shared) const;
  Result<std::vector<std::string>> Apps(const TenantHandle& tenant, std::string_view environment,
                                        SharedServices shared) const;
  RegistryStatistics Statistics(const TenantHandle& tenant, SharedServices shared) const;
  std::vector<Tenant> Tenants() const { return tenants_.Names(); }

  Status TakeReport(const TenantHandle& tenant, MetricReport report);
  Result<MetricReportPtr> LatestReport(const TenantHandle& tenant, std::string_view service_id,
                                       InstanceIdView id) const;

  Result<Watch> Subscribe(const TenantHandle& tenant, const WatchScope& scope,
                          const WatchOptions& options);

  bool expiry_protection_on() const { return protection_.is_on(); }

  MonotonicTime Now() const { return clock_->Now(); }

 private:
  struct CustomId;  // A text id and the number that stands for it.

  // What a find needs to know of its consumer.
  struct Consumer {
    std::uint64_t serial = 0;
    Environment environment = Environment::kEmpty;
    bool same_app = false;
  };

  // What a change of dependencies adds and takes away, to be stored.
  struct RelationChange {
    Revision revision;  ///< The one that it will take.
    std::uint64_t added = 0;
    WriteBatch batch{};
  };

  // A live instance with the endpoints of another's spec.
  struct EndpointOwner {
    const InstanceRecord* record = nullptr;
    bool had_twin = false;  ///< More than one had the same endpoints; when it goes, look for them.
  };

  // What a consumer that is watched has in view.
  struct View {
    std::shared_ptr<WatchTopic> topic;
    std::uint32_t tenant = 0;
    std::vector<std::string> families{};  ///< That it depends on; where views_of_ has it.
    absl::flat_hash_map<std::uint64_t, ServiceRef> services{};  ///< By serial.
  };

  // A moment at which the wheel came late: leases last renewed before it are that much longer.
  struct Lateness {
    MonotonicTime at;
    Millis by;
  };

  // storage
  struct Loading;  // What Load has read so far.

  /// An error where nothing may be changed now.
  Status Writable() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_) {
    if (journal_ == nullptr) [[likely]]
      return {};
    return journal_->Writable();
  }
  bool stores() const { return journal_ != nullptr; }
  const Tenant& TenantOf(const ServiceEntry& service) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_) {
    return tenants_.ByNumber(service.tenant)->name;
  }
  // What follows adds to a batch, and is for where there is a storage only.
  void StoreService(const ServiceEntry& service, WriteBatch* batch) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void StoreState(const ServiceEntry& service, WriteBatch* batch) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  /// `old` is the record in whose place it comes, or null.
  void StoreInstance(const InstanceRecord& record, std::uint32_t place, const InstanceRecord* old,
                     WriteBatch* batch) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void StoreFamily(const TenantEntry& tenant, const FamilyKey& family, Revision revision,
                   WriteBatch* batch) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  /// All that is the microservice's own, but its instances.
  void EraseService(const TenantEntry& tenant, const ServiceEntry& service, WriteBatch* batch) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  Status LoadTenants(Loading* loading) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  Status LoadServices(Loading* loading) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  Status LoadServiceStates(Loading* loading) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  Status LoadSchemas(Loading* loading) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  Status LoadRelations(Loading* loading) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  Status LoadInstances(Loading* loading) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  Status LoadFamilies(Loading* loading) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  TenantEntry* TenantToLoad(const Tenant& tenant) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  bool FindLoaded(const StoredOwner& owner, Loading* loading) const;
  /// Errors: a rule that does not compile.
  Result<ServiceRef> EnterStored(const Tenant& name, StoredService stored)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  Status EnterWaiting(TenantEntry* tenant, Loading* loading)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);

  // microservices
  static std::string WriterKey(const Tenant& tenant, const Microservice& service,
                               std::string_view name);
  bool IsSharedKey(std::uint32_t tenant, std::string_view app_id, std::string_view name) const;
  FamilyKey FamilyOf(const ServiceEntry& service) const;
  std::optional<FamilyKey> AliasFamilyOf(const ServiceEntry& service) const;
  void TouchFamilies(ServiceEntry& service, Revision revision)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  Result<TenantEntry*> WritableTenant(const TenantHandle& handle)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  Result<ServiceEntry*> ExistingService(TenantEntry* tenant, const Microservice& service,
                                        const std::string& key, const std::string& alias_key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  ServiceRef AddService(TenantEntry* tenant, Microservice service, const std::string& key,
                        const std::string& alias_key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  /// Puts a new one into every table.
  void EnterService(TenantEntry* tenant, const ServiceRef& entry, const std::string& key,
                    const std::string& alias_key, Revision revision)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  Status CheckDeletable(const ServiceEntry& service, DeleteMode mode) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void RemoveService(TenantEntry* tenant, const ServiceRef& service, Revision revision)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);

  /// Errors: kInvalidParams for the id; kServiceNotExists.
  Result<ServiceRef> ServiceOf(const TenantHandle& tenant, std::string_view id) const;
  Revision PublishTags(const ServiceRef& service, Properties tags)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  /// `bytes` has the records of new schemas, by id, where there is a storage.
  Revision PublishSchemas(const ServiceRef& service, std::vector<std::string> ids,
                          SchemaMap schemas, std::map<std::string, std::string> bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void ArmRetirement() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void RunRetirement();
  /// False: it has instances, or is gone already.
  bool RetireUnlessUsed(TenantEntry* tenant, const ServiceRef& service);

  // instances
  std::optional<LeaseKey> KeyOf(std::uint64_t owner, InstanceIdView id) const;
  std::optional<LeaseKey> KeyOf(const TenantHandle& tenant, std::string_view service_id,
                                InstanceIdView id) const;
  bool BeatsByText(std::uint32_t tenant, std::string_view service_id, InstanceIdView id,
                   MonotonicTime now) const;
  static LeaseKey KeyOf(const InstanceRecord& record) {
    return {record.hi, record.lo, record.service->owner};
  }
  std::uint64_t EndpointHash(const InstanceRecord& record) const;
  const InstanceRecord* LiveTwin(const InstanceRecord& record) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void ClaimEndpoints(const InstanceRecord& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void DisclaimEndpoints(const InstanceRecord& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  InstanceRecord* WithIdOfTwin(InstanceRecord* record, InstanceSpec* spec)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  Result<Written<InstanceId>> PublishInstance(TenantEntry* tenant, InstanceRecord* record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void AddInstance(TenantEntry* tenant, InstanceRecord* record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  /// Gives a record with a text id the number that stands for it.
  void NumberCustomId(InstanceRecord* record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  /// Puts a new one, which has its place in its service's list, into every table.
  void EnterInstance(TenantEntry* tenant, InstanceRecord* record, std::uint32_t place)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void ReplaceInstance(const InstanceTable::Entry& old, InstanceRecord* record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  /// Puts the record, which has the next revision, in the place of the old one in every table but
  /// the wheel, where it has `deadline`.
  void SwapInstance(const InstanceTable::Entry& old, InstanceRecord* record, std::uint32_t deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  /// The service's instances from `place` on, as far as one hold of the writer lock goes; the place
  /// where to go on, or nothing where that was all.
  Result<std::optional<std::size_t>> SetStatusFrom(const ServiceRef& service, std::size_t place,
                                                   const Properties& matching,
                                                   InstanceStatus status, BatchStatusChange* done);
  /// Puts the record in the old one's place; the deadline stays.
  void ChangeInstance(const InstanceTable::Entry& old, InstanceRecord* record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  std::optional<InstanceTable::Entry> LiveInstance(const TenantHandle& tenant,
                                                   std::string_view service_id,
                                                   InstanceIdView id) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  /// Takes the instance out of every table but the wheel, and tells its families.
  void RemoveInstance(TenantEntry* tenant, const InstanceRecord* record, Revision revision,
                      WatchAction how) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  /// The same, without telling the families. What is stored of it is erased by the batch.
  void DropInstance(TenantEntry* tenant, const InstanceRecord* record, Revision revision,
                    WatchAction how, WriteBatch* batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);

  // leases
  MonotonicTime LeaseEnd(const InstanceRecord& record) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void ArmTimer() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void ArmTimerAt(MonotonicTime due) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void RunExpiry(MonotonicTime due);
  /// Whether leases may not end because nothing may be changed. Then the timer is set to look
  /// again; `log` gets the line that says so, the first time.
  bool Freeze(MonotonicTime now, std::string* log) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  /// Until when a lease that ends now is kept all the same.
  std::optional<MonotonicTime> KeptUntil(MonotonicTime now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  LeaseSurvey SurveyLeases(MonotonicTime now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void LogProtection(std::uint64_t begun_before, bool ended) const;
  void NoteLateness(MonotonicTime now, Millis late) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);

  // discovery
  Result<FindResult> FindForConsumer(const TenantHandle& tenant, std::string_view consumer_id,
                                     const FindQuery& query);
  Result<FindResult> FindByTags(const FamilyKey& key, const FindQuery& query) const;
  /// For a consumer that may not see all of the family, or asks for tags.
  Result<FindResult> FindVisible(const TenantHandle& tenant, std::string_view consumer_id,
                                 const FamilyKey& key, const FindQuery& query);
  void RecordDependency(const TenantHandle& tenant, std::string_view consumer_id,
                        std::uint64_t family, std::span<const ServiceRef> members,
                        std::span<const ServiceRef> visible);
  FindResult Select(const SnapshotHandle& whole, std::span<const ServiceRef> visible,
                    std::string_view known) const;
  bool IsAliasAlone(std::uint32_t tenant, std::string_view consumer, const FindQuery& query) const;
  Result<ServiceRef> ConsumerOf(const TenantHandle& tenant, const Dependency& dependency) const;
  /// Every microservice that it depends on, and every one that depends on it.
  std::vector<ServiceRef> ProvidersOf(const ServiceEntry& consumer, SelfDependency self) const;
  std::vector<MicroservicePtr> ConsumersOf(const TenantHandle& handle, const ServiceEntry& provider,
                                           SelfDependency self) const;
  /// True where that is new.
  bool AddRelation(const ServiceEntry& consumer, const FamilyKey& provider,
                   RelationChange* relations) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  bool ApplyDependency(const ServiceRef& consumer, const Dependency& dependency,
                       DependencyChange change, RelationChange* relations)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  Result<ServiceRef> VisibleProvider(const TenantHandle& tenant, std::string_view service_id,
                                     std::string_view consumer_id, bool* visible) const;

  // views
  /// All microservices of the tenant, copied in steps.
  /// In order of registration; copied in steps, so that a registration waits for one at most.
  static std::vector<ServiceRef> ServicesOf(const TenantEntry& tenant);
  std::vector<ServiceRef> ServicesOf(const TenantHandle& handle, SharedServices shared) const;
  /// Never null.
  static TagsPtr TagsOf(const ServiceEntry& service);
  static std::vector<Rule> RulesOf(const ServiceEntry& service);
  static std::vector<SchemaPtr> SchemasOf(const ServiceEntry& service);
  void FillDependencies(const TenantHandle& tenant, const ServiceEntry& service,
                        DependencyPart part, ServiceDetail* detail) const;

  // watches: registry_watch.cc
  /// Tells those who watch of one instance's part in the change `revision`.
  void Tell(WatchAction action, const InstanceRecord& record, Revision revision)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_) {
    if (watch_->is_watched()) [[unlikely]]
      TellWatchers(action, record, revision);
  }
  void TellWatchers(WatchAction action, const InstanceRecord& record, Revision revision)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  /// The change `revision` of this microservice may alter what it sees, or who sees it.
  void RefreshViews(const ServiceEntry& changed, Revision revision)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void RefreshView(View* view, Revision revision) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  void AppendInits(const ServiceEntry& service, Revision revision,
                   std::vector<InstanceEventPtr>* out) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  /// Files the view under what the consumer depends on; nowhere, for null.
  void IndexView(View* view, const ServiceEntry* consumer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mu_);
  std::vector<ServiceRef> ViewOf(const ServiceEntry& consumer) const;
  std::vector<Instance> CollectWatched(const WatchTopic& topic) const override;
  void WhileNobodyWrites(const std::function<void()>& fn) override;
  Status PrepareWatch(const std::shared_ptr<WatchTopic>& topic) override;
  void ForgetWatch(const WatchTopic& topic) override;

  std::int64_t WallSeconds() const;

  const RegistryOptions options_;
  const Environment shared_environment_;
  const std::uint64_t id_seed_;
  Clock* const clock_;
  base::TimerGroup timers_;
  base::RevisionCounter* const revisions_;
  storage::Watermark* const watermark_;
  const LogSink log_;
  storage::Journal* const journal_;

  // Synchronise themselves.
  MemoBudget memos_;
  TenantTable tenants_;
  ServiceTable services_;
  InstanceTable instances_;
  base::ShardedTable<CustomId> custom_ids_;
  FamilyTable families_;
  DependencyGraph dependencies_;
  ReportTable reports_;
  const std::shared_ptr<WatchHub> watch_;
  const base::Hasher hasher_;
  std::atomic<std::size_t> service_count_{0};
  std::atomic<std::size_t> instance_count_{0};
  std::atomic<std::uint64_t> expired_count_{0};

  ExpiryProtection protection_;  ///< Changes under writer_mu_.

  base::Mutex& writer_mu_;  // The engine's, which its other parts take too.
  std::uint64_t last_serial_ ABSL_GUARDED_BY(writer_mu_) = 0;
  base::UuidGenerator ids_ ABSL_GUARDED_BY(writer_mu_);
  base::UuidGenerator private_ids_ ABSL_GUARDED_BY(writer_mu_);
  absl::flat_hash_map<std::string, ServiceEntry*> by_key_ ABSL_GUARDED_BY(writer_mu_);
  absl::flat_hash_map<std::string, ServiceEntry*> by_alias_ ABSL_GUARDED_BY(writer_mu_);
  /// By endpoint hash, in pieces, so that none takes long to grow.
  std::array<absl::flat_hash_map<std::uint64_t, EndpointOwner>, 64> by_endpoints_
      ABSL_GUARDED_BY(writer_mu_);
  base::TimerWheel<const InstanceRecord*> wheel_ ABSL_GUARDED_BY(writer_mu_);
  std::set<MonotonicTime> expiries_due_ ABSL_GUARDED_BY(writer_mu_);  ///< Those of timers_.
  std::vector<Lateness> lateness_ ABSL_GUARDED_BY(writer_mu_);
  /// By topic; and by the families that they depend on.
  absl::flat_hash_map<std::string, std::unique_ptr<View>> views_ ABSL_GUARDED_BY(writer_mu_);
  absl::flat_hash_map<std::string, absl::flat_hash_set<View*>> views_of_
      ABSL_GUARDED_BY(writer_mu_);
  bool frozen_ ABSL_GUARDED_BY(writer_mu_) = false;  ///< What Freeze said last.
  bool stopped_ ABSL_GUARDED_BY(writer_mu_) = false;
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_REGISTRY_CORE_H_
