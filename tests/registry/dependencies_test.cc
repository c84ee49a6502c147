#include "skep/registry/dependencies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DependenciesTest : public EngineFixture {
 protected:
  static Dependency Of(std::string consumer, std::vector<std::string> providers) {
    Dependency dependency{
        .consumer = {.app_id = "shop", .name = std::move(consumer), .version = "0.0.1"}};
    for (std::string& name : providers) dependency.providers.push_back({.name = std::move(name)});
    return dependency;
  }
  Result<Revision> Add(const Dependency& one) { return registry().dependencies().Add({&one, 1}); }
  Result<Revision> Override(const Dependency& one) {
    return registry().dependencies().Override({&one, 1});
  }
  static std::vector<std::string> Names(const Result<std::vector<MicroservicePtr>>& services) {
    std::vector<std::string> names;
    for (const MicroservicePtr& service : services.value()) names.push_back(service->name);
    return names;
  }
  std::vector<std::string> ProvidersOf(const ServiceId& id,
                                       SelfDependency self = SelfDependency::kShow) {
    return Names(registry().dependencies().Providers(id, self));
  }
  std::vector<std::string> ConsumersOf(const ServiceId& id,
                                       SelfDependency self = SelfDependency::kShow) {
    return Names(registry().dependencies().Consumers(id, self));
  }
  void Find(const ServiceId& consumer, std::string_view name) {
    ASSERT_THAT(registry().discovery().Find(consumer, {.app_id = "shop", .name = name}), IsOk());
  }

  const ServiceId web_ = AddService("web");
  const ServiceId cart_ = AddService("cart");
  const ServiceId pay_ = AddService("pay");
};

TEST_F(DependenciesTest, AddAndOverride) {
  ASSERT_THAT(Add(Of("web", {"cart"})), IsOk());
  ASSERT_THAT(Add(Of("web", {"pay"})), IsOk());
  EXPECT_THAT(ProvidersOf(web_), ElementsAre("cart", "pay"));
  EXPECT_THAT(ConsumersOf(cart_), ElementsAre("web"));
  ASSERT_THAT(Override(Of("web", {"pay"})), IsOk());
  EXPECT_THAT(ProvidersOf(web_), ElementsAre("pay"));
  EXPECT_THAT(ConsumersOf(cart_), IsEmpty());
  ASSERT_THAT(Override(Of("web", {})), IsOk());
  EXPECT_THAT(ProvidersOf(web_), IsEmpty());
}

TEST_F(DependenciesTest, OnlyChangesTakeARevision) {
  const Revision first = Add(Of("web", {"cart"})).value();
  EXPECT_EQ(first, engine().revision());
  EXPECT_EQ(Add(Of("web", {"cart"})).value(), first);
  EXPECT_EQ(Override(Of("web", {"cart"})).value(), first);
  EXPECT_EQ(engine().revision(), first);
  EXPECT_GT(Override(Of("web", {})).value(), first);
}

TEST_F(DependenciesTest, SelfCanBeLeftOut) {
  ASSERT_THAT(Add(Of("web", {"web", "cart"})), IsOk());
  EXPECT_THAT(ProvidersOf(web_), ElementsAre("web", "cart"));
  EXPECT_THAT(ProvidersOf(web_, SelfDependency::kHide), ElementsAre("cart"));
  EXPECT_THAT(ConsumersOf(web_), ElementsAre("web"));
  EXPECT_THAT(ConsumersOf(web_, SelfDependency::kHide), IsEmpty());
}

TEST_F(DependenciesTest, ProviderMayComeLater) {
  ASSERT_THAT(Add(Of("web", {"later"})), IsOk());
  ASSERT_THAT(Override(Of("cart", {"pay"})), IsOk());  // Cleans nobody else's up.
  EXPECT_THAT(ProvidersOf(web_), IsEmpty());
  const ServiceId later = AddService("later");
  EXPECT_THAT(ProvidersOf(web_), ElementsAre("later"));
  EXPECT_THAT(ConsumersOf(later), ElementsAre("web"));
  EXPECT_THAT(registry().microservices().Delete(later),
              ErrorIs(RegistryErrc::kServiceHasConsumers));
}

TEST_F(DependenciesTest, EveryVersionOfAProvider) {
  const ServiceId newer = registry()
                              .microservices()
                              .Register({.app_id = "shop", .name = "cart", .version = "2.0.0"})
                              .value();
  ASSERT_THAT(Add(Of("web", {"cart"})), IsOk());
  EXPECT_THAT(ProvidersOf(web_), ElementsAre("cart", "cart"));
  EXPECT_THAT(ConsumersOf(newer), ElementsAre("web"));
}

TEST_F(DependenciesTest, FindsAreInBothQueries) {
  Find(web_, "cart");
  EXPECT_THAT(ProvidersOf(web_), ElementsAre("cart"));
  EXPECT_THAT(ConsumersOf(cart_), ElementsAre("web"));
}

TEST_F(DependenciesTest, OverrideForgetsFindsUntilTheNext) {
  Find(web_, "cart");
  ASSERT_THAT(Override(Of("web", {"pay"})), IsOk());
  EXPECT_THAT(ConsumersOf(cart_), IsEmpty());
  Find(web_, "cart");
  EXPECT_THAT(ProvidersOf(web_), ElementsAre("pay", "cart"));
  EXPECT_THAT(ConsumersOf(cart_), ElementsAre("web"));
}

TEST_F(DependenciesTest, ConsumerByAlias) {
  const ServiceId store = registry()
                              .microservices()
                              .Register({.app_id = "shop", .name = "store", .alias = "depot"})
                              .value();
  ASSERT_THAT(Add(Of("depot", {"cart"})), IsOk());
  EXPECT_THAT(ProvidersOf(store), ElementsAre("cart"));
  ASSERT_THAT(Add(Of("web", {"depot"})), IsOk());
  EXPECT_THAT(ProvidersOf(web_), ElementsAre("store"));
  EXPECT_THAT(ConsumersOf(store), ElementsAre("web"));
}

TEST_F(DependenciesTest, ConsumerByTheAliasOfItsKey) {
  const ServiceId store = registry()
                              .microservices()
                              .Register({.app_id = "shop", .name = "store", .alias = "shop:depot"})
                              .value();
  Dependency dependency = Of("nope", {"cart"});
  dependency.consumer.alias = "shop:depot";
  ASSERT_THAT(Add(dependency), IsOk());
  EXPECT_THAT(ProvidersOf(store), ElementsAre("cart"));
  dependency.consumer.version = "0.0.2";
  EXPECT_THAT(Add(dependency), ErrorIs(RegistryErrc::kServiceNotExists));
  dependency = Of("web", {"pay"});
  dependency.consumer.alias = "shop:depot";
  ASSERT_THAT(Add(dependency), IsOk());
  EXPECT_THAT(ProvidersOf(web_), ElementsAre("pay")) << "the name comes first";
  EXPECT_THAT(ProvidersOf(store), ElementsAre("cart"));
}

TEST_F(DependenciesTest, AllOrNothing) {
  const std::vector<Dependency> both = {Of("web", {"cart"}), Of("nope", {"cart"})};
  const Revision before = engine().revision();
  EXPECT_THAT(registry().dependencies().Add(both), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(ProvidersOf(web_), IsEmpty());
  EXPECT_EQ(engine().revision(), before);
}

TEST_F(DependenciesTest, ConsumerInExactlyThisVersion) {
  Dependency other = Of("web", {"cart"});
  other.consumer.version = "0.0.2";
  EXPECT_THAT(Add(other), ErrorIs(RegistryErrc::kServiceNotExists));
}

TEST_F(DependenciesTest, DeletedConsumerIsForgotten) {
  ASSERT_THAT(Add(Of("web", {"cart"})), IsOk());
  ASSERT_THAT(registry().microservices().Delete(web_), IsOk());
  EXPECT_THAT(ConsumersOf(cart_), IsEmpty());
}

TEST_F(DependenciesTest, FieldsAreChecked) {
  std::vector<Dependency> bad(9, Of("web", {"cart"}));
  bad[0].consumer.app_id = "";
  bad[1].consumer.name = "*";
  bad[2].consumer.version = "1.0+";
  bad[3].consumer.environment = "moon";
  bad[4].providers[0].name = "*";
  bad[5].providers[0].version = "x";
  bad[6].providers.push_back({.app_id = "shop", .name = "cart"});  // The same one.
  bad[7].providers.clear();
  bad[8].providers[0].tenant = "default/other";
  for (std::size_t i = 0; i < bad.size(); ++i) {
    EXPECT_THAT(Add(bad[i]), ErrorIs(RegistryErrc::kInvalidParams)) << i;
  }
  EXPECT_THAT(registry().dependencies().Add({}), ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(DependenciesTest, VersionRulesOfProvidersAreAccepted) {
  for (const char* version : {"", "1.0.0", "1.0.0+", "1.0.0-2.0.0", "latest"}) {
    Dependency dependency = Of("web", {"cart"});
    dependency.providers[0].version = version;
    dependency.providers[0].tenant = "default/default";
    EXPECT_THAT(Add(dependency), IsOk()) << version;
  }
}

TEST_F(DependenciesTest, LimitsOfACall) {
  const std::vector<Dependency> many(kDependenciesMax + 1, Of("web", {"cart"}));
  EXPECT_THAT(registry().dependencies().Add(many), ErrorIs(RegistryErrc::kInvalidParams));
  std::vector<std::string> names;
  for (std::size_t i = 0; i <= kDependencyProvidersMax; ++i) names.push_back(std::to_string(i));
  EXPECT_THAT(Add(Of("web", names)), ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(DependenciesTest, UnknownServices) {
  const ServiceId no("nosuch");
  EXPECT_THAT(registry().dependencies().Providers(no), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(registry().dependencies().Consumers(no), ErrorIs(RegistryErrc::kServiceNotExists));
}

using DependencyQuotaTest = EngineFixture;

TEST_F(DependencyQuotaTest, ProvidersOfOneConsumer) {
  Reopen({.providers_max = 2});
  AddService("web");
  Dependency one{.consumer = {.app_id = "shop", .name = "web", .version = "0.0.1"},
                 .providers = {{.name = "a"}, {.name = "b"}}};
  ASSERT_THAT(registry().dependencies().Add({&one, 1}), IsOk());
  one.providers = {{.name = "c"}};
  EXPECT_THAT(registry().dependencies().Add({&one, 1}), ErrorIs(RegistryErrc::kNotEnoughQuota));
}

}  // namespace
}  // namespace skep::testing
