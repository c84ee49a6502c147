/// ConfigCenter: the key values of one tenant, by labels, with their history.
///
/// A light view, got from Engine::config(). The engine must outlive it, and whatever it answered.
/// Making a view for a tenant that holds nothing allocates nothing in the engine; a tenant comes to
/// be with its first write.
///
///   auto& config = engine->config();
///   auto kv = config.Create({.key = "url", .value = "...", .labels = {{"app", "shop"}}}).value();
///   auto list = config.List({.labels = {{"app", "shop"}}}).value();
///   auto old = config.List({.as_of = list.revision() - 1}).value();
///   ASSERT_TRUE(config.RollBack(kv.id, kv.revision).ok());
///
/// Revisions are the engine's, one count for all of its changes; what a domain shows is the newest
/// change of its own configuration (6.2), and a change of the registry moves it not. Source of the
/// rules: API manual 7.2 and 8.7, spec kie, whose sections are named at each function.
///
/// Every write that is refused changes nothing and takes no revision.
///
/// Thread-safety: any thread, also the same view from several.
#ifndef SKEP_KIE_CONFIG_CENTER_H_
#define SKEP_KIE_CONFIG_CENTER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/ack.h"
#include "skep/kie/errors.h"
#include "skep/kie/import.h"
#include "skep/kie/options.h"
#include "skep/kie/query.h"
#include "skep/kie/track.h"
#include "skep/kie/types.h"
#include "skep/kie/wait.h"
#include "skep/kie/watch.h"
#include "skep/memo.h"
#include "skep/result.h"
#include "skep/tenant.h"
#include "skep/watch.h"

namespace skep {

namespace core {
class KieCore;
struct KieTenant;

/// A tenant and, once it holds something, where.
struct KieHandle {
  explicit KieHandle(Tenant name) : tenant(std::move(name)) {}
  KieHandle(const KieHandle& other)
      : tenant(other.tenant), known(other.known.load(std::memory_order_acquire)) {}
  KieHandle& operator=(const KieHandle&) = delete;

  Tenant tenant;
  mutable std::atomic<KieTenant*> known{nullptr};
};
}  // namespace core

enum class Generations : std::uint8_t {
  kCurrent,  ///< Since the item's last creation; what the wire shows.
  kAll,      ///< All that is kept, deletions among them.
};

struct HistoryQuery {
  Generations generations = Generations::kAll;
  std::int64_t offset = 0;              ///< Counts only with a limit.
  std::optional<std::int64_t> limit{};  ///< 1 or more.
};

class ConfigCenter {
 public:
  ConfigCenter(core::KieCore* core, Tenant tenant) : core_(core), tenant_(std::move(tenant)) {}

  const Tenant& tenant() const { return tenant_.tenant; }

  /// What the engine was opened with; the same for all of its tenants.
  const KieOptions& options() const;

  /// What a codec draws from for that which it makes of lists and keeps (skep/memo.h): a third of
  /// KieOptions::memo_bytes_max for the whole engine; the rest is for what is kept of single items.
  /// Lives as long as the engine.
  MemoBudget* memos() const;

  // ----------------------------------------------------------------------------------------------
  // Items

  /// Creates an item (5.2). Rules (3.2): key 1 to 2,048 characters of letters, digits and ._:-[];
  /// value at most 131,072 characters, empty is fine; at most 6 labels, names of 1 to 32 and values
  /// of 0 to 160 letters, digits and _-., a letter or digit at both ends; check at most 1,048,576
  /// bytes of ASCII; all text UTF-8. Defaults: status disabled, type text.
  /// Errors: kInvalidParams (the tenant's names as well); kNotEnoughQuota, also for one that
  /// exists; kAlreadyExists.
  Result<WrittenKv> Create(KvSpec spec, Ack ack = Ack::kDurable);

  /// Changes value and status, or neither: each success is a change (5.4.3). One call is one
  /// change, whatever others do meanwhile.
  /// Errors: kInvalidParams (an id of more than 64 characters); kNotExists.
  Result<WrittenKv> Update(std::string_view id, KvUpdate update, Ack ack = Ack::kDurable);

  /// The item with this id (5.3). Errors: kInvalidParams (an id of more than 64 characters, a
  /// tenant whose names break their rule); kNotExists.
  Result<KeyValuePtr> Get(std::string_view id) const;

  /// The items that match (5.1, 6.4 to 6.7). Its cost follows the rarest of the labels and the
  /// number of items that have them all, not how many items there are.
  /// Errors: kInvalidParams; with as_of: kInvalidParams (later than the engine's newest change),
  /// kCompacted.
  Result<KvList> List(const KvQuery& query) const;

  /// What List would find wrong with the query, without looking for anything.
  Status Check(const KvQuery& query) const;

  /// Deletes one item. Errors: kNotExists.
  Result<Revision> Delete(std::string_view id, Ack ack = Ack::kDurable);

  /// Deletes those of the items that exist, in one revision (5.6). Zero where none of them does,
  /// and nothing changed; an empty list takes a revision without changing anything (5.6.3).
  Result<Revision> DeleteMany(std::span<const std::string> ids, Ack ack = Ack::kDurable);

  /// Creates or changes many items (9.1), each with a revision of its own, or, if atomic, all with
  /// one. Failures of single items are in the result. Not all items of one import become visible
  /// at the same time, unless it is atomic.
  /// Errors: kNotEnoughQuota (more items than KieOptions::import_items_max).
  Result<ImportResult> Import(std::vector<KvSpec> items, const ImportOptions& options = {},
                              Ack ack = Ack::kDurable);

  // ----------------------------------------------------------------------------------------------
  // Revisions and history

  /// The newest change of the domain's configuration, in any of its projects; zero before the
  /// first. What X-Kie-Revision shows.
  Revision revision() const;

  /// Items of this tenant; of the whole domain.
  std::size_t size() const;
  std::size_t domain_size() const;

  /// The changes of an item, newest first (5.9). With kCurrent only an item that exists has any,
  /// and at most the newest 100.
  /// Errors: kInvalidParams (offset, limit); kNotExists (never heard of, or no longer kept).
  Result<KvHistory> History(std::string_view id, const HistoryQuery& query = {}) const;

  /// What differs between two revisions among the items that `query` selects by labels and key
  /// (its other filters and its page are not looked at), by key, then label format.
  /// Errors: kInvalidParams (a revision later than the engine's newest); kCompacted.
  Result<std::vector<KvDifference>> Difference(Revision from, Revision to,
                                               const KvQuery& query = {}) const;

  /// Gives an item the content that it had at a revision, as a new change; takes it away where it
  /// was not there then. Where it has that content already nothing changes, and the revision of
  /// its last change is returned.
  /// Errors: kInvalidParams (later than the engine's newest change); kNotExists (neither there now
  /// nor then); kCompacted; kNotEnoughQuota.
  Result<WrittenKv> RollBack(std::string_view id, Revision to, Ack ack = Ack::kDurable);

  /// The same for all items that `query` selects by labels and key, in one revision; zero where
  /// nothing changes. Errors: as Difference; kNotEnoughQuota.
  Result<Revision> RollBack(const KvQuery& query, Revision to, Ack ack = Ack::kDurable);

  // ----------------------------------------------------------------------------------------------
  // Waiting

  /// Calls `fn` at the next change (creation, update, deletion) of an item that `query` selects
  /// before or after it, or when `timeout` has passed on the engine's clock. With `known`, at once
  /// where the domain's revision is another (5.1.3); no change is lost between. One-shot.
  ///
  /// The query's order, page and as_of are not looked at.
  /// Errors, and `fn` is not called: kInvalidParams; kWaitTooLong; kTooManyRequests;
  /// kUnavailable (the engine closes).
  Result<KvWait> Wait(const KvQuery& query, std::optional<Revision> known, Millis timeout,
                      WaitFn fn) const;

  // ----------------------------------------------------------------------------------------------
  // Watching

  /// Begins a watch of the items that `query` selects by labels, key, value and status. Changes
  /// that were made before it returns are in its snapshot, all later ones follow. A list's revision
  /// is a good one to resume from: the list and the watch after it join without a gap.
  ///
  /// The query's order, page and as_of are not looked at. Its revisions are the engine's, so they
  /// may be ahead of revision().
  /// Errors: kInvalidParams; kTooManyRequests at KieOptions::watches_max; kUnavailable (the engine
  /// closes). A tenant that holds nothing is no error.
  Result<KvWatch> Watch(const KvQuery& query, const WatchOptions& options = {}) const;

  // ----------------------------------------------------------------------------------------------
  // Polling track

  /// Keeps the record; one of the same session and revision gives way to it (8.5).
  void TrackPoll(PollRecord record) const;

  /// The records that match, oldest first. Errors: kNotExists where there is none (8.7).
  Result<std::vector<std::shared_ptr<const PollRecord>>> Polls(const PollQuery& query) const;

 private:
  core::KieCore* core_;
  core::KieHandle tenant_;
};

}  // namespace skep

#endif  // SKEP_KIE_CONFIG_CENTER_H_
