// KieCore: the configuration center of one engine. Its rules, its tables, and its part in the
// engine's one order of writes.
//
// A write checks its input, and hashes its id, with no lock held. Then, under the engine's writer
// lock, it looks at what is there, stages its changes, takes a revision and applies them under the
// tenant's lock, all at once; then, with no lock held, it wakes who waits. Reads take the tenant's
// lock shared, gather references to what their labels match, and filter, sort and copy without it.
//
// Who watches is told by entries that a change leaves with the hub under the writer's lock
// (base/watch_hub.h), and that are delivered where those who wait are woken.
//
// Lock order: the hub's, the writer's, then one tenant's; KieTenants' and WaitTable's are taken
// alone, the clock's under any of them (Schedule only).
#ifndef SKEP_KIE_CORE_KIE_CORE_H_
#define SKEP_KIE_CORE_KIE_CORE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/timer_group.h"
#include "base/writer.h"
#include "kie/core/key_filter.h"
#include "kie/core/kie_tenants.h"
#include "kie/core/kv_watch_hub.h"
#include "kie/core/poll_track.h"
#include "kie/core/wait_table.h"
#include "skep/clock.h"
#include "skep/kie/config_center.h"
#include "skep/kie/options.h"
#include "skep/log.h"
#include "skep/memo.h"
#include "skep/storage.h"
#include "storage/journal.h"

namespace skep::core {

struct StoredKvKey;  // kie_records.h

struct KieCounts {
  std::size_t tenants = 0;
  std::size_t items = 0;
  std::size_t waits = 0;
  std::size_t watches = 0;
  std::size_t memo_bytes = 0;
};

class KieCore : private base::WatchSource<KvWatching> {
 public:
  struct Parts {
    Clock* clock = nullptr;                   ///< Outlives the core.
    base::Writer* writer = nullptr;           ///< Outlives the core.
    storage::Watermark* watermark = nullptr;  ///< Null: all is durable at once. Outlives the core.
    LogSink log{};
    storage::Journal* journal = nullptr;  ///< Null: nothing is stored. Outlives the core.
  };

  KieCore(const KieOptions& options, Parts parts);
  ~KieCore() override;
  KieCore(const KieCore&) = delete;
  KieCore& operator=(const KieCore&) = delete;

  const KieOptions& options() const { return options_; }
  MemoBudget* memos() const { return &list_memos_; }

  /// Where the public verbs wait; null: nothing to wait for.
  storage::Watermark* watermark() const { return watermark_; }

  /// Ends all waits, watches and timers.
  void Stop();

  /// Takes over what a former engine has stored. Once, before anything else. Errors: what the
  /// storage says, kStorageCorrupt and kStorageNewer, which name the record's key; then the core is
  /// of no use.
  /// Locking: none. Nobody else is here yet; the registry may load beside it.
  Status Load(const Storage& storage);
  /// Sets the timers of what was loaded. Once, when all parts of the engine have loaded.
  void Start();

  KieCounts counts() const;

  // In the order of the public header, which states the contracts.

  Result<WrittenKv> Create(const KieHandle& tenant, KvSpec spec);
  Result<WrittenKv> Update(const KieHandle& tenant, std::string_view id, KvUpdate update);
  Result<KeyValuePtr> Get(const KieHandle& tenant, std::string_view id) const;
  Result<KvList> List(const KieHandle& tenant, const KvQuery& query) const;
  Status Check(const KieHandle& tenant, const KvQuery& query) const;
  Result<Revision> Delete(const KieHandle& tenant, std::string_view id);
  Result<Revision> DeleteMany(const KieHandle& tenant, std::span<const std::string> ids);
  Result<ImportResult> Import(const KieHandle& tenant, std::vector<KvSpec> items,
                              const ImportOptions& options);

  Revision DomainRevision(const KieHandle& tenant) const;
  std::size_t Size(const KieHandle& tenant) const;
  std::size_t DomainSize(const KieHandle& tenant) const;
  Result<KvHistory> History(const KieHandle& tenant, std::string_view id,
                            const HistoryQuery& query) const;
  Result<std::vector<KvDifference>> Difference(const KieHandle& tenant, Revision from, Revision to,
                                               const KvQuery& query) const;
  Result<WrittenKv> RollBack(const KieHandle& tenant, std::string_view id, Revision to);
  Result<Revision> RollBack(const KieHandle& tenant, const KvQuery& query, Revision to);

  Result<std::shared_ptr<KvWaiter>> Wait(const KieHandle& tenant, const KvQuery& query,
                                         std::optional<Revision> known, Millis timeout, WaitFn fn);

  Result<KvWatch> Watch(const KieHandle& tenant, const KvQuery& query, const WatchOptions& options);

  void TrackPoll(const KieHandle& tenant, PollRecord record);
  std::vector<std::shared_ptr<const PollRecord>> Polls(const KieHandle& tenant,
                                                       const PollQuery& query) const {
    return polls_.Find(tenant.tenant, query);
  }

 private:
  // What a query selects by.
  struct Selection {
    Labels labels;
    LabelMatch match = LabelMatch::kSubset;
    KvFilter filter;
  };

  // One item's next state; null: deleted.
  struct Change {
    std::shared_ptr<KvItem> item;
    std::shared_ptr<KeyValue> next;
  };

  // When a write became visible.
  struct Moment {
    Revision revision;
    WallTime wall;
    std::chrono::sys_seconds time;
    MonotonicTime now;
  };

  // A write on its way: what it will change, then what it changed.
  struct Write {
    KieTenant* tenant = nullptr;
    std::vector<Change> changes;
    absl::flat_hash_map<std::string_view, std::size_t> by_id;  ///< Into changes.
    std::ptrdiff_t growth = 0;                                 ///< Of the number of items.

    std::vector<KvStep> steps;
    std::vector<KvVersion> dropped;  ///< Freed with no lock held.
    WriteBatch batch;                ///< Of the next revision; empty without a storage.
  };

  static Result<Selection> Select(const Tenant& tenant, const KvQuery& query);
  /// The present states of the items whose labels match.
  static void Gather(const KieTenant& tenant, const Labels& labels, LabelMatch match,
                     std::vector<KeyValuePtr>* found) ABSL_SHARED_LOCKS_REQUIRED(tenant.lock);
  Status CheckReached(Revision revision) const;

  // Storage: kie_load.cc, and what writes put there.
  struct Loading;

  /// An error where nothing may be changed now.
  Status Writable() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_->mu) {
    if (journal_ == nullptr) [[likely]]
      return {};
    return journal_->Writable();
  }
  bool stores() const { return journal_ != nullptr; }
  KieTenant* TenantToLoad(std::string_view domain, std::string_view project)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_->mu);
  Status LoadItem(std::string_view key, std::string_view value, const StoredKvKey& name,
                  Loading* loading) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_->mu);
  Status LoadState(std::string_view key, std::string_view value, const StoredKvKey& name,
                   Loading* loading) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_->mu);
  Status EnterLoaded(Loading* loading) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_->mu);
  Status LoadTenants(const Storage& storage) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_->mu);
  static void Reach(KieTenant* tenant, Revision revision);

  // Writes: kie_write.cc and kie_import.cc.
  Result<KieTenant*> WritableTenant(const KieHandle& handle)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_->mu);
  std::shared_ptr<KvItem> FindItem(const KieTenant& tenant, std::string_view id) const;
  /// Errors: kNotExists, also for one that was deleted.
  Result<std::shared_ptr<KvItem>> LiveItem(const KieTenant& tenant, std::string_view id) const;
  std::shared_ptr<KvItem> NewItem(KieTenant* tenant, const KvSpec& spec, std::string id) const;
  /// The item that this write has made, or that is there; null: neither.
  std::shared_ptr<KvItem> StagedItem(const Write& write, std::string_view id) const;
  /// The item's state as this write leaves it so far.
  static const KeyValue* Staged(const Write& write, const KvItem& item);
  void Stage(Write* write, std::shared_ptr<KvItem> item, std::shared_ptr<KeyValue> next) const;
  bool HasRoom(const Write& write) const;
  Status StageCreate(Write* write, KvSpec* spec, const std::string& id) const;
  void StageUpdate(Write* write, std::shared_ptr<KvItem> item, KvUpdate update) const;
  /// Takes a revision and makes all that is staged visible at it.
  Revision Apply(Write* write) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_->mu);
  /// Gives the new state its revision and its times; what it puts into the storage.
  void Stamp(Write* write, const Change& change, const Moment& moment) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_->mu);
  void ApplyOne(Write* write, KieTenant* tenant, const Change& change, const Moment& moment)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_->mu, tenant->lock);
  /// Wakes who waits, and tells who watches. Called with no lock held.
  void Announce(const Write& write);

  struct ImportItem;
  struct ImportRun;
  /// Errors: nothing may be changed now.
  Status ImportSlice(const KieHandle& handle, ImportRun* run, std::span<ImportItem> items);
  void ImportOne(ImportRun* run, ImportItem* item) const;
  void ImportApply(ImportRun* run) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_->mu);

  // Watches: kie_watch.cc.
  std::vector<KeyValuePtr> CollectWatched(const KvTopic& topic) const override;
  void WhileNobodyWrites(const std::function<void()>& fn) override;

  // History: kie_history.cc.
  // A state that another has followed, or a deletion; looked at again when it is too old.
  struct Aging {
    MonotonicTime at;
    KieTenant* tenant;
    std::shared_ptr<KvItem> item;
  };
  // The states of the items that a selection has now or had once, at one or two revisions.
  struct Past {
    std::shared_ptr<const KvIdentity> identity;
    KvState from;
    KvState to;
  };
  /// Errors: kCompacted, where any of them is not kept.
  Result<std::vector<Past>> Look(const KieTenant& tenant, const Selection& selection, Revision from,
                                 Revision to) const;
  Result<KvList> ListAsOf(const KieHandle& tenant, const KvQuery& query,
                          const Selection& selection) const;
  /// Stages the change to a former state, unless the item has it already.
  void StageFormer(Write* write, std::shared_ptr<KvItem> item, const KeyValuePtr& former) const;
  /// What is stored of it is erased by the batch.
  void Trim(KieTenant* tenant, KvItem* item, MonotonicTime now, std::vector<KvVersion>* dropped,
            WriteBatch* batch) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(tenant->lock);
  void Forget(KieTenant* tenant, KvItem* item, WriteBatch* batch) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(tenant->lock);
  /// Ends history that is too old, so much at once.
  void AgeHistory(std::vector<KvVersion>* dropped, std::vector<Aging>* looked_at, WriteBatch* batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_->mu);
  void ArmHistoryTimer() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_->mu);
  void RunHistoryTimer();

  const KieOptions options_;
  Clock* const clock_;
  base::TimerGroup timers_;
  base::Writer* const writer_;
  storage::Watermark* const watermark_;
  const LogSink log_;
  storage::Journal* const journal_;

  // Synchronise themselves.
  // Apart, so that the texts of a million items leave room for those of lists.
  mutable MemoBudget item_memos_;
  mutable MemoBudget list_memos_;
  KieTenants tenants_;
  const std::shared_ptr<WaitTable> waits_;
  const std::shared_ptr<KvWatchHub> watch_;
  PollTrack polls_;
  std::atomic<std::size_t> items_{0};

  std::deque<Aging> aging_ ABSL_GUARDED_BY(writer_->mu);
  bool history_timer_set_ ABSL_GUARDED_BY(writer_->mu) = false;
  bool stopped_ ABSL_GUARDED_BY(writer_->mu) = false;
};

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_KIE_CORE_H_
