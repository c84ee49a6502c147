// The checker of watches against streams that no watch may yield.
#include "tests/support/watch_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/engine_fixture.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;
using Pace = WatchChecker::Pace;
using Start = WatchOptions::Start;

// Makes batches by hand, out of real instances.
class WatchCheckerTest : public EngineFixture {
 protected:
  WatchCheckerTest() : cart_(AddService("cart")) {}

  Instance Get(const InstanceId& id) { return registry().instances().Get(cart_, id).value(); }
  Instance Add(std::string host) { return Get(AddInstance(cart_, std::move(host))); }
  Instance Change(const Instance& instance, InstanceStatus status) {
    const InstanceId id(instance.id());
    registry().instances().SetStatus(cart_, id, status).value();
    return Get(id);
  }

  InstanceEventPtr Event(WatchAction action, const Instance& instance, Revision revision) {
    return std::make_shared<const InstanceEvent>(action, instance, &tenant_, revision, &budget_);
  }
  WatchBatch Changes(WatchAction action, const Instance& instance, Revision revision) {
    return {.part = WatchPart::kChanges,
            .revision = revision,
            .events = {Event(action, instance, revision)}};
  }
  WatchBatch Created(const Instance& instance) {
    return Changes(WatchAction::kCreate, instance, instance.revision());
  }
  static WatchBatch Snapshot(std::vector<Instance> instances, Revision revision) {
    return {.part = WatchPart::kSnapshot, .revision = revision, .instances = std::move(instances)};
  }

  const ServiceId cart_;
  const Tenant tenant_;
  MemoBudget budget_{1 << 20};
  WatchChecker now_{Start::kNow};
};

TEST_F(WatchCheckerTest, RightStreamPasses) {
  const Instance a = Add("a");
  const Instance b = Add("b");
  WatchChecker checker(Start::kSnapshot);
  checker.Take(Snapshot({a}, a.revision()));
  checker.Take(Created(b));
  checker.Take(Changes(WatchAction::kExpire, a, b.revision() + 1));
  checker.Take({.part = WatchPart::kReset, .revision = b.revision() + 1});
  checker.Take(Snapshot({b}, b.revision() + 1));
  checker.Take({.part = WatchPart::kClosed, .revision = b.revision() + 1});
  EXPECT_EQ(checker.problems(), "");
  EXPECT_EQ(checker.state(), StateOf(std::vector{b}));
  EXPECT_TRUE(checker.closed());
}

TEST_F(WatchCheckerTest, RevisionThatFalls) {
  const Instance a = Add("a");
  const Instance b = Add("b");
  now_.Take(Created(b));
  now_.Take(Created(a));
  EXPECT_THAT(now_.problems(), HasSubstr("the revision falls"));
}

TEST_F(WatchCheckerTest, SplitRevision) {
  const Instance a = Add("a");
  const Instance b = Add("b");
  const Revision gone = b.revision() + 1;
  now_.Take(Created(a));
  now_.Take(Created(b));
  now_.Take(Changes(WatchAction::kDelete, a, gone));
  now_.Take(Changes(WatchAction::kDelete, b, gone));
  EXPECT_THAT(now_.problems(), HasSubstr("a revision comes twice"));
}

TEST_F(WatchCheckerTest, DuplicateOfTheSnapshot) {
  const Instance a = Add("a");
  WatchChecker checker(Start::kSnapshot);
  checker.Take(Snapshot({a}, a.revision() - 1));
  EXPECT_THAT(checker.problems(), HasSubstr("a snapshot holds a later change"));
  checker.Take(Created(a));
  EXPECT_THAT(checker.problems(), HasSubstr("one that is known comes"));
}

TEST_F(WatchCheckerTest, GapBeforeAnUpdate) {
  const Instance later = Change(Add("a"), InstanceStatus::kDown);
  WatchChecker checker(Start::kSnapshot);
  checker.Take(Snapshot({}, later.revision() - 2));
  checker.Take(Changes(WatchAction::kUpdate, later, later.revision()));
  EXPECT_THAT(checker.problems(), HasSubstr("a change of one that is not known"));
}

TEST_F(WatchCheckerTest, GapBeforeAnUpdateOfASlowWatcherIsNone) {
  const Instance later = Change(Add("a"), InstanceStatus::kDown);
  now_.Take(Changes(WatchAction::kUpdate, later, later.revision()), Pace::kSlow);
  EXPECT_EQ(now_.problems(), "");
}

TEST_F(WatchCheckerTest, LostDelete) {
  const Instance a = Add("a");
  now_.Take(Created(a));
  registry().instances().Unregister(cart_, a.id()).value();
  EXPECT_NE(now_.state(), StateOf(registry().instances().List(cart_).value().instances()));
}

TEST_F(WatchCheckerTest, StateOfAnotherRevision) {
  const Instance a = Add("a");
  now_.Take(Changes(WatchAction::kCreate, a, a.revision() + 1));
  EXPECT_THAT(now_.problems(), HasSubstr("not the state of this revision"));
  const Instance b = Add("b");
  now_.Take(Changes(WatchAction::kInit, b, b.revision() - 1));
  EXPECT_THAT(now_.problems(), HasSubstr("a state of a later revision"));
}

TEST_F(WatchCheckerTest, EventsThatAreNoOneChange) {
  const Instance a = Add("a");
  const Instance b = Add("b");
  WatchBatch batch = Created(b);
  batch.events.push_back(Event(WatchAction::kCreate, a, a.revision()));
  now_.Take(batch);
  EXPECT_THAT(now_.problems(), HasSubstr("an event of another revision"));
}

TEST_F(WatchCheckerTest, OneInstanceTwiceInAChange) {
  const Instance a = Add("a");
  WatchBatch batch = Created(a);
  batch.events.push_back(batch.events.front());
  now_.Take(batch);
  EXPECT_THAT(now_.problems(), HasSubstr("an item is twice in a change"));
}

TEST_F(WatchCheckerTest, ChangeWithoutEvents) {
  now_.Take({.part = WatchPart::kChanges, .revision = Revision(9)});
  EXPECT_THAT(now_.problems(), HasSubstr("a change without events"));
}

TEST_F(WatchCheckerTest, ResetWithoutASnapshot) {
  const Instance a = Add("a");
  now_.Take({.part = WatchPart::kReset});
  now_.Take(Created(a));
  EXPECT_THAT(now_.problems(), HasSubstr("a reset is not followed by a snapshot"));
}

TEST_F(WatchCheckerTest, SnapshotsOutOfPlace) {
  WatchChecker checker(Start::kSnapshot);
  checker.Take(Created(Add("a")));
  EXPECT_THAT(checker.problems(), HasSubstr("it does not begin with a snapshot"));
  now_.Take(Snapshot({}, Revision(9)));
  EXPECT_THAT(now_.problems(), HasSubstr("a snapshot that nobody expects"));
}

TEST_F(WatchCheckerTest, SnapshotWithOneInstanceTwice) {
  const Instance a = Add("a");
  WatchChecker checker(Start::kSnapshot);
  checker.Take(Snapshot({a, a}, a.revision()));
  EXPECT_THAT(checker.problems(), HasSubstr("an item is twice in a snapshot"));
}

TEST_F(WatchCheckerTest, LifeAfterTheEnd) {
  now_.Take({.part = WatchPart::kClosed});
  now_.Take({.part = WatchPart::kClosed});
  EXPECT_EQ(now_.problems(), "");
  now_.Take(Created(Add("a")));
  EXPECT_THAT(now_.problems(), HasSubstr("something follows the last event"));
}

}  // namespace
}  // namespace skep::testing
