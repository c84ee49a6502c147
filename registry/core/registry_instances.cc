// RegistryCore: instances, their leases and the end of these.
#include <algorithm>
#include <string>
#include <utility>

#include "registry/core/errors.h"
#include "registry/core/registry_core.h"
#include "registry/core/registry_custom_id.h"
#include "registry/core/registry_records.h"
#include "registry/core/validation.h"

namespace skep::core {
namespace {

// Expiries under one hold of the writer lock; others get their turn in between.
constexpr std::size_t kExpiryBatch = 64;
constexpr Millis kExpiryPause{10};

// While nothing may be changed, so often it is asked whether that is over.
constexpr Millis kFrozenPause{1000};

// A wheel that comes later than this was not slow, its process was stopped.
constexpr Millis kLatenessMax{2000};
constexpr std::size_t kLatenessKept = 16;

// Timers nearer to one that is set anyway than this are not worth another (system clock).
constexpr Millis kTimerSlack{250};

}  // namespace

std::optional<LeaseKey> RegistryCore::KeyOf(std::uint64_t owner, InstanceIdView id) const {
  if (id.is_128_bits()) return LeaseKey{id.hi(), id.lo(), owner};
  std::optional<LeaseKey> key;
  custom_ids_.Read(
      hasher_.Mix(owner, id.text()),
      [&](const CustomId& custom) { return custom.owner == owner && custom.text == id.text(); },
      [&](const CustomId& custom) { key = LeaseKey{custom.hi, custom.lo, owner}; });
  return key;
}

std::optional<LeaseKey> RegistryCore::KeyOf(const TenantHandle& tenant, std::string_view service_id,
                                            InstanceIdView id) const {
  return KeyOf(services_.OwnerOf(tenants_.NumberOf(tenant), service_id), id);
}

// Of service, host and endpoints, these in any order.
std::uint64_t RegistryCore::EndpointHash(const InstanceRecord& record) const {
  std::uint64_t set = 0;
  for (std::string_view endpoint : record.endpoints()) set += hasher_(endpoint);
  return hasher_.Mix(hasher_.Mix(hasher_(record.host()), record.service->serial), set);
}

namespace {

bool HaveEqualEndpoints(const InstanceRecord& a, const InstanceRecord& b) {
  if (a.service.get() != b.service.get() || a.host() != b.host()) return false;
  const PackedTexts left = a.endpoints();
  const PackedTexts right = b.endpoints();
  if (left.size() != right.size()) return false;
  if (std::equal(left.begin(), left.end(), right.begin())) return true;
  std::vector<std::string_view> sorted_left(left.begin(), left.end());
  std::vector<std::string_view> sorted_right(right.begin(), right.end());
  std::ranges::sort(sorted_left);
  std::ranges::sort(sorted_right);
  return sorted_left == sorted_right;
}

}  // namespace

// The live instance whose id a registration without one takes over (design: equal endpoints).
const InstanceRecord* RegistryCore::LiveTwin(const InstanceRecord& record) const {
  if (!options_.reuse_id_of_equal_endpoints || record.endpoint_count == 0) return nullptr;
  const std::uint64_t hash = EndpointHash(record);
  const auto& piece = by_endpoints_[hash % by_endpoints_.size()];
  const auto at = piece.find(hash);
  if (at == piece.end() || !HaveEqualEndpoints(*at->second.record, record)) return nullptr;
  return at->second.record;
}

void RegistryCore::ClaimEndpoints(const InstanceRecord& record) {
  if (!options_.reuse_id_of_equal_endpoints || record.endpoint_count == 0) return;
  const std::uint64_t hash = EndpointHash(record);
  auto& piece = by_endpoints_[hash % by_endpoints_.size()];
  const auto [at, is_new] = piece.try_emplace(hash, EndpointOwner{&record, false});
  if (!is_new) at->second = {&record, true};
}

void RegistryCore::DisclaimEndpoints(const InstanceRecord& record) {
  if (!options_.reuse_id_of_equal_endpoints || record.endpoint_count == 0) return;
  const std::uint64_t hash = EndpointHash(record);
  auto& piece = by_endpoints_[hash % by_endpoints_.size()];
  const auto at = piece.find(hash);
  if (at == piece.end() || at->second.record != &record) return;
  const bool had_twin = at->second.had_twin;
  piece.erase(at);
  if (!had_twin) return;
  base::MutexLock lock(&record.service->mu);
  for (const InstanceRecord* other : record.service->instances) {
    if (other == nullptr || other == &record || !HaveEqualEndpoints(*other, record)) continue;
    piece[hash] = {other, true};
    return;
  }
}

Result<Written<InstanceId>> RegistryCore::RegisterInstance(const TenantHandle& handle,
                                                           std::string_view service_id,
                                                           InstanceSpec spec) {
  if (Status good = CheckServiceId(service_id); !good.ok()) return good.error();
  if (Status good = CheckAndComplete(&spec, options_); !good.ok()) return good.error();
  const ServiceRef service = services_.Find(tenants_.NumberOf(handle), service_id);
  if (!service) return ServiceNotExists(service_id, handle.tenant);
  InstanceRecord* record = InstanceRecord::Pack(service, spec, &memos_);
  if (spec.lease == LeaseMode::kHeartbeat) record->lease = LeaseOf(*spec.health_check);
  record->created_s = WallSeconds();
  record->modified_s = record->created_s;

  WriteLock lock(&writer_mu_, watch_.get());
  Status good = Writable();
  if (good.ok() && service->deleted) good = ServiceNotExists(service_id, handle.tenant);
  if (!good.ok()) {
    record->Unref();
    return good.error();
  }
  if (spec.id.empty()) record = WithIdOfTwin(record, &spec);
  return PublishInstance(tenants_.Get(handle), record);
}

// The record as it was made, or, where a live instance has its endpoints, with that one's id.
InstanceRecord* RegistryCore::WithIdOfTwin(InstanceRecord* record, InstanceSpec* spec) {
  const InstanceRecord* twin = LiveTwin(*record);
  if (twin == nullptr) return record;
  if (!twin->has_text_id()) {
    record->hi = twin->hi;
    record->lo = twin->lo;
    return record;
  }
  // A text id is part of the packed bytes.
  spec->id = InstanceId(twin->id());
  InstanceRecord* renamed = InstanceRecord::Pack(record->service, *spec, &memos_);
  renamed->lease = record->lease;
  renamed->created_s = record->created_s;
  renamed->modified_s = record->modified_s;
  record->Unref();
  return renamed;
}

// Takes over the record: it is published, or dropped where it says nothing new or may not be.
Result<Written<InstanceId>> RegistryCore::PublishInstance(TenantEntry* tenant,
                                                          InstanceRecord* record) {
  const std::uint64_t owner = record->service->owner;
  std::optional<LeaseKey> key;
  if (record->has_text_id() || record->hi != 0 || record->lo != 0) {
    key = KeyOf(owner, record->id());
  }
  const std::optional<InstanceTable::Entry> old = key ? instances_.Get(*key) : std::nullopt;
  if (!old.has_value()) {
    if (tenant->instances >= options_.instances_max) {
      record->Unref();
      return QuotaReached("INSTANCE", options_.instances_max, tenant->name);
    }
    AddInstance(tenant, record);
    return Written<InstanceId>(InstanceId(record->id()), record->revision);
  }

  instances_.Renew(*key, clock_->Now());
  if (old->record->HasContentOf(*record)) {
    record->Unref();
    return Written<InstanceId>(InstanceId(old->record->id()), old->record->revision);
  }
  record->hi = old->record->hi;
  record->lo = old->record->lo;
  ReplaceInstance(*old, record);
  return Written<InstanceId>(InstanceId(record->id()), record->revision);
}

void RegistryCore::AddInstance(TenantEntry* tenant, InstanceRecord* record) {
  ServiceEntry& service = *record->service;
  if (record->has_text_id()) {
    NumberCustomId(record);
  } else if (record->hi == 0 && record->lo == 0) {
    const base::Uuid id = ids_.Next();
    record->hi = id.hi;
    record->lo = id.lo;
  }
  record->revision = revisions_->Next();
  service.last_change = record->revision;

  std::uint32_t place = 0;
  {
    base::MutexLock lock(&service.mu);
    if (service.free_places.empty()) {
      place = static_cast<std::uint32_t>(service.instances.size());
      service.instances.push_back(record);
    } else {
      place = service.free_places.back();
      service.free_places.pop_back();
      service.instances[place] = record;
    }
  }
  EnterInstance(tenant, record, place);
  TouchFamilies(service, record->revision);
  Tell(WatchAction::kCreate, *record, record->revision);
  ArmTimer();
  if (!stores()) return;
  WriteBatch batch;
  StoreInstance(*record, place, nullptr, &batch);
  journal_->Append(record->revision, std::move(batch));
}

void RegistryCore::NumberCustomId(InstanceRecord* record) {
  const std::uint64_t owner = record->service->owner;
  const base::Uuid number = private_ids_.Next();
  record->hi = number.hi;
  record->lo = number.lo;
  custom_ids_.Insert(hasher_.Mix(owner, record->id_text()),
                     new CustomId{owner, std::string(record->id_text()), number.hi, number.lo});
}

void RegistryCore::EnterInstance(TenantEntry* tenant, InstanceRecord* record, std::uint32_t place) {
  ServiceEntry& service = *record->service;
  InstanceTable::Entry entry{.record = record, .place = place, .deadline = decltype(wheel_)::kNone};
  const MonotonicTime now = clock_->Now();
  if (record->lease > Millis(0)) entry.deadline = wheel_.Add(now + record->lease, record);
  instances_.Insert(KeyOf(*record), entry, now);
  ClaimEndpoints(*record);
  ++tenant->instances;
  ++service.instance_count;
  if (record->lease == Millis(0)) ++service.permanent_count;
  instance_count_.fetch_add(1, std::memory_order_relaxed);
}

void RegistryCore::ReplaceInstance(const InstanceTable::Entry& old, InstanceRecord* record) {
  record->created_s = old.record->created_s;
  ServiceEntry& service = *record->service;
  if (old.record->lease == Millis(0)) --service.permanent_count;
  if (record->lease == Millis(0)) ++service.permanent_count;
  // The deadline follows the new lease; one without a lease has none.
  std::uint32_t deadline = decltype(wheel_)::kNone;
  if (old.deadline != decltype(wheel_)::kNone) wheel_.Remove(old.deadline);
  if (record->lease > Millis(0)) deadline = wheel_.Add(clock_->Now() + record->lease, record);
  SwapInstance(old, record, deadline);
  ArmTimer();
}

void RegistryCore::SwapInstance(const InstanceTable::Entry& old, InstanceRecord* record,
                                std::uint32_t deadline) {
  ServiceEntry& service = *record->service;
  record->revision = revisions_->Next();
  service.last_change = record->revision;
  DisclaimEndpoints(*old.record);
  {
    base::MutexLock lock(&service.mu);
    service.instances[old.place] = record;
  }
  instances_.SetEntry(KeyOf(*record), {.record = record, .place = old.place, .deadline = deadline});
  ClaimEndpoints(*record);
  TouchFamilies(service, record->revision);
  Tell(WatchAction::kUpdate, *record, record->revision);
  if (stores()) {
    WriteBatch batch;
    StoreInstance(*record, old.place, old.record, &batch);
    journal_->Append(record->revision, std::move(batch));
  }
  old.record->Unref();
}

void RegistryCore::RemoveInstance(TenantEntry* tenant, const InstanceRecord* record,
                                  Revision revision, WatchAction how) {
  const ServiceRef service = record->service;
  WriteBatch batch;
  DropInstance(tenant, record, revision, how, &batch);
  TouchFamilies(*service, revision);
  if (!stores()) return;
  StoreState(*service, &batch);
  journal_->Append(revision, std::move(batch));
}

void RegistryCore::DropInstance(TenantEntry* tenant, const InstanceRecord* record,
                                Revision revision, WatchAction how, WriteBatch* batch) {
  ServiceEntry& service = *record->service;
  if (stores() && record->lease > Millis(0)) {
    batch->Delete(InstanceRecordKey(tenant->name, service.id, record->id()));
  }
  const LeaseKey key = KeyOf(*record);
  const std::uint32_t place = instances_.Get(key)->place;
  DisclaimEndpoints(*record);
  instances_.Remove(key);
  reports_.Remove(key);
  {
    base::MutexLock lock(&service.mu);
    service.instances[place] = nullptr;
    service.free_places.push_back(place);
  }
  if (record->has_text_id()) {
    delete custom_ids_.Remove(
        hasher_.Mix(service.owner, record->id_text()), [&](const CustomId& custom) {
          return custom.owner == service.owner && custom.text == record->id_text();
        });
  }
  --tenant->instances;
  --service.instance_count;
  if (record->lease == Millis(0)) --service.permanent_count;
  service.last_change = revision;
  instance_count_.fetch_sub(1, std::memory_order_relaxed);
  Tell(how, *record, revision);
  record->Unref();
}

std::optional<InstanceTable::Entry> RegistryCore::LiveInstance(const TenantHandle& tenant,
                                                               std::string_view service_id,
                                                               InstanceIdView id) const {
  const std::optional<LeaseKey> key = KeyOf(tenant, service_id, id);
  return key.has_value() ? instances_.Get(*key) : std::nullopt;
}

Result<Revision> RegistryCore::UnregisterInstance(const TenantHandle& handle,
                                                  std::string_view service_id, InstanceIdView id) {
  WriteLock lock(&writer_mu_, watch_.get());
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  const std::optional<InstanceTable::Entry> entry = LiveInstance(handle, service_id, id);
  if (!entry.has_value()) return InstanceNotExists(service_id, id);
  if (entry->deadline != decltype(wheel_)::kNone) wheel_.Remove(entry->deadline);
  const Revision revision = revisions_->Next();
  RemoveInstance(tenants_.Get(handle), entry->record, revision, WatchAction::kDelete);
  return revision;
}

Result<Revision> RegistryCore::SetInstanceStatus(const TenantHandle& handle,
                                                 std::string_view service_id, InstanceIdView id,
                                                 InstanceStatus status) {
  if (status == InstanceStatus::kUnset) return StatusUnset();
  WriteLock lock(&writer_mu_, watch_.get());
  if (Status writable = Writable(); !writable.ok()) return writable.error();
  const std::optional<InstanceTable::Entry> entry = LiveInstance(handle, service_id, id);
  if (!entry.has_value()) return InstanceNotExists(service_id, id);
  InstanceRecord* record = entry->record->Clone();
  record->status = status;
  record->modified_s = WallSeconds();
  ChangeInstance(*entry, record);
  return record->revision;
}

Result<LeaseRef> RegistryCore::FindLease(const TenantHandle& tenant, std::string_view service_id,
                                         InstanceIdView id) const {
  const std::optional<LeaseKey> key = KeyOf(tenant, service_id, id);
  if (!key.has_value() || !instances_.Contains(*key)) return InstanceNotExists(service_id, id);
  return LeaseRef(key->hi, key->lo, key->owner);
}

bool RegistryCore::BeatsByText(std::uint32_t tenant, std::string_view service_id, InstanceIdView id,
                               MonotonicTime now) const {
  const std::optional<LeaseKey> key = KeyOf(services_.OwnerOf(tenant, service_id), id);
  return key.has_value() && instances_.Renew(*key, now);
}

// When the lease ends, had there been no further heartbeat.
MonotonicTime RegistryCore::LeaseEnd(const InstanceRecord& record) const {
  const MonotonicTime last = instances_.LastHeartbeat(KeyOf(record));
  MonotonicTime end = last + record.lease;
  for (const Lateness& late : lateness_) {
    if (last < late.at) end += late.by;
  }
  return end;
}

void RegistryCore::ArmTimer() {
  std::optional<MonotonicTime> next = wheel_.NextDue();
  // Protection ends in time also where nothing that it kept is left.
  if (const auto until = protection_.until()) next = std::min(next.value_or(*until), *until);
  if (!next.has_value()) return;
  const Millis slack = clock_->is_manual() ? Millis(0) : kTimerSlack;
  // Of a wheel that has not moved for long, or has ends left over, the next step is in the past. A
  // timer that is set for the past would look late.
  ArmTimerAt(std::max(*next, clock_->Now()) + slack);
}

void RegistryCore::ArmTimerAt(MonotonicTime due) {
  if (stopped_) return;
  // An earlier timer that is set anyway does; a later one is left to fire for nothing, because
  // taking it back could wait for this very lock.
  if (!expiries_due_.empty() && *expiries_due_.begin() <= due) return;
  expiries_due_.insert(due);
  timers_.Schedule(due, [this, due] { RunExpiry(due); });
}

void RegistryCore::NoteLateness(MonotonicTime now, Millis late) {
  lateness_.push_back({now, late});
  if (lateness_.size() > kLatenessKept) {
    // Two become one that is at least as long for everybody.
    lateness_[1].by += lateness_[0].by;
    lateness_.erase(lateness_.begin());
  }
}

bool RegistryCore::Freeze(MonotonicTime now, std::string* log) {
  const Status writable = Writable();
  const bool was_frozen = std::exchange(frozen_, !writable.ok());
  if (!frozen_) return false;
  if (!was_frozen) *log = "leases: none ends for now, " + writable.error().ToString();
  ArmTimerAt(now + kFrozenPause);
  return true;
}

void RegistryCore::RunExpiry(MonotonicTime due) {
  const std::size_t rate = options_.expiries_per_second_max;
  const std::size_t limit =
      clock_->is_manual() ? ~std::size_t{0} : std::max<std::size_t>(rate / 100, 1);
  const MonotonicTime now = clock_->Now();
  const Millis late = now - due;
  const bool stood_still = !clock_->is_manual() && late > kLatenessMax;
  if (stood_still) {
    log_(LogLevel::kWarning, "leases: the timer came " + std::to_string(late.count()) +
                                 " ms late, as after a stop of the process; all leases are longer "
                                 "by that much");
  }
  const std::uint64_t begun_before = protection_.begun();
  bool protection_ended = false;
  std::size_t expired = 0;
  bool more = true;
  bool frozen = false;
  std::string frozen_line;
  for (bool first = true; more && expired < limit; first = false) {
    WriteLock lock(&writer_mu_, watch_.get());
    if (stopped_) return;
    if (first) {
      if (stood_still) NoteLateness(now, late);
      expiries_due_.erase(due);
      protection_ended = protection_.EndIfOver(now);
    }
    frozen = Freeze(now, &frozen_line);
    if (frozen) break;
    const std::size_t batch = std::min(kExpiryBatch, limit - expired);
    std::size_t ended = 0;
    const std::size_t fired = wheel_.Fire(
        now, batch,
        [&](const InstanceRecord* record, MonotonicTime) -> std::optional<MonotonicTime> {
          writer_mu_.AssertHeld();
          const MonotonicTime end = LeaseEnd(*record);
          if (end > now) return end;
          if (const auto until = KeptUntil(now)) return until;
          RemoveInstance(tenants_.ByNumber(record->service->tenant), record, revisions_->Next(),
                         WatchAction::kExpire);
          ++ended;
          return std::nullopt;
        });
    expired += ended;
    expired_count_.fetch_add(ended, std::memory_order_relaxed);
    more = fired == batch;
    if (!more) ArmTimer();
  }
  LogProtection(begun_before, protection_ended);
  if (!frozen_line.empty()) log_(LogLevel::kError, frozen_line);
  if (!more || frozen) return;
  WriteLock lock(&writer_mu_, watch_.get());
  ArmTimerAt(now + kExpiryPause);
}

}  // namespace skep::core
