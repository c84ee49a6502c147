// KieCore: taking over what a former engine has stored (kie_records.h).
//
// A state's age goes on from where it was: the storage has wall times, and what has passed since
// then on the wall clock counts as passed on the monotonic one.
#include <algorithm>
#include <string>
#include <utility>

#include "base/record_bytes.h"
#include "kie/core/kie_core.h"
#include "kie/core/kie_records.h"

namespace skep::core {
namespace {

// So many states between two lines of the log.
constexpr std::size_t kStatesPerLine = 250'000;

constexpr std::string_view kFromLater = "is of a later revision than any that was handed out";

}  // namespace

struct KieCore::Loading {
  const Storage& storage;
  KieTenant* tenant = nullptr;
  std::shared_ptr<KvItem> item{};  ///< The one whose states come.
  std::string item_key{};
  std::size_t states = 0;
  const WallTime wall_now;
  const MonotonicTime now;
};

Status KieCore::Load(const Storage& storage) {
  writer_->mu.AssertHeld();  // As good as: nobody else is here.
  Loading loading{.storage = storage, .wall_now = clock_->WallNow(), .now = clock_->Now()};
  Status read = base::ForEachRecord(storage, kKvRecords,
                                    [&](std::string_view key, std::string_view value) -> Status {
                                      writer_->mu.AssertHeld();
                                      StoredKvKey name;
                                      if (!ReadKvRecordKey(key, &name))
                                        return base::BadRecord(key, value);
                                      if (name.revision.has_value())
                                        return LoadState(key, value, name, &loading);
                                      if (Status entered = EnterLoaded(&loading); !entered.ok())
                                        return entered;
                                      return LoadItem(key, value, name, &loading);
                                    });
  if (!read.ok()) return read;
  if (Status entered = EnterLoaded(&loading); !entered.ok()) return entered;
  if (Status tenants = LoadTenants(storage); !tenants.ok()) return tenants;
  std::ranges::sort(aging_, {}, &Aging::at);
  return {};
}

void KieCore::Start() {
  base::MutexLock lock(&writer_->mu);
  ArmHistoryTimer();
}

KieTenant* KieCore::TenantToLoad(std::string_view domain, std::string_view project) {
  const KieHandle handle(Tenant{std::string(domain), std::string(project)});
  KieTenant* known = tenants_.Find(handle);
  return known != nullptr ? known : tenants_.Add(handle);
}

Status KieCore::LoadItem(std::string_view key, std::string_view value, const StoredKvKey& name,
                         Loading* loading) {
  StoredKv stored;
  if (!ReadKvRecord(value, &stored)) return base::BadRecord(key, value);
  KieTenant* tenant = loading->tenant;
  if (tenant == nullptr || tenant->name.domain != name.domain ||
      tenant->name.project != name.project) {
    tenant = loading->tenant = TenantToLoad(name.domain, name.project);
  }
  KvSpec spec;
  spec.key = std::move(stored.key);
  spec.labels = std::move(stored.labels);
  loading->item = NewItem(tenant, spec, std::string(name.id));
  loading->item->trimmed = stored.trimmed;
  loading->item_key = key;
  return {};
}

Status KieCore::LoadState(std::string_view key, std::string_view value, const StoredKvKey& name,
                          Loading* loading) {
  KvItem* item = loading->item.get();
  // An item's key is the beginning of its states' keys.
  if (item == nullptr || !key.starts_with(loading->item_key) || item->identity->id != name.id) {
    return base::BadRecord(key, value, "is a state of an item that is not there");
  }
  StoredKvState stored;
  if (!ReadKvStateRecord(value, &stored)) return base::BadRecord(key, value);
  const Revision revision = *name.revision;
  if (revision > writer_->revisions.last()) return base::BadRecord(key, value, kFromLater);
  KvVersion version{.revision = revision,
                    .time = std::chrono::floor<std::chrono::seconds>(stored.time),
                    .at = loading->now - std::max(loading->wall_now - stored.time, Millis(0)),
                    .kv = nullptr};
  if (!stored.deleted) {
    auto kv = std::make_shared<KeyValue>(item->identity, &item_memos_);
    kv->value = std::move(stored.value);
    kv->check = std::move(stored.check);
    kv->status = stored.status;
    kv->value_type = stored.value_type;
    kv->priority = stored.priority;
    kv->create_revision = stored.create_revision;
    kv->create_time = stored.create_time;
    kv->update_revision = revision;
    kv->update_time = version.time;
    version.kv = std::move(kv);
  }
  item->Add(std::move(version));
  if (++loading->states % kStatesPerLine == 0) {
    log_(LogLevel::kInfo, "loading: " + std::to_string(loading->states) + " states so far");
  }
  return {};
}

// The item with all of its states.
Status KieCore::EnterLoaded(Loading* loading) {
  const std::shared_ptr<KvItem> item = std::exchange(loading->item, nullptr);
  if (item == nullptr) return {};
  if (item->versions.empty()) return base::BadRecord(loading->item_key, {}, "has no state");
  KieTenant* tenant = loading->tenant;
  const bool exists = item->current() != nullptr;
  {
    base::MutexLock writing(tenant->lock.mutex());
    base::ReaderLock::Writer alone(&tenant->lock);
    tenant->by_id.emplace(item->identity->id, item);
    (exists ? tenant->live : tenant->gone).Add(item.get());
    Reach(tenant, item->versions.back().revision);
  }
  // As in ApplyOne: each state but the first has put an end to another one.
  for (std::size_t i = item->trimmed ? 0 : 1; i < item->versions.size(); ++i) {
    aging_.push_back({item->versions[i].at, tenant, item});
  }
  if (!exists) return {};
  tenant->items.fetch_add(1, std::memory_order_relaxed);
  tenant->domain->items.fetch_add(1, std::memory_order_relaxed);
  items_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

Status KieCore::LoadTenants(const Storage& storage) {
  return base::ForEachRecord(
      storage, kKieTenantRecords, [this](std::string_view key, std::string_view value) -> Status {
        writer_->mu.AssertHeld();
        StoredKieTenant stored;
        if (!ReadKieTenantRecord(key, value, &stored)) return base::BadRecord(key, value);
        if (std::max(stored.revision, stored.forgotten) > writer_->revisions.last()) {
          return base::BadRecord(key, value, kFromLater);
        }
        KieTenant* tenant = TenantToLoad(stored.domain, stored.project);
        base::MutexLock writing(tenant->lock.mutex());
        base::ReaderLock::Writer alone(&tenant->lock);
        tenant->forgotten = stored.forgotten;
        Reach(tenant, stored.revision);
        return {};
      });
}

// The domain's newest change is this one at least.
void KieCore::Reach(KieTenant* tenant, Revision revision) {
  std::atomic<std::uint64_t>& newest = tenant->domain->revision;
  if (newest.load(std::memory_order_relaxed) < revision.number()) {
    newest.store(revision.number(), std::memory_order_seq_cst);
  }
}

}  // namespace skep::core
