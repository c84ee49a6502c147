#include "registry/core/validation.h"

#include <gtest/gtest.h>

#include <string>

#include "registry/core/version_rule.h"
#include "skep/registry/errors.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using core::CheckAndComplete;
using core::CompleteAndCheck;

Status Check(Microservice service) { return CompleteAndCheck(&service, {}); }
Status Check(InstanceSpec spec) { return CheckAndComplete(&spec, {}); }

// "é", one character in two bytes.
std::string Accents(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "\xc3\xa9";
  return text;
}

TEST(Validation, GoodMicroservices) {
  EXPECT_THAT(Check({.name = "a"}), IsOk());
  EXPECT_THAT(Check({.name = "A-1_b.c"}), IsOk());
  EXPECT_THAT(Check({.name = std::string(128, 'n')}), IsOk());
  EXPECT_THAT(Check({.app_id = std::string(160, 'a'), .name = "x"}), IsOk());
  EXPECT_THAT(Check({.name = "x", .description = Accents(256)}), IsOk());
  EXPECT_THAT(Check({.name = "x", .alias = "a:b-c.d_e"}), IsOk());
  EXPECT_THAT(Check({.name = "x", .register_by = "UNKNOWN"}), IsOk());
  EXPECT_THAT(Check({.id = ServiceId("\xe4\xbd\xa0"), .name = "x"}), IsOk());
  EXPECT_THAT(Check({.name = "x", .paths = {{.path = "/a/{b}?c=d&e;f"}}}), IsOk());
}

TEST(Validation, BadMicroservices) {
  const auto bad = ErrorIs(RegistryErrc::kInvalidParams);
  EXPECT_THAT(Check(Microservice{}), bad);
  EXPECT_THAT(Check({.name = "a b"}), bad);
  EXPECT_THAT(Check({.name = "ab-"}), bad);
  EXPECT_THAT(Check({.name = "-ab"}), bad);
  EXPECT_THAT(Check({.name = std::string(129, 'n')}), bad);
  EXPECT_THAT(Check({.app_id = std::string(161, 'a'), .name = "x"}), bad);
  EXPECT_THAT(Check({.name = "x", .version = "1.x"}), bad);
  EXPECT_THAT(Check({.name = "x", .description = Accents(257)}), bad);
  EXPECT_THAT(Check({.name = "x", .schemas = {"a/b"}}), bad);
  EXPECT_THAT(Check({.name = "x", .schemas = {""}}), bad);
  EXPECT_THAT(Check({.name = "x", .schemas = std::vector<std::string>(101, "s")}), bad);
  EXPECT_THAT(Check({.id = ServiceId("a b"), .name = "x"}), bad);
  EXPECT_THAT(Check({.id = ServiceId(std::string(65, 'i')), .name = "x"}), bad);
  EXPECT_THAT(Check({.name = "x", .alias = "a b"}), bad);
  EXPECT_THAT(Check({.name = "x", .environment = "staging"}), bad);
  EXPECT_THAT(Check({.name = "x", .environment = "testingtesting"}), bad);
  EXPECT_THAT(Check({.name = "x", .register_by = "HAND"}), bad);
  EXPECT_THAT(Check({.name = "x", .framework = Framework{"a b", "1"}}), bad);
  EXPECT_THAT(Check({.name = "x", .paths = {{.path = "/a b"}}}), bad);
}

TEST(Validation, Versions) {
  for (const char* good : {"0", "1.0", "1.2.3.4", "32767.0.1", "007"}) {
    EXPECT_TRUE(core::IsExactVersion(good)) << good;
  }
  for (const char* bad : {"", ".", "1.", ".1", "1..2", "1.2.3.4.5", "32768", "-1", "+1", "1.a",
                          "latest", "1.0+", "1.0-2.0", " 1", "99999999999"}) {
    EXPECT_FALSE(core::IsExactVersion(bad)) << bad;
  }
}

TEST(Validation, GoodInstances) {
  EXPECT_THAT(Check(InstanceSpec{.host = "h"}), IsOk());
  EXPECT_THAT(Check(InstanceSpec{.host = Accents(64)}), IsOk());
  EXPECT_THAT(Check(InstanceSpec{.host = "h", .endpoints = {"anything at all"}}), IsOk());
  EXPECT_THAT(Check(InstanceSpec{.id = InstanceId("a.b-c_D9"), .host = "h"}), IsOk());
}

TEST(Validation, BadInstances) {
  const auto bad = ErrorIs(RegistryErrc::kInvalidParams);
  EXPECT_THAT(Check(InstanceSpec{}), bad);
  EXPECT_THAT(Check(InstanceSpec{.host = " "}), bad);
  EXPECT_THAT(Check(InstanceSpec{.host = std::string(65, 'h')}), bad);
  EXPECT_THAT(Check(InstanceSpec{.host = "h", .endpoints = {" "}}), bad);
  EXPECT_THAT(Check(InstanceSpec{.id = InstanceId("a b"), .host = "h"}), bad);
  EXPECT_THAT(Check(InstanceSpec{.id = InstanceId(std::string(65, 'i')), .host = "h"}), bad);
  EXPECT_THAT(Check(InstanceSpec{.host = "h", .health_check = HealthCheck{.port = 65536}}), bad);
  EXPECT_THAT(Check(InstanceSpec{.host = "h", .health_check = HealthCheck{.interval_s = 0}}), bad);
  EXPECT_THAT(Check(InstanceSpec{.host = "h", .health_check = HealthCheck{.times = -1}}), bad);
  EXPECT_THAT(Check(InstanceSpec{.host = "h", .health_check = HealthCheck{.url = "a b"}}), bad);
  EXPECT_THAT(Check(InstanceSpec{.host = "h", .data_center = DataCenterInfo{"dc", "", ""}}), bad);
}

// Both factors at their limit: a very long lease, and no overflow.
TEST(Validation, HugeLeaseIsLong) {
  const Millis lease = core::LeaseOf({.interval_s = 2147483647, .times = 2147483647});
  EXPECT_GE(lease, std::chrono::hours(24 * 365));
}

}  // namespace
}  // namespace skep::testing
