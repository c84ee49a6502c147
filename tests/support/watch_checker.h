// WatchChecker and KvWatchChecker: what a watch promises, checked batch by batch.
//
// They are fed what was pulled and fold it. What breaks a promise is noted, not asserted, so that
// their own tests can feed them streams that they must reject:
//
//   checker.Take(watch.Next());
//   EXPECT_EQ(checker.problems(), "");
//   EXPECT_EQ(checker.state(), StateOf(list));
#ifndef SKEP_TESTS_SUPPORT_WATCH_CHECKER_H_
#define SKEP_TESTS_SUPPORT_WATCH_CHECKER_H_

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/kie/watch.h"
#include "skep/registry/watch.h"

namespace skep::testing {

/// What an item is called: service id and instance id, or label format and key.
using WatchedName = std::pair<std::string, std::string>;

/// Each item that is there, and the revision of its record.
using WatchState = std::map<WatchedName, std::uint64_t>;

inline WatchedName NameOf(const Instance& instance) {
  return {std::string(instance.service_id()), instance.id().str()};
}
inline WatchedName NameOf(const KeyValuePtr& kv) { return {kv->label_format(), kv->key()}; }

inline std::uint64_t RevisionOf(const Instance& instance) { return instance.revision().number(); }
inline std::uint64_t RevisionOf(const KeyValuePtr& kv) { return kv->update_revision.number(); }

inline WatchState StateOf(std::span<const Instance> instances) {
  WatchState state;
  for (const Instance& instance : instances) state[NameOf(instance)] = RevisionOf(instance);
  return state;
}
inline WatchState StateOf(std::span<const KeyValuePtr> items) {
  WatchState state;
  for (const KeyValuePtr& kv : items) state[NameOf(kv)] = RevisionOf(kv);
  return state;
}

/// How the checker reads the batches of a watch of instances.
struct InstanceBatches {
  using Batch = WatchBatch;
  using Watch = skep::Watch;
  using Event = InstanceEventPtr;

  static const std::vector<Instance>& ItemsOf(const Batch& batch) { return batch.instances; }
  static const Instance& ItemOf(const Event& event) { return event->instance; }
  static Revision At(const Event& event) { return event->revision; }
  static bool Comes(const Event& event) {
    return event->action == WatchAction::kInit || event->action == WatchAction::kCreate;
  }
  static bool Goes(const Event& event) { return event->is_gone(); }
  /// Whether the item's record was made by the change.
  static bool IsNew(const Event& event) {
    return event->action == WatchAction::kCreate || event->action == WatchAction::kUpdate;
  }
};

/// And of one of configuration items.
struct KvBatches {
  using Batch = KvWatchBatch;
  using Watch = KvWatch;
  using Event = KvEvent;

  static const std::vector<KeyValuePtr>& ItemsOf(const Batch& batch) { return batch.items; }
  static const KeyValuePtr& ItemOf(const Event& event) { return event.kv; }
  static Revision At(const Event& event) { return event.revision; }
  static bool Comes(const Event& event) { return event.action == KvAction::kCreate; }
  static bool Goes(const Event& event) { return event.is_gone(); }
  static bool IsNew(const Event& event) { return !event.is_gone(); }
};

/// Whether every event is there, or some were overtaken in a full queue.
enum class WatchPace { kFast, kSlow };

template <class Batches>
class BasicWatchChecker {
 public:
  using Batch = typename Batches::Batch;
  using Event = typename Batches::Event;
  using Pace = WatchPace;

  explicit BasicWatchChecker(WatchOptions::Start start) : start_(start) {}

  /// Goes on from what an earlier watch has seen.
  BasicWatchChecker(Revision seen, WatchState state)
      : start_(WatchOptions::Start::kAfter),
        seen_(seen),
        state_(std::move(state)),
        is_known_(true) {}

  void Take(const Batch& batch, Pace pace = Pace::kFast) {
    if (!batch) return;
    CheckOrder(batch);
    if (batch.part == WatchPart::kReset) reset_ = true;
    if (batch.part == WatchPart::kSnapshot) TakeSnapshot(batch);
    if (batch.part == WatchPart::kChanges) TakeChanges(batch, pace);
    if (batch.part == WatchPart::kClosed) closed_ = true;
    begun_ = true;
    seen_ = batch.revision;
  }

  /// Pulls all there is.
  void Drain(typename Batches::Watch& watch) {
    while (true) {
      const Pace pace = watch.lag().lagging ? Pace::kSlow : Pace::kFast;
      const Batch batch = watch.Next();
      Take(batch, pace);
      if (!batch || batch.part == WatchPart::kClosed) return;
    }
  }

  /// One line for each broken promise.
  const std::string& problems() const { return problems_; }
  const WatchState& state() const { return state_; }
  Revision seen() const { return seen_; }
  bool closed() const { return closed_; }
  /// Whether the state is one that another watch can go on from.
  bool can_resume() const { return is_known_ && !reset_; }

 private:
  void Note(std::string_view what) {
    problems_.append("after revision ").append(std::to_string(seen_.number())).append(": ");
    problems_.append(what).append("\n");
  }

  bool starts() const { return !begun_ && start_ == WatchOptions::Start::kSnapshot; }

  void CheckOrder(const Batch& batch) {
    const bool is_end = batch.part == WatchPart::kClosed;
    const bool is_snapshot = batch.part == WatchPart::kSnapshot;
    if (closed_ && !is_end) Note("something follows the last event");
    if (batch.revision < seen_) Note("the revision falls");
    if (reset_ && !is_snapshot && !is_end) Note("a reset is not followed by a snapshot");
    if (starts() && !is_snapshot && !is_end) Note("it does not begin with a snapshot");
    if (is_snapshot && !starts() && !reset_) Note("a snapshot that nobody expects");
  }

  void TakeSnapshot(const Batch& batch) {
    reset_ = false;
    is_known_ = true;
    state_ = StateOf(Batches::ItemsOf(batch));
    if (state_.size() != Batches::ItemsOf(batch).size()) Note("an item is twice in a snapshot");
    for (const auto& [name, revision] : state_) {
      if (revision > batch.revision.number()) Note("a snapshot holds a later change");
    }
  }

  void TakeChanges(const Batch& batch, Pace pace) {
    if (batch.events.empty()) Note("a change without events");
    // Were it there before, its events would have been split.
    if (begun_ && batch.revision == seen_) Note("a revision comes twice");
    std::set<WatchedName> names;
    for (const Event& event : batch.events) {
      if (Batches::At(event) != batch.revision) Note("an event of another revision");
      const bool is_first = names.insert(NameOf(Batches::ItemOf(event))).second;
      if (!is_first) Note("an item is twice in a change");
      TakeEvent(event, pace);
    }
  }

  void TakeEvent(const Event& event, Pace pace) {
    const WatchedName name = NameOf(Batches::ItemOf(event));
    const bool known = state_.contains(name);
    const bool comes = Batches::Comes(event);
    if (pace == Pace::kFast && comes && known) Note("one that is known comes: " + name.second);
    if (pace == Pace::kFast && !comes && !known) {
      Note("a change of one that is not known: " + name.second);
    }
    const std::uint64_t revision = RevisionOf(Batches::ItemOf(event));
    const std::uint64_t at = Batches::At(event).number();
    if (Batches::IsNew(event) && revision != at) Note("not the state of this revision");
    if (!Batches::IsNew(event) && revision > at) Note("a state of a later revision");
    if (Batches::Goes(event)) {
      state_.erase(name);
    } else {
      state_[name] = revision;
    }
  }

  const WatchOptions::Start start_;
  Revision seen_{};
  WatchState state_;
  std::string problems_;
  bool is_known_ = false;
  bool begun_ = false;
  bool reset_ = false;
  bool closed_ = false;
};

using WatchChecker = BasicWatchChecker<InstanceBatches>;
using KvWatchChecker = BasicWatchChecker<KvBatches>;

}  // namespace skep::testing

#endif  // SKEP_TESTS_SUPPORT_WATCH_CHECKER_H_
