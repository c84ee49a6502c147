#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class InstanceChangesTest : public EngineFixture {
 protected:
  InstanceId Add(std::string host, Properties properties) {
    return registry()
        .instances()
        .Register(cart_, {.host = std::move(host), .properties = std::move(properties)})
        .value();
  }
  Instance Read(const InstanceId& id) { return registry().instances().Get(cart_, id).value(); }
  std::vector<std::string> PropertiesOf(const InstanceId& id) {
    const Instance instance = Read(id);
    return {instance.properties().begin(), instance.properties().end()};
  }

  const ServiceId cart_ = AddService("cart");
};

TEST_F(InstanceChangesTest, PropertiesAreReplaced) {
  const InstanceId a = Add("a", {{"p", "1"}, {"q", "1"}});
  const Instance before = Read(a);
  clock().Advance(5s);
  const Result<Revision> changed = registry().instances().SetProperties(cart_, a, {{"p", "2"}});
  ASSERT_THAT(changed, IsOk());
  EXPECT_THAT(PropertiesOf(a), ElementsAre("p", "2"));
  EXPECT_EQ(Read(a).revision(), *changed);
  EXPECT_EQ(Read(a).modified(), before.modified() + 5s);
  EXPECT_EQ(Read(a).created(), before.created());
  EXPECT_EQ(Read(a).host(), "a");

  ASSERT_THAT(registry().instances().SetProperties(cart_, a, {}), IsOk());
  EXPECT_THAT(PropertiesOf(a), IsEmpty());
}

TEST_F(InstanceChangesTest, PropertiesLeaveTheLease) {
  const InstanceId a = Add("a", {});
  clock().Advance(100s);
  ASSERT_THAT(registry().instances().SetProperties(cart_, a, {{"p", "2"}}), IsOk());
  clock().Advance(20s);
  EXPECT_THAT(registry().instances().SetProperties(cart_, a, {}),
              ErrorIs(RegistryErrc::kInstanceNotExists));
}

TEST_F(InstanceChangesTest, FindsSeeNewProperties) {
  const InstanceId a = Add("a", {});
  const FindQuery cart{.app_id = "shop", .name = "cart"};
  const std::string before = registry().discovery().Find(cart)->version().str();
  ASSERT_THAT(registry().instances().SetProperties(cart_, a, {{"p", "2"}}), IsOk());
  const FindResult after = registry().discovery().Find(cart).value();
  EXPECT_NE(after.version().str(), before);
  EXPECT_EQ(after.instances()[0].properties().size(), 2U);
}

TEST_F(InstanceChangesTest, StatusWhereAllPropertiesMatch) {
  const InstanceId a = Add("a", {{"zone", "1"}, {"x", "y"}});
  const InstanceId b = Add("b", {{"zone", "2"}, {"x", "y"}});
  const InstanceId c = Add("c", {{"a", "0"}, {"x", "y"}, {"z", "0"}, {"zone", "1"}});
  const auto done = registry().instances().SetStatusWhere({{"x", "y"}, {"zone", "1"}},
                                                          InstanceStatus::kOutOfService);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->changed, 2U);
  EXPECT_EQ(done->revision, engine().revision());
  EXPECT_EQ(Read(a).status(), InstanceStatus::kOutOfService);
  EXPECT_EQ(Read(b).status(), InstanceStatus::kUp);
  EXPECT_EQ(Read(c).status(), InstanceStatus::kOutOfService);
}

TEST_F(InstanceChangesTest, StatusOfAllInManySteps) {
  constexpr std::size_t kMany = 600;
  std::vector<InstanceId> ids;
  for (std::size_t i = 0; i < kMany; ++i) ids.push_back(Add("h" + std::to_string(i), {}));
  clock().Advance(5s);
  const auto created = Read(ids[0]).modified();
  EXPECT_EQ(registry().instances().SetStatusWhere({}, InstanceStatus::kDown)->changed, kMany);
  for (const InstanceId& id : ids) ASSERT_EQ(Read(id).status(), InstanceStatus::kDown);
  EXPECT_EQ(Read(ids[0]).modified(), created);
  // Whoever has the status already is not changed.
  const Revision before = engine().revision();
  EXPECT_EQ(registry().instances().SetStatusWhere({}, InstanceStatus::kDown)->changed, 0U);
  EXPECT_EQ(engine().revision(), before);
}

TEST_F(InstanceChangesTest, StatusWhereLeavesOthersAlone) {
  const ServiceId pay = AddService("pay");
  const InstanceId own =
      registry().instances().Register(pay, {.host = "p", .lease = LeaseMode::kNone}).value();
  Registry elsewhere = engine().registry({.domain = "default", .project = "other"});
  const ServiceId far =
      elsewhere.microservices().Register({.app_id = "shop", .name = "far"}).value();
  const InstanceId there = elsewhere.instances().Register(far, {.host = "f"}).value();
  EXPECT_EQ(registry().instances().SetStatusWhere({}, InstanceStatus::kDown)->changed, 0U);
  EXPECT_EQ(registry().instances().Get(pay, own)->status(), InstanceStatus::kUp);
  EXPECT_EQ(elsewhere.instances().Get(far, there)->status(), InstanceStatus::kUp);
}

TEST_F(InstanceChangesTest, StatusWhereNeedsAStatus) {
  EXPECT_THAT(registry().instances().SetStatusWhere({}, InstanceStatus::kUnset),
              ErrorIs(RegistryErrc::kInvalidParams));
}

}  // namespace
}  // namespace skep::testing
