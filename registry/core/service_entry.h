// ServiceEntry: one microservice as the tables know it. Identity is constant; the record,
// what hangs on it and the list of instances change under `mu`.
//
// Writers hold the engine's writer lock and take `mu` besides; readers take `mu` alone, and
// briefly. Lock order: a shard's mutex before mu (a snapshot is rebuilt under its family's shard).
#ifndef SKEP_REGISTRY_CORE_SERVICE_ENTRY_H_
#define SKEP_REGISTRY_CORE_SERVICE_ENTRY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "registry/core/environment.h"
#include "skep/registry/microservices.h"
#include "skep/registry/schemas.h"
#include "skep/registry/tags.h"
#include "skep/registry/types.h"

namespace skep::core {

struct InstanceRecord;
class RuleSet;

/// By id. Immutable; a change copies the map, and shares the schemas.
using SchemaMap = std::map<std::string, SchemaPtr, std::less<>>;

class ServiceEntry {
 public:
  ServiceEntry(std::uint64_t serial_number, std::uint32_t tenant_number, std::uint64_t id_hash,
               Environment parsed, MicroservicePtr first_record, bool is_shared)
      : serial(serial_number),
        owner(id_hash),
        tenant(tenant_number),
        environment(parsed),
        shared(is_shared),
        id(first_record->id.str()),
        app_id(first_record->app_id),
        name(first_record->name),
        alias(first_record->alias),
        version(first_record->version),
        record_(std::move(first_record)) {}
  ServiceEntry(const ServiceEntry&) = delete;
  ServiceEntry& operator=(const ServiceEntry&) = delete;

  void Ref() const { refs_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() const {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

  MicroservicePtr record() const {
    base::MutexLock lock(&mu);
    return record_;
  }
  void set_record(MicroservicePtr record) {
    base::MutexLock lock(&mu);
    record_.swap(record);
  }

  /// Null: none.
  TagsPtr tags() const {
    base::MutexLock lock(&mu);
    return tags_;
  }
  void set_tags(TagsPtr tags) {
    base::MutexLock lock(&mu);
    tags_.swap(tags);
  }

  /// Null: none. has_rules() answers that without a lock.
  std::shared_ptr<const RuleSet> rules() const {
    base::MutexLock lock(&mu);
    return rules_;
  }
  bool has_rules() const { return has_rules_.load(std::memory_order_acquire); }
  void set_rules(std::shared_ptr<const RuleSet> rules) {
    base::MutexLock lock(&mu);
    rules_.swap(rules);
    has_rules_.store(rules_ != nullptr, std::memory_order_release);
  }

  /// The record, which declares the ids of schemas, and what was uploaded of these, of one moment.
  struct Contracts {
    MicroservicePtr record;
    std::shared_ptr<const SchemaMap> schemas;  ///< Null: none.
  };
  Contracts contracts() const {
    base::MutexLock lock(&mu);
    return {record_, schemas_};
  }
  void set_contracts(Contracts contracts) {
    base::MutexLock lock(&mu);
    record_.swap(contracts.record);
    schemas_.swap(contracts.schemas);
  }

  const std::uint64_t serial;  ///< Never used twice.
  const std::uint64_t owner;   ///< Keyed hash of (tenant, id): its instances' leases bear it.
  const std::uint32_t tenant;
  const Environment environment;
  const bool shared;  ///< Found by every caller of default/default (spec 7.5).
  const std::string id;
  const std::string app_id;
  const std::string name;
  const std::string alias;
  const std::string version;

  std::atomic<bool> allow_cross_app{false};

  // Guarded by the engine's writer lock.
  bool deleted = false;
  std::size_t instance_count = 0;
  std::size_t permanent_count = 0;  ///< Of those, without a lease.
  Revision last_change;             ///< Of the record or of its instances.
  Revision last_touch;              ///< Of its families by it (RegistryCore::TouchFamilies).
  /// It has, or had, instances without a lease. They are not stored, so that a list of its families
  /// may be another one after a restart.
  bool has_unstored = false;

  mutable base::Mutex mu;
  /// In order of registration; places of ended ones are null until another takes them.
  std::vector<const InstanceRecord*> instances ABSL_GUARDED_BY(mu);
  std::vector<std::uint32_t> free_places ABSL_GUARDED_BY(mu);

 private:
  ~ServiceEntry() = default;

  MicroservicePtr record_ ABSL_GUARDED_BY(mu);
  TagsPtr tags_ ABSL_GUARDED_BY(mu);
  std::shared_ptr<const RuleSet> rules_ ABSL_GUARDED_BY(mu);
  std::shared_ptr<const SchemaMap> schemas_ ABSL_GUARDED_BY(mu);
  std::atomic<bool> has_rules_{false};
  mutable std::atomic<std::uint32_t> refs_{1};
};

/// A shared reference to an entry.
class ServiceRef {
 public:
  ServiceRef() = default;
  static ServiceRef Adopt(ServiceEntry* entry) { return ServiceRef(entry); }
  static ServiceRef Share(ServiceEntry* entry) {
    entry->Ref();
    return ServiceRef(entry);
  }
  ServiceRef(const ServiceRef& other) : entry_(other.entry_) {
    if (entry_ != nullptr) entry_->Ref();
  }
  ServiceRef(ServiceRef&& other) noexcept : entry_(std::exchange(other.entry_, nullptr)) {}
  ServiceRef& operator=(ServiceRef other) noexcept {
    std::swap(entry_, other.entry_);
    return *this;
  }
  ~ServiceRef() {
    if (entry_ != nullptr) entry_->Unref();
  }

  ServiceEntry* get() const { return entry_; }
  ServiceEntry* operator->() const { return entry_; }
  ServiceEntry& operator*() const { return *entry_; }
  explicit operator bool() const { return entry_ != nullptr; }

 private:
  explicit ServiceRef(ServiceEntry* entry) : entry_(entry) {}
  ServiceEntry* entry_ = nullptr;
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_SERVICE_ENTRY_H_
