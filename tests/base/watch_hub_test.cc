// The hub over a world so small that a test can change it at any moment of the hub's work, also in
// the midst of a snapshot. What watches promise beside that is tested with those who have them.
#include "base/watch_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace skep::base {
namespace {

struct Topic;

using Number = std::pair<std::string, int>;

struct NumberEvent {
  Revision revision;
  Number number;
  bool gone = false;
};

struct Batch {
  WatchPart part = WatchPart::kNothing;
  Revision revision{};
  std::vector<Number> numbers{};
  std::vector<NumberEvent> events{};
  std::vector<NumberEvent> gone{};

  explicit operator bool() const { return part != WatchPart::kNothing; }
};

struct Numbers {
  using Item = Number;
  using Event = NumberEvent;
  using Entry = NumberEvent;
  using Batch = base::Batch;
  using Topic = base::Topic;
  using Id = std::string;

  static std::vector<Number>& ItemsOf(base::Batch& batch) { return batch.numbers; }
  static const Number& ItemOf(const NumberEvent& event) { return event.number; }
  static const std::string& IdOf(const Number& number) { return number.first; }
  static Revision RevisionOf(const NumberEvent& event) { return event.revision; }
  static bool IsGone(const NumberEvent& event) { return event.gone; }
  static std::vector<NumberEvent>& GoneOf(base::Batch& batch) { return batch.gone; }
  static char GroupOf(const NumberEvent& event) { return event.number.first.front(); }
  static Error Closing() { return Error(EngineErrc::kClosed, "closed"); }
  static Error Full(std::size_t) { return Error(EngineErrc::kUnsupported, "full"); }
};

struct Topic : WatchTopic<Numbers> {};

// One topic, which has everything.
class Hub final : public WatchHub<Numbers> {
 public:
  using WatchHub<Numbers>::WatchHub;

  BasicWatch<Batch> Watch(const WatchOptions& options = {}) {
    return BasicWatch<Batch>(Subscribe(std::make_shared<Topic>(), options).value());
  }

 private:
  void Route(const NumberEvent& entry) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_mu_) {
    Keep(entry);
    if (Topic* topic = FindTopic("")) AddTo(topic, entry);
  }
  std::optional<NumberEvent> EventFor(const Topic&, const NumberEvent& entry) const override {
    return entry;
  }
  void File(Topic*) override {}
  void Unfile(Topic*) override {}
};

class WatchHubTest : public ::testing::Test, protected WatchSource<Numbers> {
 protected:
  void Set(const std::string& name, int value) { Change({{{}, {name, value}, false}}); }
  void Erase(const std::string& name) { Change({{{}, {name, 0}, true}}); }

  static std::string Say(const Batch& batch) {
    static constexpr const char* kParts[] = {"nothing", "reset", "snapshot", "changes", "closed"};
    std::string text = kParts[static_cast<int>(batch.part)];
    for (const auto& [name, value] : std::map(batch.numbers.begin(), batch.numbers.end())) {
      text += " " + name + "=" + std::to_string(value);
    }
    for (const NumberEvent& event : batch.events) {
      text += event.gone ? " -" + event.number.first
                         : " " + event.number.first + "=" + std::to_string(event.number.second);
    }
    for (const NumberEvent& event : batch.gone) text += " gone " + event.number.first;
    return text;
  }

  /// All of them by one change.
  void Change(std::vector<NumberEvent> events) {
    {
      MutexLock lock(&writer_.mu);
      const Revision revision = writer_.revisions.Next();
      for (NumberEvent& event : events) {
        event.revision = revision;
        if (event.gone) {
          numbers_.erase(event.number.first);
        } else {
          numbers_[event.number.first] = event.number.second;
        }
        if (hub_->is_watched()) hub_->Publish(event);
        if (after_publishing_) after_publishing_();
      }
      hub_->Seal();
    }
    if (hub_->has_pending()) hub_->Deliver();
  }

  /// What happens when a snapshot has been read, and is not joined with the changes yet.
  std::function<void()> after_reading_;
  /// What others do when a part of a change has been published; the writer's lock is held.
  std::function<void()> after_publishing_;
  mutable int reads_ = 0;        ///< Of snapshots.
  mutable int reads_alone_ = 0;  ///< Of them: with writers kept out.

  Writer writer_{Revision(1)};
  const std::shared_ptr<Hub> hub_ =
      std::make_shared<Hub>(static_cast<WatchSource<Numbers>*>(this), nullptr, &writer_.revisions,
                            WatchLimits{.watches_max = 10, .queue_max = 4, .entries_kept = 10});

 private:
  std::vector<Number> CollectWatched(const Topic&) const override {
    ++reads_;
    if (alone_) ++reads_alone_;
    std::vector<Number> numbers(numbers_.begin(), numbers_.end());
    if (!alone_ && after_reading_) after_reading_();
    return numbers;
  }
  void WhileNobodyWrites(const std::function<void()>& fn) override {
    MutexLock lock(&writer_.mu);
    alone_ = true;
    fn();
    alone_ = false;
  }

  std::map<std::string, int> numbers_;
  bool alone_ = false;
};

TEST_F(WatchHubTest, ChangesWhileASnapshotIsReadAreInItAndNotBehindIt) {
  Set("a", 1);
  Set("b", 1);
  auto watch = hub_->Watch();
  after_reading_ = [this] {
    Set("a", 2);
    Erase("b");
    Set("c", 3);
  };
  const Batch snapshot = watch.Next();
  EXPECT_EQ(Say(snapshot), "snapshot a=2 c=3");
  EXPECT_EQ(snapshot.revision, writer_.revisions.last());
  EXPECT_EQ(Say(watch.Next()), "nothing");
  Set("d", 4);
  EXPECT_EQ(Say(watch.Next()), "changes d=4");
  EXPECT_EQ(reads_, 1);
}

TEST_F(WatchHubTest, ItemThatComesAndGoesWhileASnapshotIsReadIsNotThere) {
  auto watch = hub_->Watch();
  after_reading_ = [this] {
    Set("a", 1);
    Erase("a");
    Erase("nobody knew it");
  };
  EXPECT_EQ(Say(watch.Next()), "snapshot");
}

// Whoever writes too much for the queue makes it begin again; the third time writers wait.
TEST_F(WatchHubTest, SnapshotComesToAnEndHoweverMuchIsWritten) {
  auto watch = hub_->Watch();
  int written = 0;
  after_reading_ = [&] {
    for (int i = 0; i < 5; ++i) Set("n" + std::to_string(written++), 1);
  };
  const Batch snapshot = watch.Next();
  EXPECT_EQ(snapshot.part, WatchPart::kSnapshot);
  EXPECT_EQ(snapshot.numbers.size(), 10u);
  EXPECT_EQ(snapshot.revision, writer_.revisions.last());
  EXPECT_EQ(reads_, 3);
  EXPECT_EQ(reads_alone_, 1);
  EXPECT_EQ(Say(watch.Next()), "nothing");
}

TEST_F(WatchHubTest, WhatEndsWhileASnapshotIsReadIsClosed) {
  auto watch = hub_->Watch();
  auto other = hub_->Watch();
  after_reading_ = [&] { watch.Cancel(); };
  EXPECT_EQ(Say(watch.Next()), "closed");
  after_reading_ = [&] { hub_->Close(); };
  EXPECT_EQ(Say(other.Next()), "closed");
}

TEST_F(WatchHubTest, NobodyIsToldOfChangesWhileASnapshotIsRead) {
  auto watch = hub_->Watch();
  int calls = 0;
  watch.OnReady([&calls] { ++calls; });
  EXPECT_EQ(calls, 1) << "for the snapshot";
  after_reading_ = [this] { Set("a", 1); };
  EXPECT_EQ(Say(watch.Next()), "snapshot a=1");
  EXPECT_EQ(Say(watch.Next()), "nothing");
  EXPECT_EQ(calls, 1);
  Set("b", 1);
  EXPECT_EQ(calls, 2);
}

TEST_F(WatchHubTest, ResetWhileTheSnapshotIsDueStays) {
  auto watch = hub_->Watch({.start = WatchOptions::Start::kNow});
  for (const char* name : {"a", "b", "c", "d", "e"}) Set(name, 1);
  EXPECT_EQ(Say(watch.Next()), "reset");
  Set("f", 1);
  EXPECT_EQ(Say(watch.Next()), "snapshot a=1 b=1 c=1 d=1 e=1 f=1");
  EXPECT_EQ(watch.lag().resets, 1u);
}

// Another writer, which is done, distributes while one is in the midst of its change.
TEST_F(WatchHubTest, ChangeIsNotToldInPartsWhileItIsMade) {
  auto watch = hub_->Watch({.start = WatchOptions::Start::kNow});
  std::vector<std::string> told;
  after_publishing_ = [&] {
    std::thread([&] {
      hub_->Deliver();
      told.push_back(Say(watch.Next()));
    }).join();
  };
  Change({{{}, {"a", 1}}, {{}, {"b", 2}}});
  after_publishing_ = nullptr;
  EXPECT_EQ(told, std::vector<std::string>(2, "nothing"));
  EXPECT_EQ(Say(watch.Next()), "changes a=1 b=2");
  EXPECT_EQ(Say(watch.Next()), "nothing");
}

// However it went: in the queue that is given up, before the reset is pulled, before the snapshot
// is, and while that is read.
TEST_F(WatchHubTest, WhatWentBehindAResetIsTold) {
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g"}) Set(name, 1);
  auto watch = hub_->Watch({.start = WatchOptions::Start::kNow});
  Erase("a");
  for (const char* name : {"m", "n", "o", "p"}) Set(name, 1);
  Erase("b");
  EXPECT_EQ(Say(watch.Next()), "reset");
  Erase("c");
  Erase("d");
  Set("d", 2);
  after_reading_ = [this] { Erase("e"); };
  EXPECT_EQ(Say(watch.Next()), "snapshot d=2 f=1 g=1 m=1 n=1 o=1 p=1 gone a gone b gone c gone e");
  after_reading_ = nullptr;
  Erase("f");
  EXPECT_EQ(Say(watch.Next()), "changes -f");
}

TEST_F(WatchHubTest, WhatWentBehindAResetHasALimitButEachGroupIsThere) {
  auto watch = hub_->Watch({.start = WatchOptions::Start::kNow});
  Erase("a1");
  Erase("a2");
  for (int i = 0; i < 20'000; ++i) Erase("b" + std::to_string(i));
  EXPECT_EQ(Say(watch.Next()), "reset");
  const Batch snapshot = watch.Next();
  EXPECT_LE(snapshot.gone.size(), 10'000u);
  EXPECT_GE(snapshot.gone.size(), 5'000u);
  EXPECT_EQ(snapshot.gone.front().number.first, "a2");
  EXPECT_EQ(snapshot.gone.back().number.first, "b19999");
  EXPECT_EQ(watch.Next().part, WatchPart::kNothing);
}

TEST_F(WatchHubTest, FirstSnapshotTellsOfNothingThatWent) {
  Set("a", 1);
  auto watch = hub_->Watch();
  Erase("a");
  after_reading_ = [this] {
    for (int i = 0; i < 9; ++i) Erase("b");
  };
  EXPECT_EQ(Say(watch.Next()), "snapshot");
}

TEST_F(WatchHubTest, TopicOfNobodyIsForgotten) {
  {
    auto watch = hub_->Watch();
    EXPECT_EQ(hub_->size(), 1u);
  }
  EXPECT_EQ(hub_->size(), 0u);
  Set("a", 1);
  auto watch = hub_->Watch();
  EXPECT_EQ(Say(watch.Next()), "snapshot a=1");
}

}  // namespace
}  // namespace skep::base
