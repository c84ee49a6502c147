// KieCore: writes of single items and of many, and the one place where states change.
#include <utility>

#include "kie/core/errors.h"
#include "kie/core/kie_core.h"
#include "kie/core/kie_records.h"
#include "kie/core/validation.h"

namespace skep::core {

Result<KieTenant*> KieCore::WritableTenant(const KieHandle& handle) {
  if (KieTenant* tenant = tenants_.Find(handle)) return tenant;
  if (tenants_.size() >= options_.tenants_max) return KvTenantsFull(options_.tenants_max);
  return tenants_.Add(handle);
}

std::shared_ptr<KvItem> KieCore::FindItem(const KieTenant& tenant, std::string_view id) const {
  base::ReaderLock::Reader reading(&tenant.lock);
  const auto at = tenant.by_id.find(id);
  return at == tenant.by_id.end() ? nullptr : at->second;
}

Result<std::shared_ptr<KvItem>> KieCore::LiveItem(const KieTenant& tenant,
                                                  std::string_view id) const {
  std::shared_ptr<KvItem> item = FindItem(tenant, id);
  if (item == nullptr) return KvNotExists();
  if (item->current() == nullptr) return KvNotExists(item->versions.back().revision);
  return item;
}

std::shared_ptr<KvItem> KieCore::NewItem(KieTenant* tenant, const KvSpec& spec,
                                         std::string id) const {
  const std::string format = LabelFormat(spec.labels);
  std::shared_ptr<const LabelSet> set;
  {
    base::ReaderLock::Reader reading(&tenant->lock);
    set = tenant->live.SetOf(format);
    if (set == nullptr) set = tenant->gone.SetOf(format);
  }
  if (set == nullptr) set = std::make_shared<const LabelSet>(LabelSet{spec.labels, format});
  auto item = std::make_shared<KvItem>();
  item->identity = std::make_shared<const KvIdentity>(
      KvIdentity{std::move(id), tenant->name, spec.key, std::move(set)});
  return item;
}

std::shared_ptr<KvItem> KieCore::StagedItem(const Write& write, std::string_view id) const {
  const auto at = write.by_id.find(id);
  return at != write.by_id.end() ? write.changes[at->second].item : FindItem(*write.tenant, id);
}

const KeyValue* KieCore::Staged(const Write& write, const KvItem& item) {
  const auto at = write.by_id.find(item.identity->id);
  if (at != write.by_id.end()) return write.changes[at->second].next.get();
  return item.current();
}

void KieCore::Stage(Write* write, std::shared_ptr<KvItem> item,
                    std::shared_ptr<KeyValue> next) const {
  write->growth += (next != nullptr ? 1 : 0) - (Staged(*write, *item) != nullptr ? 1 : 0);
  const auto [at, is_new] = write->by_id.try_emplace(item->identity->id, write->changes.size());
  if (is_new) {
    write->changes.push_back({std::move(item), std::move(next)});
  } else {
    write->changes[at->second].next = std::move(next);
  }
}

bool KieCore::HasRoom(const Write& write) const {
  const std::ptrdiff_t items =
      static_cast<std::ptrdiff_t>(write.tenant->items.load(std::memory_order_relaxed)) +
      write.growth;
  return items < static_cast<std::ptrdiff_t>(options_.items_max);
}

// The quota is asked before the key, as the reference does (5.2.6).
Status KieCore::StageCreate(Write* write, KvSpec* spec, const std::string& id) const {
  if (!HasRoom(*write)) return KvQuotaReached();
  std::shared_ptr<KvItem> item = StagedItem(*write, id);
  if (item == nullptr) item = NewItem(write->tenant, *spec, id);
  if (const KeyValue* there = Staged(*write, *item)) return KvExists(there->update_revision);
  auto next = std::make_shared<KeyValue>(item->identity, &item_memos_);
  next->value = std::move(spec->value);
  next->check = std::move(spec->check);
  next->status = spec->status == KvStatus::kUnset ? KvStatus::kDisabled : spec->status;
  next->value_type = spec->value_type == ValueType::kUnset ? ValueType::kText : spec->value_type;
  next->priority = spec->priority;
  Stage(write, std::move(item), std::move(next));
  return {};
}

void KieCore::StageUpdate(Write* write, std::shared_ptr<KvItem> item, KvUpdate update) const {
  const KeyValue& old = *Staged(*write, *item);
  auto next = std::make_shared<KeyValue>(item->identity, &item_memos_);
  next->value = update.value.has_value() ? *std::move(update.value) : old.value;
  next->check = old.check;
  next->status = update.status == KvStatus::kUnset ? old.status : update.status;
  next->value_type = old.value_type;
  next->priority = old.priority;
  next->create_revision = old.create_revision;
  next->create_time = old.create_time;
  Stage(write, std::move(item), std::move(next));
}

Revision KieCore::Apply(Write* write) {
  const Revision revision = writer_->revisions.Next();
  KieTenant* tenant = write->tenant;
  const WallTime wall = clock_->WallNow();
  const Moment moment{revision, wall, std::chrono::floor<std::chrono::seconds>(wall),
                      clock_->Now()};
  for (const Change& change : write->changes) Stamp(write, change, moment);
  const std::size_t first_step = write->steps.size();
  {
    base::MutexLock writing(tenant->lock.mutex());
    base::ReaderLock::Writer alone(&tenant->lock);
    for (const Change& change : write->changes) ApplyOne(write, tenant, change, moment);
    tenant->domain->revision.store(revision.number(), std::memory_order_seq_cst);
    // Of a change that leaves no record behind, the tenant keeps the revision.
    if (stores() && write->batch.empty()) {
      write->batch.Put(KieTenantRecordKey(tenant->name),
                       KieTenantRecord(revision, tenant->forgotten));
    }
  }
  const auto growth =
      static_cast<std::size_t>(write->growth);  // Adding wraps where it is negative.
  tenant->items.fetch_add(growth, std::memory_order_relaxed);
  tenant->domain->items.fetch_add(growth, std::memory_order_relaxed);
  items_.fetch_add(growth, std::memory_order_relaxed);
  write->changes.clear();
  write->by_id.clear();
  write->growth = 0;
  if (watch_->is_watched()) [[unlikely]]
    watch_->Publish(revision, std::span(write->steps).subspan(first_step));
  ArmHistoryTimer();
  if (stores()) journal_->Append(revision, std::exchange(write->batch, {}));
  return revision;
}

void KieCore::Stamp(Write* write, const Change& change, const Moment& moment) const {
  const bool is_new = change.item->versions.empty();
  if (is_new && change.next == nullptr) return;  // Made and unmade by one write.
  if (change.next != nullptr) {
    KeyValue& next = *change.next;
    next.update_revision = moment.revision;
    next.update_time = moment.time;
    if (!next.create_revision) {
      next.create_revision = moment.revision;
      next.create_time = moment.time;
    }
  }
  if (!stores()) return;
  const KvIdentity& identity = *change.item->identity;
  if (is_new) write->batch.Put(KvRecordKey(identity), KvRecord(identity, false));
  write->batch.Put(KvStateRecordKey(identity, moment.revision),
                   KvStateRecord(moment.wall, change.next.get()));
}

void KieCore::ApplyOne(Write* write, KieTenant* tenant, const Change& change,
                       const Moment& moment) {
  KvItem& item = *change.item;
  const bool is_new = item.versions.empty();
  KeyValuePtr before = is_new ? nullptr : item.versions.back().kv;
  if (before == nullptr && change.next == nullptr) return;  // Made and unmade by one write.
  item.Add({moment.revision, moment.time, moment.now, change.next});
  if (is_new) tenant->by_id.emplace(item.identity->id, change.item);
  if (before == nullptr && !is_new) tenant->gone.Remove(&item);
  if (before == nullptr) tenant->live.Add(&item);
  if (change.next == nullptr) {
    tenant->live.Remove(&item);
    tenant->gone.Add(&item);
  }
  if (!is_new) {
    Trim(tenant, &item, moment.now, &write->dropped, &write->batch);
    aging_.push_back({moment.now, tenant, change.item});
  }
  write->steps.push_back({std::move(before), change.next});
}

void KieCore::Announce(const Write& write) {
  waits_->Publish(write.tenant->name, write.steps);
  if (watch_->has_pending()) [[unlikely]]
    watch_->Deliver();
}

Result<WrittenKv> KieCore::Create(const KieHandle& handle, KvSpec spec) {
  if (Status good = CheckSpec(handle.tenant, spec); !good.ok()) return good.error();
  const std::string id = KvId(handle.tenant, spec.key, spec.labels);
  Write write;
  Revision revision;
  {
    base::MutexLock lock(&writer_->mu);
    if (Status writable = Writable(); !writable.ok()) return writable.error();
    const Result<KieTenant*> tenant = WritableTenant(handle);
    if (!tenant.ok()) return tenant.error();
    write.tenant = *tenant;
    if (Status staged = StageCreate(&write, &spec, id); !staged.ok()) return staged.error();
    revision = Apply(&write);
  }
  Announce(write);
  return WrittenKv{id, revision, write.steps.front().after};
}

Result<WrittenKv> KieCore::Update(const KieHandle& handle, std::string_view id, KvUpdate update) {
  if (Status good = CheckUpdate(handle.tenant, id, update); !good.ok()) return good.error();
  Write write;
  write.tenant = tenants_.Find(handle);
  if (write.tenant == nullptr) return KvNotExists();
  Revision revision;
  {
    base::MutexLock lock(&writer_->mu);
    if (Status writable = Writable(); !writable.ok()) return writable.error();
    Result<std::shared_ptr<KvItem>> item = LiveItem(*write.tenant, id);
    if (!item.ok()) return item.error();
    StageUpdate(&write, *std::move(item), std::move(update));
    revision = Apply(&write);
  }
  Announce(write);
  return WrittenKv{std::string(id), revision, write.steps.front().after};
}

Result<Revision> KieCore::Delete(const KieHandle& handle, std::string_view id) {
  Write write;
  write.tenant = tenants_.Find(handle);
  if (write.tenant == nullptr) return KvNotExists();
  Revision revision;
  {
    base::MutexLock lock(&writer_->mu);
    if (Status writable = Writable(); !writable.ok()) return writable.error();
    Result<std::shared_ptr<KvItem>> item = LiveItem(*write.tenant, id);
    if (!item.ok()) return item.error();
    Stage(&write, *std::move(item), nullptr);
    revision = Apply(&write);
  }
  Announce(write);
  return revision;
}

Result<Revision> KieCore::DeleteMany(const KieHandle& handle, std::span<const std::string> ids) {
  Write write;
  Revision revision;
  {
    base::MutexLock lock(&writer_->mu);
    if (Status writable = Writable(); !writable.ok()) return writable.error();
    write.tenant = tenants_.Find(handle);
    if (write.tenant == nullptr) {
      // Nothing is there to be deleted; only the call that names nothing takes a revision (5.6.3).
      if (!ids.empty() || !IsKieTenant(handle.tenant)) return Revision();
      const Result<KieTenant*> tenant = WritableTenant(handle);
      if (!tenant.ok()) return tenant.error();
      write.tenant = *tenant;
    }
    for (const std::string& id : ids) {
      std::shared_ptr<KvItem> item = FindItem(*write.tenant, id);
      if (item == nullptr || Staged(write, *item) == nullptr) continue;
      Stage(&write, std::move(item), nullptr);
    }
    if (write.changes.empty() && !ids.empty()) return Revision();
    revision = Apply(&write);
  }
  Announce(write);
  return revision;
}

}  // namespace skep::core
