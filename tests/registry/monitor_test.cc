#include "skep/registry/monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

class MonitorTest : public EngineFixture {
 protected:
  MetricReport Of(const InstanceId& id, double cpu) {
    return {.service_id = cart_.str(), .instance_id = id.str(), .cpu = cpu};
  }
  Result<MetricReportPtr> Latest(const InstanceId& id) {
    return registry().monitor().Latest(cart_, id);
  }

  ServiceId cart_ = AddService("cart");
};

TEST_F(MonitorTest, KeepsTheLatest) {
  const InstanceId a = AddInstance(cart_, "a");
  EXPECT_EQ(Latest(a).value(), nullptr);
  const Revision before = engine().revision();
  ASSERT_THAT(registry().monitor().Report(Of(a, 1)), IsOk());
  ASSERT_THAT(registry().monitor().Report(Of(a, 2)), IsOk());
  EXPECT_EQ(Latest(a).value()->cpu, 2);
  EXPECT_EQ(engine().revision(), before);
}

TEST_F(MonitorTest, GoesWithTheInstance) {
  const InstanceId a = AddInstance(cart_, "a");
  ASSERT_THAT(registry().monitor().Report(Of(a, 1)), IsOk());
  clock().Advance(std::chrono::seconds(120));
  EXPECT_THAT(Latest(a), ErrorIs(RegistryErrc::kInstanceNotExists));
  ASSERT_THAT(registry().instances().Register(cart_, {.id = a, .host = "a"}), IsOk());
  EXPECT_EQ(Latest(a).value(), nullptr);
}

TEST_F(MonitorTest, OneOfNobodyIsNotKept) {
  EXPECT_THAT(registry().monitor().Report({.name = "cart", .cpu = 1}), IsOk());
}

TEST_F(MonitorTest, Errors) {
  const InstanceId a = AddInstance(cart_, "a");
  EXPECT_THAT(registry().monitor().Report({.service_id = cart_.str()}),
              ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_THAT(registry().monitor().Report({.service_id = "x", .instance_id = a.str()}),
              ErrorIs(RegistryErrc::kInstanceNotExists));
  MetricReport large = Of(a, 1);
  large.functions.resize(kReportFunctionsMax + 1);
  EXPECT_THAT(registry().monitor().Report(large), ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(MonitorTest, TheirNumberHasALimit) {
  Reopen({.reports_max = 1});
  cart_ = AddService("cart");
  const InstanceId a = AddInstance(cart_, "a");
  const InstanceId b = AddInstance(cart_, "b");
  ASSERT_THAT(registry().monitor().Report(Of(a, 1)), IsOk());
  EXPECT_THAT(registry().monitor().Report(Of(b, 1)), ErrorIs(RegistryErrc::kNotEnoughQuota));
  ASSERT_THAT(registry().monitor().Report(Of(a, 2)), IsOk());
  ASSERT_THAT(registry().instances().Unregister(cart_, a), IsOk());
  EXPECT_THAT(registry().monitor().Report(Of(b, 1)), IsOk());
}

}  // namespace
}  // namespace skep::testing
