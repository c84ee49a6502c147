#include "server/codec/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "server/codec/policy_json.h"
#include "skep/kie/errors.h"
#include "skep/registry/errors.h"
#include "tests/support/error_matchers.h"
#include "tests/support/kie_fixture.h"

namespace skep::server {
namespace {

using skep::testing::ErrorIs;
using skep::testing::IsOk;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

Result<PolicySpec> Read(std::string_view body) {
  JsonReader reader;
  return ReadPolicySpec(reader, body);
}

Document SpecOf(std::string_view json) {
  return Read("{\"spec\":" + std::string(json) + "}").value().spec;
}

TEST(Policy, KeysSpellKindsWithoutDashes) {
  EXPECT_EQ(PolicyKeyPrefix("rate-limiting"), "servicecomb.rateLimiting.");
  EXPECT_EQ(PolicyKeyPrefix("retry"), "servicecomb.retry.");
  EXPECT_EQ(PolicyKeyPrefix("-a--b-1-"), "servicecomb.AB1.");
  const std::string key = "servicecomb.rateLimiting.a.b";
  EXPECT_EQ(ReadPolicyKey(key).kind, "rateLimiting");
  EXPECT_EQ(ReadPolicyKey(key).name, "a.b");
  for (const std::string_view other : {"servicecomb.", "servicecomb.retry", "x.retry.y", ""}) {
    EXPECT_EQ(ReadPolicyKey(other).kind, "") << other;
  }
}

TEST(Policy, EachKindWantsItsMember) {
  constexpr std::string_view kGood[][2] = {
      {"match-group", R"({"alias":"a","matches":[{"name":"1"}]})"},
      {"match-group", R"({"alias":"a","matches":[{"name":"1","headers":{},
                          "apiPath":{"prefix":"/"},"method":["GET","PATCH"]}]})"},
      {"retry", R"({"maxAttempts":3,"retryOnSame":0})"},
      {"rate-limiting", R"({"rate":"1"})"},
      {"loadbalance", R"({"rule":"Random"})"},
      {"circuit-breaker", R"({"minimumNumberOfCalls":1})"},
      {"instance-isolation", R"({"minimumNumberOfCalls":-1})"},
      {"fault-injection", R"({"percentage":0.5})"},
      {"bulkhead", R"({"maxConcurrentCalls":"1","more":[]})"},
  };
  for (const auto& [kind, spec] : kGood) {
    EXPECT_THAT(CheckPolicySpec(kind, SpecOf(spec)), IsOk()) << kind << spec;
    EXPECT_THAT(CheckPolicySpec(kind, SpecOf("{}")),
                ErrorIs(RegistryErrc::kInvalidParams, HasSubstr("in body is required")))
        << kind;
    EXPECT_FALSE(CheckPolicySpec(kind, Document()).ok()) << kind;
  }
}

TEST(Policy, RefusesMembersOfAnotherKind) {
  constexpr std::string_view kBad[][2] = {
      {"match-group", R"({"alias":"","matches":[{"name":"1"}]})"},
      {"match-group", R"({"alias":"a","matches":[]})"},
      {"match-group", R"({"alias":"a","matches":[null]})"},
      {"match-group", R"({"alias":"a","matches":[{}]})"},
      {"match-group", R"({"alias":"a","matches":[{"name":""}]})"},
      {"match-group", R"({"alias":"a","matches":[{"name":"1","apiPath":{}}]})"},
      {"match-group", R"({"alias":"a","matches":[{"name":"1","headers":null}]})"},
      {"match-group", R"({"alias":"a","matches":[{"name":"1","method":[]}]})"},
      {"match-group", R"({"alias":"a","matches":[{"name":"1","method":["get"]}]})"},
      {"retry", R"({"maxAttempts":3,"retryOnSame":-1})"},
      {"loadbalance", R"({"rule":1})"},
      {"circuit-breaker", R"({"minimumNumberOfCalls":"1"})"},
      {"circuit-breaker", R"({"minimumNumberOfCalls":1.5})"},
      {"fault-injection", R"({"percentage":-1})"},
  };
  for (const auto& [kind, spec] : kBad) {
    EXPECT_THAT(CheckPolicySpec(kind, SpecOf(spec)),
                ErrorIs(RegistryErrc::kInvalidParams, HasSubstr("must be")))
        << kind << spec;
  }
  EXPECT_THAT(CheckPolicySpec("display", SpecOf("{}")),
              ErrorIs(RegistryErrc::kInvalidParams, "not support kind[display] yet"));
}

TEST(Policy, ReadsWhatClientsSend) {
  const PolicySpec policy =
      Read(R"({"Name":"n","selector":{"app":"a"},"status":"disabled","spec":{"rate":1},"id":7})")
          .value();
  EXPECT_EQ(policy.name, "n");
  EXPECT_EQ(policy.selector, (Labels{{"app", "a"}}));
  EXPECT_EQ(policy.status, KvStatus::kDisabled);
  EXPECT_EQ(ToYaml(policy.spec), "rate: 1\n");
  for (const std::string_view body : {"", "[]", R"({"spec":[]})", R"({"spec":"x"})",
                                      R"({"name":1})", R"({"selector":{"app":1}})"}) {
    EXPECT_THAT(Read(body), ErrorIs(RegistryErrc::kInvalidParams)) << body;
  }
}

TEST(Policy, BecomesAnEnabledItemBehindAllOthers) {
  const KvSpec item = PolicyItem(
      "rate-limiting",
      Read(R"({"name":"n","selector":{"app":"a"},"status":"disabled","spec":{"rate":1}})").value());
  EXPECT_EQ(item.key, "servicecomb.rateLimiting.n");
  EXPECT_EQ(item.value, "rate: 1\n");
  EXPECT_EQ(item.labels, (Labels{{"app", "a"}}));
  EXPECT_EQ(item.status, KvStatus::kEnabled);
  EXPECT_EQ(item.value_type, ValueType::kText);
  EXPECT_EQ(item.priority, -1);
}

TEST(Policy, GroupNamesAreFourLettersOrDigits) {
  EXPECT_EQ(NewGroupName(0), "scene-0000");
  EXPECT_THAT(NewGroupName(~std::uint64_t{0}), MatchesRegex("scene-[0-9a-z]{4}"));
  EXPECT_NE(NewGroupName(1), NewGroupName(2));
}

class PolicyItemTest : public skep::testing::KieFixture {
 protected:
  Result<Policy> ReadItem(std::string_view kind, std::string key, std::string value) {
    const std::string id = config().Create({.key = std::move(key), .value = std::move(value)})->id;
    return ReadPolicyItem(kind, config().Get(id).value());
  }
};

TEST_F(PolicyItemTest, IsReadWhoeverWroteIt) {
  const Policy policy =
      ReadItem("rate-limiting", "servicecomb.rateLimiting.n", "rate: 1 # a second").value();
  std::string json;
  AppendPolicy(policy, &json);
  EXPECT_THAT(json, HasSubstr(R"("kind":"rate-limiting","spec":{"rate":1}})"));
  EXPECT_THAT(ReadItem("retry", "servicecomb.retry.empty", ""), IsOk());
}

TEST_F(PolicyItemTest, OtherItemsAreNoPolicies) {
  const auto no_policy = ErrorIs(KieErrc::kNotExists);
  EXPECT_THAT(ReadItem("retry", "servicecomb.bulkhead.a", "a: 1"), no_policy);
  EXPECT_THAT(ReadItem("retry", "timeout", "a: 1"), no_policy);
  EXPECT_THAT(ReadItem("retry", "servicecomb.retry.a", "1"), no_policy);
  EXPECT_THAT(ReadItem("retry", "servicecomb.retry.b", "[a"), no_policy);
}

}  // namespace
}  // namespace skep::server
