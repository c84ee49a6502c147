// WatchChecker: what a watch promises, checked batch by batch.
//
// It is fed what was pulled and folds it. What breaks a promise is noted, not asserted, so that its
// own tests can feed it streams that it must reject:
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

#include "skep/registry/watch.h"

namespace skep::testing {

/// Service id and instance id of each live instance, and the revision of its record.
using WatchState = std::map<std::pair<std::string, std::string>, std::uint64_t>;

inline std::pair<std::string, std::string> NameOf(const Instance& instance) {
  return {std::string(instance.service_id()), instance.id().str()};
}

inline WatchState StateOf(std::span<const Instance> instances) {
  WatchState state;
  for (const Instance& instance : instances) {
    state[NameOf(instance)] = instance.revision().number();
  }
  return state;
}

class WatchChecker {
 public:
  /// Whether every event is there, or some were overtaken in a full queue.
  enum class Pace { kFast, kSlow };

  explicit WatchChecker(WatchOptions::Start start) : start_(start) {}

  /// Goes on from what an earlier watch has seen.
  WatchChecker(Revision seen, WatchState state)
      : start_(WatchOptions::Start::kAfter), seen_(seen), state_(std::move(state)) {}

  void Take(const WatchBatch& batch, Pace pace = Pace::kFast) {
    if (!batch) return;
    if (closed_ && batch.part != WatchPart::kClosed) Note("something follows the last event");
    if (batch.revision < seen_) Note("the revision falls");
    if (reset_ && batch.part != WatchPart::kSnapshot && batch.part != WatchPart::kClosed) {
      Note("a reset is not followed by a snapshot");
    }
    const bool starts = !begun_ && start_ == WatchOptions::Start::kSnapshot;
    if (starts && batch.part != WatchPart::kSnapshot && batch.part != WatchPart::kClosed) {
      Note("it does not begin with a snapshot");
    }
    switch (batch.part) {
      case WatchPart::kReset:
        reset_ = true;
        break;
      case WatchPart::kSnapshot:
        if (!starts && !reset_) Note("a snapshot that nobody expects");
        TakeSnapshot(batch);
        break;
      case WatchPart::kChanges:
        TakeChanges(batch, pace);
        break;
      case WatchPart::kClosed:
        closed_ = true;
        break;
      case WatchPart::kNothing:
        break;
    }
    begun_ = true;
    seen_ = batch.revision;
  }

  /// Pulls all there is.
  void Drain(Watch& watch) {
    while (true) {
      const Pace pace = watch.lag().lagging ? Pace::kSlow : Pace::kFast;
      const WatchBatch batch = watch.Next();
      Take(batch, pace);
      if (!batch || batch.part == WatchPart::kClosed) return;
    }
  }

  /// One line for each broken promise.
  const std::string& problems() const { return problems_; }
  const WatchState& state() const { return state_; }
  Revision seen() const { return seen_; }
  bool closed() const { return closed_; }

 private:
  void Note(std::string_view what) {
    problems_.append("after revision ").append(std::to_string(seen_.number())).append(": ");
    problems_.append(what).append("\n");
  }

  void TakeSnapshot(const WatchBatch& batch) {
    reset_ = false;
    state_ = StateOf(batch.instances);
    if (state_.size() != batch.instances.size()) Note("an instance is twice in a snapshot");
    for (const auto& [name, revision] : state_) {
      if (revision > batch.revision.number()) Note("a snapshot holds a later change");
    }
  }

  void TakeChanges(const WatchBatch& batch, Pace pace) {
    if (batch.events.empty()) Note("a change without events");
    // Were it there before, its events would have been split.
    if (begun_ && batch.revision == seen_) Note("a revision comes twice");
    std::set<std::pair<std::string, std::string>> names;
    for (const InstanceEventPtr& event : batch.events) {
      if (event->revision != batch.revision) Note("an event of another revision");
      if (!names.insert(NameOf(event->instance)).second) Note("an instance is twice in a change");
      TakeEvent(*event, pace);
    }
  }

  void TakeEvent(const InstanceEvent& event, Pace pace) {
    const auto name = NameOf(event.instance);
    const bool known = state_.contains(name);
    const bool comes = event.action == WatchAction::kInit || event.action == WatchAction::kCreate;
    if (pace == Pace::kFast && comes && known) Note("one that is known comes: " + name.second);
    if (pace == Pace::kFast && !comes && !known) {
      Note("a change of one that is not known: " + name.second);
    }
    const std::uint64_t revision = event.instance.revision().number();
    const bool changes =
        event.action == WatchAction::kCreate || event.action == WatchAction::kUpdate;
    if (changes && revision != event.revision.number()) Note("not the state of this revision");
    if (!changes && revision > event.revision.number()) Note("a state of a later revision");
    if (event.is_gone()) {
      state_.erase(name);
    } else {
      state_[name] = revision;
    }
  }

  const WatchOptions::Start start_;
  Revision seen_{};
  WatchState state_;
  std::string problems_;
  bool begun_ = false;
  bool reset_ = false;
  bool closed_ = false;
};

}  // namespace skep::testing

#endif  // SKEP_TESTS_SUPPORT_WATCH_CHECKER_H_
