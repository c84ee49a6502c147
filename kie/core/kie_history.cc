// KieCore: former states. Lists and differences of revisions, roll-backs, and what is forgotten.
//
// Every state lies with its item; which one held at a revision is read off the item itself. An
// item's labels never change, so the two label indexes of a tenant, of items that exist and of
// deleted ones, also say what matched at any revision.
#include <algorithm>
#include <utility>

#include "kie/core/errors.h"
#include "kie/core/kie_core.h"
#include "kie/core/kie_records.h"
#include "kie/core/kv_order.h"
#include "kie/core/validation.h"

namespace skep::core {
namespace {

constexpr std::size_t kWireHistoryMax = 100;  // Spec kie 6.9.1.
constexpr std::size_t kForgottenAtOnce = 1024;

// While nothing may be changed, so often it is asked whether that is over.
constexpr Millis kFrozenPause{1000};

bool HasContentOf(const KeyValue& kv, const KeyValue& other) {
  return kv.value == other.value && kv.status == other.status &&
         kv.value_type == other.value_type && kv.priority == other.priority &&
         kv.check == other.check;
}

}  // namespace

Result<KvHistory> KieCore::History(const KieHandle& handle, std::string_view id,
                                   const HistoryQuery& query) const {
  if (Status good = CheckPage(query.offset, query.limit, 0); !good.ok()) return good.error();
  const KieTenant* tenant = tenants_.Find(handle);
  if (tenant == nullptr) return KvNotExists();
  const bool current = query.generations == Generations::kCurrent;
  KvHistory history;
  {
    base::ReaderLock::Reader reading(&tenant->lock);
    const auto at = tenant->by_id.find(id);
    if (at == tenant->by_id.end()) return KvNotExists();
    const KvItem& item = *at->second;
    if (current && item.current() == nullptr) return KvNotExists(item.versions.back().revision);
    for (auto version = item.versions.rbegin(); version != item.versions.rend(); ++version) {
      if (current && (version->kv == nullptr || history.changes.size() == kWireHistoryMax)) {
        break;
      }
      history.changes.push_back({version->revision, version->time, version->kv});
    }
    history.complete = !item.trimmed && history.changes.size() == item.versions.size();
  }
  history.total = history.changes.size();
  if (!query.limit.has_value()) return history;
  auto& changes = history.changes;
  changes.erase(
      changes.begin(),
      changes.begin() + std::min(query.offset, static_cast<std::int64_t>(changes.size())));
  if (*query.limit < static_cast<std::int64_t>(changes.size())) {
    changes.resize(static_cast<std::size_t>(*query.limit));
  }
  return history;
}

Result<std::vector<KieCore::Past>> KieCore::Look(const KieTenant& tenant,
                                                 const Selection& selection, Revision from,
                                                 Revision to) const {
  std::vector<Past> found;
  {
    base::ReaderLock::Reader reading(&tenant.lock);
    if (std::min(from, to) < tenant.forgotten) return KvCompacted(std::min(from, to));
    const auto look = [&](const KvItem& item) {
      found.push_back({item.identity, item.At(from), item.At(to)});
    };
    tenant.live.ForEach(selection.labels, selection.match, look);
    tenant.gone.ForEach(selection.labels, selection.match, look);
  }
  std::erase_if(found,
                [&](const Past& past) { return !selection.filter.PassesKey(past.identity->key); });
  for (const Past& past : found) {
    if (!past.from.is_kept) return KvCompacted(from);
    if (!past.to.is_kept) return KvCompacted(to);
  }
  return found;
}

Result<KvList> KieCore::ListAsOf(const KieHandle& handle, const KvQuery& query,
                                 const Selection& selection) const {
  const Revision at = *query.as_of;
  if (Status reached = CheckReached(at); !reached.ok()) return reached.error();
  const KieTenant* tenant = tenants_.Find(handle);
  if (tenant == nullptr) return KvList({}, 0, at);
  Result<std::vector<Past>> past = Look(*tenant, selection, at, at);
  if (!past.ok()) return past.error();
  std::vector<KeyValuePtr> found;
  for (Past& item : *past) {
    if (item.to.kv == nullptr || !selection.filter.Passes(*item.to.kv)) continue;
    found.push_back(std::move(item.to.kv));
  }
  const std::size_t total = found.size();
  SortPage(query, &found);
  return KvList(std::move(found), total, at);
}

Result<std::vector<KvDifference>> KieCore::Difference(const KieHandle& handle, Revision from,
                                                      Revision to, const KvQuery& query) const {
  const Result<Selection> selection = Select(handle.tenant, query);
  if (!selection.ok()) return selection.error();
  if (Status reached = CheckReached(std::max(from, to)); !reached.ok()) return reached.error();
  const KieTenant* tenant = tenants_.Find(handle);
  if (tenant == nullptr) return std::vector<KvDifference>();
  Result<std::vector<Past>> past = Look(*tenant, *selection, from, to);
  if (!past.ok()) return past.error();
  std::erase_if(*past, [](const Past& item) { return item.from.kv == item.to.kv; });
  std::ranges::sort(
      *past, [](const Past& a, const Past& b) { return IsBefore(*a.identity, *b.identity); });
  std::vector<KvDifference> differences;
  differences.reserve(past->size());
  for (Past& item : *past) {
    differences.push_back({std::move(item.from.kv), std::move(item.to.kv)});
  }
  return differences;
}

void KieCore::StageFormer(Write* write, std::shared_ptr<KvItem> item,
                          const KeyValuePtr& former) const {
  const KeyValue* now = item->current();
  if (former == nullptr) {
    if (now != nullptr) Stage(write, std::move(item), nullptr);
    return;
  }
  if (now != nullptr && HasContentOf(*now, *former)) return;
  auto next = std::make_shared<KeyValue>(item->identity, &item_memos_);
  next->value = former->value;
  next->check = former->check;
  next->status = former->status;
  next->value_type = former->value_type;
  next->priority = former->priority;
  if (now != nullptr) {
    next->create_revision = now->create_revision;
    next->create_time = now->create_time;
  }
  Stage(write, std::move(item), std::move(next));
}

Result<WrittenKv> KieCore::RollBack(const KieHandle& handle, std::string_view id, Revision to) {
  Write write;
  write.tenant = tenants_.Find(handle);
  Revision revision;
  {
    base::MutexLock lock(&writer_->mu);
    if (Status writable = Writable(); !writable.ok()) return writable.error();
    if (Status reached = CheckReached(to); !reached.ok()) return reached.error();
    std::shared_ptr<KvItem> item = write.tenant == nullptr ? nullptr : FindItem(*write.tenant, id);
    if (item == nullptr) return KvNotExists();
    const KvState former = item->At(to);
    if (!former.is_kept) return KvCompacted(to);
    const KvVersion now = item->versions.back();
    if (former.kv == nullptr && now.kv == nullptr) return KvNotExists(now.revision);
    if (now.kv == nullptr && !HasRoom(write)) return KvQuotaReached();
    StageFormer(&write, std::move(item), former.kv);
    if (write.changes.empty()) return WrittenKv{std::string(id), now.revision, now.kv};
    revision = Apply(&write);
  }
  Announce(write);
  return WrittenKv{std::string(id), revision, write.steps.front().after};
}

Result<Revision> KieCore::RollBack(const KieHandle& handle, const KvQuery& query, Revision to) {
  const Result<Selection> selection = Select(handle.tenant, query);
  if (!selection.ok()) return selection.error();
  Write write;
  write.tenant = tenants_.Find(handle);
  Revision revision;
  {
    base::MutexLock lock(&writer_->mu);
    if (Status writable = Writable(); !writable.ok()) return writable.error();
    if (Status reached = CheckReached(to); !reached.ok()) return reached.error();
    if (write.tenant == nullptr) return Revision();
    Result<std::vector<Past>> past = Look(*write.tenant, *selection, to, to);
    if (!past.ok()) return past.error();
    for (const Past& item : *past) {
      StageFormer(&write, FindItem(*write.tenant, item.identity->id), item.to.kv);
    }
    if (write.changes.empty()) return Revision();
    --write.growth;  // There is room for all of them where there is room for one after all others.
    const bool fits = write.growth < 0 || HasRoom(write);
    ++write.growth;
    if (!fits) return KvQuotaReached();
    revision = Apply(&write);
  }
  Announce(write);
  return revision;
}

void KieCore::Trim(KieTenant* tenant, KvItem* item, MonotonicTime now,
                   std::vector<KvVersion>* dropped, WriteBatch* batch) const {
  KvVersions& versions = item->versions;
  const std::size_t kept_max = std::max<std::size_t>(options_.history_max, 1);
  std::size_t drop = versions.size() > kept_max ? versions.size() - kept_max : 0;
  const std::size_t kept_min =
      item->current() != nullptr ? std::max<std::size_t>(options_.history_min, 1) : 1;
  // A state is as old as the one that took its place.
  while (versions.size() - drop > kept_min &&
         versions[drop + 1].at + options_.history_age_max <= now) {
    ++drop;
  }
  if (drop > 0) {
    const auto end = versions.begin() + static_cast<std::ptrdiff_t>(drop);
    if (stores()) {
      for (auto at = versions.begin(); at != end; ++at) {
        batch->Delete(KvStateRecordKey(*item->identity, at->revision));
      }
      if (!item->trimmed) batch->Put(KvRecordKey(*item->identity), KvRecord(*item->identity, true));
    }
    dropped->insert(dropped->end(), std::make_move_iterator(versions.begin()),
                    std::make_move_iterator(end));
    versions.erase(versions.begin(), end);
    item->trimmed = true;
  }
  const bool is_forgotten = item->current() == nullptr && versions.size() == 1 &&
                            versions.front().at + options_.history_age_max <= now;
  if (is_forgotten) Forget(tenant, item, batch);
}

void KieCore::Forget(KieTenant* tenant, KvItem* item, WriteBatch* batch) const {
  const Revision deletion = item->versions.back().revision;
  tenant->forgotten = std::max(tenant->forgotten, deletion);
  if (stores()) {
    // The deletion may be the domain's newest change.
    const Revision newest(tenant->domain->revision.load(std::memory_order_relaxed));
    batch->Delete(KvStateRecordKey(*item->identity, deletion));
    batch->Delete(KvRecordKey(*item->identity));
    batch->Put(KieTenantRecordKey(tenant->name),
               KieTenantRecord(std::max(newest, deletion), tenant->forgotten));
  }
  tenant->gone.Remove(item);
  item->removed = true;
  tenant->by_id.erase(item->identity->id);
}

void KieCore::ArmHistoryTimer() {
  if (stopped_ || aging_.empty() || history_timer_set_) return;
  history_timer_set_ = true;
  timers_.Schedule(aging_.front().at + options_.history_age_max, [this] { RunHistoryTimer(); });
}

void KieCore::RunHistoryTimer() {
  std::vector<KvVersion> dropped;  // Freed after the locks.
  std::vector<Aging> looked_at;
  base::MutexLock lock(&writer_->mu);
  history_timer_set_ = false;
  if (stopped_) return;
  if (!Writable().ok()) {
    history_timer_set_ = true;
    timers_.Schedule(clock_->Now() + kFrozenPause, [this] { RunHistoryTimer(); });
    return;
  }
  WriteBatch batch;
  AgeHistory(&dropped, &looked_at, &batch);
  ArmHistoryTimer();
  // What is forgotten on disk takes its turn among the changes, and shows nowhere.
  if (!batch.empty()) journal_->Append(writer_->revisions.Next(), std::move(batch));
}

void KieCore::AgeHistory(std::vector<KvVersion>* dropped, std::vector<Aging>* looked_at,
                         WriteBatch* batch) {
  const MonotonicTime now = clock_->Now();
  while (!aging_.empty() && looked_at->size() < kForgottenAtOnce &&
         aging_.front().at + options_.history_age_max <= now) {
    Aging aging = std::move(aging_.front());
    aging_.pop_front();
    if (!aging.item->removed) {
      base::MutexLock writing(aging.tenant->lock.mutex());
      base::ReaderLock::Writer alone(&aging.tenant->lock);
      Trim(aging.tenant, aging.item.get(), now, dropped, batch);
    }
    looked_at->push_back(std::move(aging));
  }
}

}  // namespace skep::core
