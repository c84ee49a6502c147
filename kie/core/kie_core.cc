// KieCore: construction, reads and waits. Writes are in kie_write.cc, imports in kie_import.cc,
// watches in kie_watch.cc, what concerns former states in kie_history.cc.
#include "kie/core/kie_core.h"

#include <utility>

#include "kie/core/errors.h"
#include "kie/core/kv_order.h"
#include "kie/core/validation.h"

namespace skep::core {
namespace {

// One part in so many of all memos is for lists.
constexpr std::size_t kListMemoShare = 3;

}  // namespace

KieCore::KieCore(const KieOptions& options, Parts parts)
    : options_(options),
      clock_(parts.clock),
      timers_(parts.clock),
      writer_(parts.writer),
      watermark_(parts.watermark),
      log_(parts.log ? std::move(parts.log) : NoLog()),
      journal_(parts.journal),
      item_memos_(options.memo_bytes_max - options.memo_bytes_max / kListMemoShare),
      list_memos_(options.memo_bytes_max / kListMemoShare),
      waits_(std::make_shared<WaitTable>(parts.clock, options.waits_max)),
      watch_(std::make_shared<KvWatchHub>(
          static_cast<base::WatchSource<KvWatching>*>(this), parts.clock, &parts.writer->revisions,
          base::WatchLimits{.watches_max = options.watches_max,
                            .queue_max = options.watch_queue_max,
                            .entries_kept = options.watch_events_kept})),
      polls_(options.polls_max, options.poll_items_max) {}

KieCore::~KieCore() {
  Stop();
  watch_->Abandon();
}

void KieCore::Stop() {
  {
    base::MutexLock lock(&writer_->mu);
    stopped_ = true;
  }
  // Not under the lock: it waits for a running RunHistoryTimer, which takes it.
  timers_.Close();
  waits_->Close();
  watch_->Close();
}

KieCounts KieCore::counts() const {
  return {.tenants = tenants_.size(),
          .items = items_.load(std::memory_order_relaxed),
          .waits = waits_->size(),
          .watches = watch_->size(),
          .memo_bytes = item_memos_.used() + list_memos_.used()};
}

Result<KieCore::Selection> KieCore::Select(const Tenant& tenant, const KvQuery& query) {
  Selection selection;
  selection.match = query.match;
  for (const auto& [name, value] : query.labels) selection.labels[std::string(name)] = value;
  if (Status good = CheckQuery(tenant, query, selection.labels); !good.ok()) return good.error();
  Result<KvFilter> filter = KvFilter::Make(query);
  if (!filter.ok()) return filter.error();
  selection.filter = *std::move(filter);
  return selection;
}

Status KieCore::CheckReached(Revision revision) const {
  const Revision newest = writer_->revisions.last();
  if (revision > newest) return KvFuture(revision, newest);
  return {};
}

Result<KeyValuePtr> KieCore::Get(const KieHandle& handle, std::string_view id) const {
  if (Status good = CheckGet(handle.tenant, id); !good.ok()) return good.error();
  const KieTenant* tenant = tenants_.Find(handle);
  if (tenant == nullptr) return KvNotExists();
  base::ReaderLock::Reader reading(&tenant->lock);
  const auto at = tenant->by_id.find(id);
  if (at == tenant->by_id.end()) return KvNotExists();
  const KvVersion& newest = at->second->versions.back();
  if (newest.kv == nullptr) return KvNotExists(newest.revision);
  return newest.kv;
}

void KieCore::Gather(const KieTenant& tenant, const Labels& labels, LabelMatch match,
                     std::vector<KeyValuePtr>* found) {
  tenant.live.ForEach(labels, match,
                      [&](const KvItem& item) { found->push_back(item.versions.back().kv); });
}

Result<KvList> KieCore::List(const KieHandle& handle, const KvQuery& query) const {
  const Result<Selection> selection = Select(handle.tenant, query);
  if (!selection.ok()) return selection.error();
  if (query.as_of.has_value()) return ListAsOf(handle, query, *selection);
  const KieTenant* tenant = tenants_.Find(handle);
  if (tenant == nullptr) return KvList({}, 0, DomainRevision(handle));

  std::vector<KeyValuePtr> found;
  Revision revision;
  {
    base::ReaderLock::Reader reading(&tenant->lock);
    revision = Revision(tenant->domain->revision.load(std::memory_order_acquire));
    Gather(*tenant, selection->labels, selection->match, &found);
  }
  std::erase_if(found, [&](const KeyValuePtr& kv) { return !selection->filter.Passes(*kv); });
  const std::size_t total = found.size();
  SortPage(query, &found);
  return KvList(std::move(found), total, revision);
}

Status KieCore::Check(const KieHandle& handle, const KvQuery& query) const {
  const Result<Selection> selection = Select(handle.tenant, query);
  if (!selection.ok()) return selection.error();
  return query.as_of.has_value() ? CheckReached(*query.as_of) : Status();
}

Revision KieCore::DomainRevision(const KieHandle& handle) const {
  const KieDomain* domain = tenants_.FindDomain(handle);
  return domain == nullptr ? Revision()
                           : Revision(domain->revision.load(std::memory_order_seq_cst));
}

std::size_t KieCore::Size(const KieHandle& handle) const {
  const KieTenant* tenant = tenants_.Find(handle);
  return tenant == nullptr ? 0 : tenant->items.load(std::memory_order_relaxed);
}

std::size_t KieCore::DomainSize(const KieHandle& handle) const {
  const KieDomain* domain = tenants_.FindDomain(handle);
  return domain == nullptr ? 0 : domain->items.load(std::memory_order_relaxed);
}

Result<std::shared_ptr<KvWaiter>> KieCore::Wait(const KieHandle& handle, const KvQuery& query,
                                                std::optional<Revision> known, Millis timeout,
                                                WaitFn fn) {
  Result<Selection> selection = Select(handle.tenant, query);
  if (!selection.ok()) return selection.error();
  const auto is_stale = [&] { return known.has_value() && *known != DomainRevision(handle); };
  // Whether it would really wait is asked before how long (spec kie 5.1.3, 7.1).
  if (is_stale()) {
    fn(WaitEnd::kChanged);
    return std::shared_ptr<KvWaiter>();
  }
  if (timeout > options_.wait_max) return KvWaitTooLong();
  if (timeout <= Millis(0)) {
    fn(WaitEnd::kTimedOut);
    return std::shared_ptr<KvWaiter>();
  }
  std::string topic = LabelTopic(handle.tenant, selection->match, LabelFormat(selection->labels));
  Result<std::shared_ptr<KvWaiter>> waiter =
      waits_->Add(std::move(topic), std::move(selection->filter), timeout, std::move(fn));
  // Compared again now that a change would be noticed: one that came before is noticed here.
  if (waiter.ok() && is_stale()) waits_->End(waiter->get(), WaitEnd::kChanged);
  return waiter;
}

void KieCore::TrackPoll(const KieHandle& handle, PollRecord record) {
  record.time = clock_->WallNow();
  polls_.Add(handle.tenant, std::move(record));
}

}  // namespace skep::core
