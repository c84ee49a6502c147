#include "skep/registry/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RulesTest : public EngineFixture {
 protected:
  Rules rules() { return registry().rules(); }

  static Rule Black(std::string attribute, std::string pattern) {
    return {
        .type = RuleType::kBlack, .attribute = std::move(attribute), .pattern = std::move(pattern)};
  }
  static Rule White(std::string attribute, std::string pattern) {
    return {
        .type = RuleType::kWhite, .attribute = std::move(attribute), .pattern = std::move(pattern)};
  }

  FindResult Find(const ServiceId& consumer) {
    return registry().discovery().Find(consumer, {.app_id = "shop", .name = "pay"}).value();
  }
  /// Whether a consumer sees the provider that has these rules.
  bool Sees(const ServiceId& consumer, std::vector<Rule> list) {
    rules().Replace(pay_, std::move(list)).value();
    return !Find(consumer).instances().empty();
  }

  void AddProvider() {
    pay_ = AddService("pay");
    instance_ = AddInstance(pay_, "h");
  }

  ServiceId pay_;
  InstanceId instance_;
};

TEST_F(RulesTest, AnyBlackThatMatchesHides) {
  AddProvider();
  const ServiceId web = AddService("web");
  EXPECT_TRUE(Sees(web, {Black("ServiceName", "^cart$")}));
  EXPECT_FALSE(Sees(web, {Black("ServiceName", "^cart$"), Black("ServiceName", "^web$")}));
  EXPECT_FALSE(Sees(web, {White("ServiceName", "web"), Black("ServiceName", "web")}));
}

TEST_F(RulesTest, OneOfTheWhiteOnesMustMatch) {
  AddProvider();
  const ServiceId web = AddService("web");
  EXPECT_FALSE(Sees(web, {White("ServiceName", "cart")}));
  EXPECT_TRUE(Sees(web, {White("ServiceName", "cart"), White("AppId", "shop")}));
  EXPECT_TRUE(Sees(web, {}));
}

TEST_F(RulesTest, PatternsAreFoundAnywhere) {
  AddProvider();
  const ServiceId web = AddService("web");
  EXPECT_FALSE(Sees(web, {Black("ServiceName", "e")}));
  EXPECT_TRUE(Sees(web, {Black("ServiceName", "^e")}));
  EXPECT_FALSE(Sees(web, {Black("ServiceName", "(?i)WEB")}));
}

TEST_F(RulesTest, EveryAttributeOfTheConsumerCounts) {
  AddProvider();
  const ServiceId web = registry()
                            .microservices()
                            .Register({.id = ServiceId("web-id"),
                                       .app_id = "shop",
                                       .name = "web",
                                       .version = "1.2.3",
                                       .description = "front door",
                                       .level = ServiceLevel::kFront,
                                       .status = ServiceStatus::kDown})
                            .value();
  ASSERT_THAT(registry().tags().Replace(web, {{"zone", "red"}}), IsOk());
  const std::vector<std::pair<std::string, std::string>> attributes = {
      {"ServiceId", "^web-id$"},     {"AppId", "^shop$"},  {"ServiceName", "^web$"},
      {"Version", "^1\\.2\\.3$"},    {"Level", "^FRONT$"}, {"Status", "^DOWN$"},
      {"Description", "front door"}, {"tag_zone", "^red$"}};
  for (const auto& [attribute, pattern] : attributes) {
    EXPECT_FALSE(Sees(web, {Black(attribute, pattern)})) << attribute;
    EXPECT_FALSE(Sees(web, {White(attribute, "^other$")})) << attribute;
  }
}

TEST_F(RulesTest, MissingTagMatchesNothing) {
  AddProvider();
  const ServiceId web = AddService("web");
  EXPECT_TRUE(Sees(web, {Black("tag_zone", ".*")}));
  EXPECT_FALSE(Sees(web, {White("tag_zone", ".*")}));
  ASSERT_THAT(registry().tags().Replace(web, {{"zone", "x"}}), IsOk());
  EXPECT_THAT(Find(web).instances(), SizeIs(1));
}

TEST_F(RulesTest, NobodyInParticularSeesAll) {
  AddProvider();
  EXPECT_TRUE(Sees(ServiceId(""), {White("AppId", "^none$")}));
  EXPECT_THAT(registry().instances().List(pay_), IsOk());
  EXPECT_THAT(registry().instances().Get(pay_, instance_), IsOk());
}

TEST_F(RulesTest, ListAndGetHaveErrorsForWhatIsHidden) {
  AddProvider();
  const ServiceId web = AddService("web");
  ASSERT_THAT(rules().Replace(pay_, {Black("ServiceName", "web")}), IsOk());
  EXPECT_THAT(registry().instances().List(pay_, {.consumer = web}),
              ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(registry().instances().Get(pay_, instance_, web),
              ErrorIs(RegistryErrc::kInstanceNotExists));
}

TEST_F(RulesTest, SomeMembersHiddenAreLeftOut) {
  AddProvider();
  const auto v2 = registry()
                      .microservices()
                      .Register({.app_id = "shop", .name = "pay", .version = "2"})
                      .value();
  AddInstance(v2, "h2");
  const ServiceId web = AddService("web");
  const ServiceId app = AddService("app");
  ASSERT_THAT(rules().Replace(pay_, {Black("ServiceName", "web")}), IsOk());
  ASSERT_THAT(Find(web).instances(), SizeIs(1));
  EXPECT_EQ(Find(web).instances()[0].host(), "h2");
  EXPECT_THAT(Find(app).instances(), SizeIs(2));
  EXPECT_NE(Find(web).version(), Find(app).version()) << "different answers, different versions";
}

TEST_F(RulesTest, CrossAppNeedsBoth) {
  const auto rates =
      registry()
          .microservices()
          .Register({.app_id = "bank", .name = "rates", .properties = {{"allowCrossApp", "true"}}})
          .value();
  AddInstance(rates, "h");
  const ServiceId web = AddService("web");
  const auto find = [&] {
    return registry().discovery().Find(web, {.app_id = "bank", .name = "rates"}).value();
  };
  EXPECT_THAT(find().instances(), SizeIs(1));
  ASSERT_THAT(rules().Replace(rates, {Black("AppId", "shop")}), IsOk());
  EXPECT_THAT(find().instances(), IsEmpty());
}

TEST_F(RulesTest, RulesCountForAliasesToo) {
  const auto pay =
      registry().microservices().Register({.app_id = "shop", .name = "pay", .alias = "p"}).value();
  AddInstance(pay, "h");
  const ServiceId web = AddService("web");
  const auto find = [&] {
    return registry().discovery().Find(web, {.app_id = "shop", .name = "p"}).value();
  };
  EXPECT_THAT(find().instances(), SizeIs(1));
  ASSERT_THAT(rules().Replace(pay, {Black("ServiceName", "web")}), IsOk());
  EXPECT_THAT(find().instances(), IsEmpty());
}

TEST_F(RulesTest, HiddenProviderIsNoDependency) {
  AddProvider();
  const ServiceId web = AddService("web");
  ASSERT_THAT(rules().Replace(pay_, {Black("ServiceName", "web")}), IsOk());
  const Revision before = engine().revision();
  Find(web);
  EXPECT_EQ(engine().revision(), before);
  ASSERT_THAT(rules().Replace(pay_, {}), IsOk());
  Find(web);
  EXPECT_THAT(registry().microservices().Delete(pay_, DeleteMode::kSafe),
              ErrorIs(RegistryErrc::kServiceHasConsumers));
}

// One alias, two microservices of which one is hidden at first: once it is seen, it is recorded.
TEST_F(RulesTest, DependencyOnAHiddenMemberIsRecordedWhenItIsSeen) {
  const ServiceId one =
      registry().microservices().Register({.app_id = "shop", .name = "one", .alias = "p"}).value();
  const ServiceId two =
      registry()
          .microservices()
          .Register({.app_id = "shop", .name = "two", .version = "2", .alias = "p"})
          .value();
  const ServiceId web = AddService("web");
  const auto find = [&] {
    registry().discovery().Find(web, {.app_id = "shop", .name = "p"}).value();
  };
  ASSERT_THAT(rules().Replace(two, {Black("ServiceName", "web")}), IsOk());
  find();
  ASSERT_THAT(rules().Replace(two, {}), IsOk());
  find();
  EXPECT_THAT(registry().microservices().Delete(one), ErrorIs(RegistryErrc::kServiceHasConsumers));
  EXPECT_THAT(registry().microservices().Delete(two), ErrorIs(RegistryErrc::kServiceHasConsumers));
}

TEST_F(RulesTest, ReplaceReturnsAndKeepsThem) {
  AddProvider();
  EXPECT_THAT(rules().Get(pay_).value(), IsEmpty());
  ASSERT_THAT(rules().Replace(pay_, {Black("ServiceName", "a"), White("AppId", "b")}), IsOk());
  const std::vector<Rule> got = rules().Get(pay_).value();
  ASSERT_THAT(got, SizeIs(2));
  EXPECT_EQ(got[0].type, RuleType::kBlack);
  EXPECT_EQ(got[0].attribute, "ServiceName");
  EXPECT_EQ(got[0].pattern, "a");
  EXPECT_THAT(got[0].id, SizeIs(32));
  EXPECT_NE(got[0].id, got[1].id);
  EXPECT_EQ(got[0].created, std::chrono::sys_days(std::chrono::year(2024) / 1 / 1));
  ASSERT_THAT(rules().Replace(pay_, {}), IsOk());
  EXPECT_THAT(rules().Get(pay_).value(), IsEmpty());
}

TEST_F(RulesTest, IdsOfACallerAreKept) {
  AddProvider();
  Rule named = Black("ServiceName", "a");
  named.id = "my-rule";
  const Revision first = rules().Replace(pay_, {named, White("AppId", "b")}).value();
  const std::vector<Rule> got = rules().Get(pay_).value();
  ASSERT_THAT(got, SizeIs(2));
  EXPECT_EQ(got[0].id, "my-rule");
  EXPECT_THAT(got[1].id, SizeIs(32));
  EXPECT_EQ(rules().Replace(pay_, got).value(), first) << "what was read is no change";
  EXPECT_EQ(rules().Replace(pay_, {Black("ServiceName", "a"), White("AppId", "b")}).value(), first)
      << "nor are rules that say nothing of ids";
  named.id = "other";
  EXPECT_GT(rules().Replace(pay_, {named, White("AppId", "b")}).value(), first);
  EXPECT_EQ(rules().Get(pay_).value()[0].id, "other");
}

TEST_F(RulesTest, IdsAreShortAndEachThereOnce) {
  AddProvider();
  Rule one = Black("AppId", "a");
  one.id = std::string(65, 'i');
  EXPECT_THAT(rules().Replace(pay_, {one}), ErrorIs(RegistryErrc::kInvalidParams));
  one.id = std::string(64, 'i');
  EXPECT_THAT(rules().Replace(pay_, {one, one}),
              ErrorIs(RegistryErrc::kInvalidParams, HasSubstr("ruleId")));
  EXPECT_THAT(rules().Replace(pay_, {one}), IsOk());
}

TEST_F(RulesTest, VersionsMoveWithEveryChangeAlone) {
  AddProvider();
  const auto version = [&] { return Find(ServiceId("")).version().str(); };
  std::string before = version();
  ASSERT_THAT(rules().Replace(pay_, {}), IsOk());
  EXPECT_EQ(version(), before);
  const Revision changed = rules().Replace(pay_, {Black("AppId", "x")}).value();
  EXPECT_NE(version(), before);
  before = version();
  EXPECT_EQ(rules().Replace(pay_, {Black("AppId", "x")}).value(), changed);
  EXPECT_EQ(version(), before);
}

TEST_F(RulesTest, FieldsFollowTheirRules) {
  AddProvider();
  ASSERT_THAT(rules().Replace(pay_, {Black("AppId", std::string(64, 'a'))}), IsOk());
  Rule untyped = Black("AppId", "a");
  untyped.type = RuleType::kUnset;
  Rule wordy = Black("AppId", "a");
  wordy.description = std::string(257, 'd');
  for (const Rule& bad :
       {untyped, wordy, Black("AppId", ""), Black("AppId", std::string(65, 'a')),
        Black("AppId", "("), Black("AppId", "((a{100}){100}){100}"), Black("appId", "a"),
        Black("", "a"), Black("tag_", "a"), Black("tag_a b", "a"),
        Black("tag_" + std::string(65, 'a'), "a"), Black("Alias", "a")}) {
    EXPECT_THAT(rules().Replace(pay_, {bad}), ErrorIs(RegistryErrc::kInvalidParams))
        << bad.attribute << " " << bad.pattern;
  }
  EXPECT_THAT(rules().Get(pay_).value(), SizeIs(1)) << "a bad set changes nothing";
}

// The API manual's example (8.3.4) has tag_123, though no tag's key begins with a digit.
TEST_F(RulesTest, TagThatNobodyCanHaveMatchesNobody) {
  AddProvider();
  const ServiceId web = AddService("web");
  EXPECT_TRUE(Sees(web, {Black("tag_123", ".*")}));
  EXPECT_FALSE(Sees(web, {White("tag_123", "aaa")}));
}

TEST_F(RulesTest, TheirNumberHasALimit) {
  AddProvider();
  EXPECT_THAT(rules().Replace(pay_, std::vector<Rule>(100, Black("AppId", "x"))), IsOk());
  EXPECT_THAT(rules().Replace(pay_, std::vector<Rule>(101, Black("AppId", "x"))),
              ErrorIs(RegistryErrc::kInvalidParams, HasSubstr("at most 100")));
}

TEST_F(RulesTest, UnknownMicroserviceIsAnError) {
  EXPECT_THAT(rules().Get(ServiceId("nosuch")), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(rules().Replace(ServiceId("nosuch"), {}), ErrorIs(RegistryErrc::kServiceNotExists));
}

}  // namespace
}  // namespace skep::testing
