// What an engine keeps, forgets and refuses because of its storage, one thing at a time. That all
// of it comes back is tests/model/restart_model_test.cc's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "skep/memory_storage.h"
#include "skep/skep.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class RestartTest : public ::testing::Test {
 protected:
  RestartTest() { Open(); }

  /// Another engine on what the last one has committed.
  void Reopen() {
    ASSERT_THAT(engine_->Close(), IsOk());
    Open();
  }

  /// The same on another machine, whose clock has other monotonic times.
  void ReopenAt(std::chrono::seconds since_start) {
    ASSERT_THAT(engine_->Close(), IsOk());
    clock_ = ManualClock::Create();
    clock_->Advance(since_start);
    Open();
  }

  void Open() {
    engine_.reset();
    engine_ = Engine::Open({.clock = clock_,
                            .log = [this](LogLevel, std::string_view line) { log_ += line; },
                            .id_seed = 1,
                            .storage = storage_,
                            .kie = {.history_age_max = 100s, .history_min = 1}})
                  .value();
  }

  Registry& registry() { return engine_->registry(); }
  ConfigCenter& config() { return engine_->config(); }
  ServiceId AddService(std::string name) {
    return registry().microservices().Register({.app_id = "shop", .name = std::move(name)}).value();
  }
  std::size_t CountKeys(std::string_view prefix) {
    std::size_t count = 0;
    EXPECT_THAT(storage_->Scan(prefix,
                               [&count](std::string_view, std::string_view) {
                                 ++count;
                                 return true;
                               }),
                IsOk());
    return count;
  }
  FindResult Find(std::string_view name) {
    return registry().discovery().Find({.app_id = "shop", .name = name}).value();
  }

  std::shared_ptr<ManualClock> clock_ = ManualClock::Create();
  std::shared_ptr<MemoryStorage> storage_ = MemoryStorage::Create();
  std::string log_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(RestartTest, LeasesGetAFullPeriod) {
  const ServiceId cart = AddService("cart");
  (void)registry().instances().Register(cart, {.host = "north"}).value();
  clock_->Advance(119s);
  Reopen();
  clock_->Advance(119s);
  EXPECT_THAT(Find("cart").instances(), SizeIs(1));
  clock_->Advance(2s);
  EXPECT_THAT(Find("cart").instances(), IsEmpty());
  // And its end is stored, too.
  Reopen();
  EXPECT_THAT(Find("cart").instances(), IsEmpty());
  EXPECT_EQ(CountKeys("ri"), 0U);
}

TEST_F(RestartTest, HeartbeatsAreNotStored) {
  const ServiceId cart = AddService("cart");
  const InstanceId id = registry().instances().Register(cart, {.host = "north"}).value();
  const std::uint64_t commits = engine_->metrics().storage_commits;
  const Revision revision = engine_->revision();
  EXPECT_THAT(registry().instances().Heartbeat(cart, id), IsOk());
  EXPECT_EQ(engine_->revision(), revision);
  EXPECT_EQ(engine_->metrics().storage_commits, commits);
}

// Who knows the list with the instance that is not there any more must not be told that nothing
// has changed.
TEST_F(RestartTest, InstanceWithoutALeaseIsNotStoredAndItsListsGetAnotherVersion) {
  const ServiceId cart = AddService("cart");
  const InstanceId kept = registry().instances().Register(cart, {.host = "north"}).value();
  (void)registry().instances().Register(cart, {.host = "own", .lease = LeaseMode::kNone}).value();
  (void)registry().instances().SetStatus(cart, kept, InstanceStatus::kDown).value();
  const std::string known = Find("cart").version().str();
  Reopen();
  const FindResult found =
      registry().discovery().Find({.app_id = "shop", .name = "cart", .known = known}).value();
  ASSERT_FALSE(found.not_modified());
  ASSERT_THAT(found.instances(), SizeIs(1));
  EXPECT_EQ(found.instances()[0].host(), "north");
}

TEST_F(RestartTest, InstanceThatLosesItsLeaseIsStoredNoMore) {
  const ServiceId cart = AddService("cart");
  const InstanceId id = registry().instances().Register(cart, {.host = "north"}).value();
  (void)registry()
      .instances()
      .Register(cart, {.id = id, .host = "north", .lease = LeaseMode::kNone})
      .value();
  Reopen();
  EXPECT_THAT(Find("cart").instances(), IsEmpty());
}

TEST_F(RestartTest, SeededIdsAreNotThoseOfTheFormerRun) {
  const ServiceId cart = AddService("cart");
  const InstanceId first = registry().instances().Register(cart, {.host = "north"}).value();
  Reopen();
  const InstanceId second = registry().instances().Register(cart, {.host = "south"}).value();
  EXPECT_NE(first, second);
  EXPECT_THAT(Find("cart").instances(), SizeIs(2));
}

TEST_F(RestartTest, DeletedMicroserviceLeavesNothingBehind) {
  const ServiceId cart = AddService("cart");
  const ServiceId till = AddService("till");
  (void)registry().instances().Register(cart, {.host = "north"}).value();
  (void)registry().schemas().Put(cart, {.id = "s", .summary = "a", .content = "c"}).value();
  (void)registry().tags().Replace(cart, {{"color", "red"}}).value();
  (void)registry().discovery().Find(cart, {.app_id = "shop", .name = "till"}).value();
  (void)registry().microservices().Delete(cart, DeleteMode::kForce).value();
  (void)registry().microservices().Delete(till, DeleteMode::kForce).value();
  // The tenant was written to, and stays.
  EXPECT_EQ(CountKeys("r"), 1U);
  EXPECT_EQ(CountKeys("rn"), 1U);
}

TEST_F(RestartTest, StatesAgeOnWhileNobodyRuns) {
  const std::string id = config().Create({.key = "k", .value = "1"}).value().id;
  clock_->Advance(10s);
  (void)config().Update(id, {.value = "2"}).value();
  ReopenAt(60s);
  EXPECT_THAT(config().History(id)->changes, SizeIs(2));
  clock_->Advance(49s);
  EXPECT_THAT(config().History(id)->changes, SizeIs(2));
  clock_->Advance(2s);
  EXPECT_THAT(config().History(id)->changes, SizeIs(1));
  ASSERT_THAT(engine_->WaitDurable(engine_->revision()), IsOk());
  EXPECT_EQ(CountKeys("ki"), 2U);  // The item and its state.
  Reopen();
  EXPECT_FALSE(config().History(id)->complete);
}

TEST_F(RestartTest, FormerStatesAreKnownAsSuch) {
  const std::string id = config().Create({.key = "k", .value = "1"}).value().id;
  (void)config().Update(id, {.value = "2"}).value();
  Reopen();
  const KvHistory history = config().History(id).value();
  ASSERT_THAT(history.changes, SizeIs(2));
  EXPECT_FALSE(history.changes[0].kv->is_former());
  EXPECT_TRUE(history.changes[1].kv->is_former());
}

TEST_F(RestartTest, ForgottenDeletionLeavesTheDomainsRevision) {
  const std::string id = config().Create({.key = "k", .value = "1"}).value().id;
  const Revision deleted = config().Delete(id).value();
  clock_->Advance(101s);
  ASSERT_THAT(engine_->WaitDurable(engine_->revision()), IsOk());
  EXPECT_EQ(CountKeys("ki"), 0U);
  Reopen();
  EXPECT_EQ(config().revision(), deleted);
  EXPECT_THAT(config().List({.as_of = deleted - 1}), ErrorIs(KieErrc::kCompacted));
}

// A line for each 250,000 states, so that who waits sees that it goes on. All are of one item: a
// new state costs least to make.
TEST(LongLoad, LogsItsProgress) {
  constexpr int kStates = 250'000;
  const auto disk = MemoryStorage::Create();
  std::string log;
  const EngineOptions options{.log = [&log](LogLevel, std::string_view line) { log += line; },
                              .storage = disk,
                              .kie = {.history_max = kStates}};
  {
    const auto engine = Engine::Open(options).value();
    const std::string id = engine->config().Create({.key = "k"}).value().id;
    for (int i = 1; i < kStates; ++i) {
      const std::string value = std::to_string(i);
      ASSERT_THAT(engine->config().Update(id, {.value = value}, Ack::kPublished), IsOk());
    }
    ASSERT_THAT(engine->Close(), IsOk());
  }
  EXPECT_THAT(log, Not(HasSubstr("so far")));
  const auto engine = Engine::Open(options).value();
  EXPECT_THAT(log, HasSubstr("loading: 250000 states so far"));
  EXPECT_THAT(log, HasSubstr("loaded 0 microservices, 0 instances and 1 kvs in "));
}

// ------------------------------------------------------------------------------------------------
// A storage that has failed

class FailedStorageTest : public RestartTest {
 protected:
  // The next write is the one that finds out.
  void Fail() {
    storage_->FailAfter(0, Error(EngineErrc::kSystem, "no space left on device"));
    EXPECT_THAT(registry().microservices().Register({.name = "unlucky"}),
                ErrorIs(EngineErrc::kStorageFailed));
  }
};

TEST_F(FailedStorageTest, EveryWriteIsRefusedAndChangesNothing) {
  const ServiceId cart = AddService("cart");
  const InstanceId id = registry().instances().Register(cart, {.host = "north"}).value();
  (void)registry().schemas().Put(cart, {.id = "s", .summary = "a", .content = "c"}).value();
  (void)registry().tags().Replace(cart, {{"color", "red"}}).value();
  const std::string kv = config().Create({.key = "k", .value = "1"}).value().id;
  Fail();
  const Revision last = engine_->revision();
  const auto refused = [](const auto& result) {
    EXPECT_THAT(result, ErrorIs(EngineErrc::kStorageFailed));
  };
  const std::string_view ids[] = {cart.str()};
  const std::string_view tags[] = {"color"};
  const Dependency dependency{.consumer = {.app_id = "shop", .name = "cart", .version = "0.0.1"},
                              .providers = {{.app_id = "shop", .name = "till"}}};
  refused(registry().microservices().Register({.name = "another"}));
  refused(registry().microservices().SetProperties(cart, {{"a", "b"}}));
  refused(registry().microservices().Delete(cart, DeleteMode::kForce));
  refused(registry().microservices().DeleteMany(ids, DeleteMode::kForce)->at(0).deleted);
  refused(registry().tags().Replace(cart, {}));
  refused(registry().tags().Set(cart, "color", "blue"));
  refused(registry().tags().Delete(cart, tags));
  refused(registry().rules().Replace(
      cart, {{.type = RuleType::kBlack, .attribute = "Version", .pattern = "1"}}));
  refused(registry().schemas().Put(cart, {.id = "t", .content = "c"}));
  refused(registry().schemas().ReplaceAll(cart, {{.id = "t", .summary = "b", .content = "c"}}));
  refused(registry().schemas().Delete(cart, "s"));
  refused(registry().instances().Register(cart, {.host = "south"}));
  refused(registry().instances().Unregister(cart, id));
  refused(registry().instances().SetStatus(cart, id, InstanceStatus::kDown));
  refused(registry().instances().SetProperties(cart, id, {{"a", "b"}}));
  refused(registry().instances().SetStatusWhere({}, InstanceStatus::kDown));
  refused(registry().dependencies().Add({&dependency, 1}));
  refused(registry().dependencies().Override({&dependency, 1}));
  refused(config().Create({.key = "l", .value = "1"}));
  refused(config().Update(kv, {.value = "2"}));
  refused(config().Delete(kv));
  refused(config().DeleteMany(std::vector<std::string>{kv}));
  refused(config().Import({{.key = "l", .value = "1"}}));
  refused(config().RollBack(kv, last));
  refused(config().RollBack(KvQuery{}, last));
  EXPECT_EQ(engine_->revision(), last);
  EXPECT_EQ(registry().tags().Get(cart).value()->at("color"), "red");
  EXPECT_THAT(Find("cart").instances(), SizeIs(1));
  EXPECT_EQ(config().Get(kv).value()->value, "1");
}

TEST_F(FailedStorageTest, LeasesFreezeAndTheLogSaysSoOnce) {
  const ServiceId cart = AddService("cart");
  const InstanceId id = registry().instances().Register(cart, {.host = "north"}).value();
  Fail();
  clock_->Advance(1h);
  EXPECT_THAT(Find("cart").instances(), SizeIs(1));
  EXPECT_THAT(registry().instances().Heartbeat(cart, id), IsOk());
  const std::size_t at = log_.find("leases: none ends");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(log_.find("leases: none ends", at + 1), std::string::npos);
}

TEST_F(FailedStorageTest, FindsAnswerAndRecordNothing) {
  const ServiceId cart = AddService("cart");
  const ServiceId till = AddService("till");
  (void)registry().instances().Register(till, {.host = "north"}).value();
  Fail();
  const Revision last = engine_->revision();
  const auto found = registry().discovery().Find(cart, {.app_id = "shop", .name = "till"});
  ASSERT_THAT(found, IsOk());
  EXPECT_THAT(found->instances(), SizeIs(1));
  EXPECT_THAT(*registry().dependencies().Providers(cart), IsEmpty());
  EXPECT_EQ(engine_->revision(), last);
}

// ------------------------------------------------------------------------------------------------
// Records that cannot be

class BadRecordTest : public RestartTest {
 protected:
  // Opens a copy of the storage in which one record is another one.
  Status OpenWith(const std::string& key, const std::string& value) {
    const auto copy = storage_->AfterCrash();
    WriteBatch batch;
    batch.Put(key, value);
    EXPECT_THAT(copy->Commit(batch, Sync::kYes), IsOk());
    const auto opened = Engine::Open({.clock = clock_, .storage = copy});
    return opened.ok() ? Status() : Status(opened.error());
  }

  std::string FirstKey(std::string_view prefix) {
    std::string first;
    EXPECT_THAT(storage_->Scan(prefix,
                               [&first](std::string_view key, std::string_view) {
                                 first = key;
                                 return false;
                               }),
                IsOk());
    return first;
  }
};

TEST_F(BadRecordTest, EveryKindIsToldByItsKey) {
  const ServiceId cart = AddService("cart");
  AddService("till");
  (void)registry().instances().Register(cart, {.host = "north"}).value();
  (void)registry().schemas().Put(cart, {.id = "s", .summary = "a", .content = "c"}).value();
  (void)registry().discovery().Find(cart, {.app_id = "shop", .name = "till"}).value();
  (void)config().Create({.key = "k", .value = "1"}).value();
  ASSERT_THAT(engine_->WaitDurable(engine_->revision()), IsOk());
  for (const std::string_view kind : {"rn", "rs", "rt", "rc", "rd", "ri", "ki"}) {
    const std::string key = FirstKey(kind);
    ASSERT_THAT(key, ::testing::StartsWith(kind));
    EXPECT_THAT(OpenWith(key, "\x01\xff"),
                ErrorIs(EngineErrc::kStorageCorrupt, HasSubstr("the record " + std::string(kind))));
    EXPECT_THAT(OpenWith(key, "\x09"),
                ErrorIs(EngineErrc::kStorageNewer, HasSubstr("the record " + std::string(kind))));
  }
}

TEST_F(BadRecordTest, RecordOfAMicroserviceThatIsNotThereIsTold) {
  AddService("cart");
  using std::string_literals::operator""s;
  const std::string owner =
      "\x07"
      "default\x07"
      "default\x04"
      "gone"s;
  EXPECT_THAT(OpenWith("rc" + owner + "\x01s",
                       "\x01\x01s\x01"
                       "c"),
              ErrorIs(EngineErrc::kStorageCorrupt, HasSubstr("not there")));
  EXPECT_THAT(OpenWith("rt" + owner, "\x01\x02\x02\0"s),
              ErrorIs(EngineErrc::kStorageCorrupt, HasSubstr("not there")));
}

TEST_F(BadRecordTest, RevisionThatWasNeverHandedOutIsTold) {
  AddService("cart");
  const std::string far = std::string(7, '\xff') + '\x7f';
  EXPECT_THAT(OpenWith(FirstKey("rt"), "\x01" + far + far + '\0'),
              ErrorIs(EngineErrc::kStorageCorrupt, HasSubstr("later revision")));
}

}  // namespace
}  // namespace skep::testing
