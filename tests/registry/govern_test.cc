#include "skep/registry/govern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class GovernTest : public EngineFixture {
 protected:
  static constexpr DetailParts kEverything{.instances = InstancePart::kAll,
                                           .dependencies = DependencyPart::kAll};

  ServiceId Add(Microservice service) {
    return registry().microservices().Register(std::move(service)).value();
  }
  void Depend(std::string consumer, std::vector<std::string> providers) {
    Dependency dependency{
        .consumer = {.app_id = "shop", .name = std::move(consumer), .version = "0.0.1"}};
    for (std::string& name : providers) dependency.providers.push_back({.name = std::move(name)});
    ASSERT_THAT(registry().dependencies().Add({&dependency, 1}), IsOk());
  }
  static std::vector<std::string> Names(const std::vector<MicroservicePtr>& services) {
    std::vector<std::string> names;
    for (const MicroservicePtr& service : services) names.push_back(service->name);
    return names;
  }
  std::vector<std::string> Listed(const ServiceFilter& filter) {
    std::vector<std::string> names;
    const auto details = registry().govern().List(filter, {});
    for (const ServiceDetail& detail : details.value()) names.push_back(detail.service->name);
    return names;
  }
  static std::vector<std::pair<std::string, std::string>> Lines(const RelationGraph& graph) {
    std::vector<std::pair<std::string, std::string>> lines;
    for (const Relation& one : graph.relations) {
      lines.emplace_back(one.consumer->name, one.provider->name);
    }
    return lines;
  }
  Govern govern() { return registry().govern(); }
};

TEST_F(GovernTest, GetHasAllThereIs) {
  const ServiceId web = AddService("web");
  const ServiceId cart = Add({.app_id = "shop", .name = "cart", .version = "1.0.0"});
  Add({.app_id = "shop", .name = "cart", .version = "2.0.0"});
  AddInstance(cart, "h1");
  AddInstance(cart, "h2");
  Depend("web", {"cart", "web", "later"});

  const ServiceDetail provider = govern().Get(cart).value();
  EXPECT_EQ(provider.service->name, "cart");
  EXPECT_THAT(provider.versions, UnorderedElementsAre("1.0.0", "2.0.0"));
  ASSERT_THAT(provider.instances, SizeIs(2));
  EXPECT_EQ(provider.instances[0].host(), "h1");
  EXPECT_THAT(Names(provider.consumers), ElementsAre("web"));
  EXPECT_THAT(provider.providers, IsEmpty());

  const ServiceDetail consumer = govern().Get(web).value();
  EXPECT_THAT(Names(consumer.providers), ElementsAre("cart", "cart", "web"));
  EXPECT_THAT(Names(consumer.consumers), ElementsAre("web"));
  ASSERT_THAT(consumer.provider_keys, SizeIs(3));
  EXPECT_EQ(consumer.provider_keys[2].name, "later");
  EXPECT_EQ(consumer.provider_keys[2].app_id, "shop");
  EXPECT_EQ(consumer.provider_keys[2].tenant, "default/default");
}

TEST_F(GovernTest, GetOfWhatIsNotThere) {
  EXPECT_THAT(govern().Get(ServiceIdView("nosuch")), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(govern().Get(ServiceIdView("")), ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(GovernTest, FilterComparesExactly) {
  Add({.app_id = "shop", .name = "cart", .properties = {{"owner", "x"}, {"zone", "1"}}});
  Add({.app_id = "shop", .name = "pay", .properties = {{"owner", "x"}}});
  Add({.app_id = "bank", .name = "rates", .environment = "testing"});
  EXPECT_THAT(Listed({}), ElementsAre("cart", "pay", "rates"));
  EXPECT_THAT(Listed({.environment = "testing"}), ElementsAre("rates"));
  EXPECT_THAT(Listed({.environment = "nosuch"}), IsEmpty());
  EXPECT_THAT(Listed({.app_id = "shop"}), ElementsAre("cart", "pay"));
  EXPECT_THAT(Listed({.app_id = "sho"}), IsEmpty());
  EXPECT_THAT(Listed({.name = "pay"}), ElementsAre("pay"));
  EXPECT_THAT(Listed({.properties = {{"owner", "x"}}}), ElementsAre("cart", "pay"));
  EXPECT_THAT(Listed({.properties = {{"owner", "x"}, {"zone", "1"}}}), ElementsAre("cart"));
  EXPECT_THAT(Listed({.properties = {{"owner", ""}}}), IsEmpty());
}

TEST_F(GovernTest, ListFillsInWhatIsAskedFor) {
  const ServiceId web = AddService("web");
  AddService("cart");
  AddInstance(web, "h1");
  Depend("web", {"cart", "web"});

  const ServiceDetail bare = govern().List({.name = "web"}, {}).value().at(0);
  EXPECT_THAT(bare.instances, IsEmpty());
  EXPECT_EQ(bare.instance_count, std::nullopt);
  EXPECT_THAT(bare.provider_keys, IsEmpty());

  const ServiceDetail counted =
      govern().List({.name = "web"}, {.instances = InstancePart::kCount}).value().at(0);
  EXPECT_THAT(counted.instances, IsEmpty());
  EXPECT_THAT(counted.instance_count, Optional(1u));

  const ServiceDetail keys =
      govern().List({.name = "web"}, {.dependencies = DependencyPart::kKeys}).value().at(0);
  EXPECT_THAT(keys.provider_keys, SizeIs(2));
  EXPECT_THAT(keys.providers, IsEmpty());

  const ServiceDetail others =
      govern().List({.name = "web"}, {.dependencies = DependencyPart::kOthers}).value().at(0);
  EXPECT_THAT(Names(others.providers), ElementsAre("cart"));
  EXPECT_THAT(others.consumers, IsEmpty());

  const ServiceDetail all = govern().List({.name = "web"}, kEverything).value().at(0);
  EXPECT_THAT(all.instances, SizeIs(1));
  EXPECT_THAT(Names(all.providers), ElementsAre("cart", "web"));
  EXPECT_THAT(Names(all.consumers), ElementsAre("web"));
}

// More microservices than one step has, some of them gone again.
TEST_F(GovernTest, ListGoesOnAcrossSteps) {
  std::vector<ServiceId> ids;
  for (int i = 0; i < 2'500; ++i) ids.push_back(AddService("s" + std::to_string(i)));
  for (const std::size_t i : {0U, 1'023U, 1'024U, 2'499U}) {
    ASSERT_THAT(registry().microservices().Delete(ids[i]), IsOk());
  }
  const std::vector<std::string> names = Listed({});
  ASSERT_THAT(names, SizeIs(2'496));
  EXPECT_EQ(names.front(), "s1");
  EXPECT_EQ(names[1'022], "s1025");
  EXPECT_EQ(names.back(), "s2498");
}

// Every version of a family has every consumer, so that few registrations make many relations.
TEST_F(GovernTest, AnswersHaveALimit) {
  constexpr int kVersions = 700;
  for (int i = 0; i < kVersions; ++i) {
    Add({.app_id = "shop", .name = "pay", .version = "1.0." + std::to_string(i)});
    AddService("c" + std::to_string(i));
    Depend("c" + std::to_string(i), {"pay"});
  }
  const DetailParts parts{.dependencies = DependencyPart::kOthers};
  EXPECT_THAT(govern().List({}, parts), ErrorIs(RegistryErrc::kNotEnoughQuota));
  EXPECT_THAT(govern().List({.name = "pay"}, parts), IsOk());
  EXPECT_THAT(govern().Relations().value().relations, SizeIs(kVersions * kVersions));
}

TEST_F(GovernTest, RelationsLeaveSelfOut) {
  AddService("web");
  AddService("cart");
  AddService("pay");
  Depend("web", {"web", "cart", "later"});
  Depend("cart", {"pay"});
  const RelationGraph graph = govern().Relations().value();
  EXPECT_THAT(Names(graph.services), ElementsAre("web", "cart", "pay"));
  EXPECT_THAT(Lines(graph), ElementsAre(Pair("web", "cart"), Pair("cart", "pay")));
}

TEST_F(GovernTest, AppsOfOneEnvironment) {
  Add({.app_id = "shop", .name = "web"});
  Add({.app_id = "shop", .name = "cart"});
  Add({.app_id = "bank", .name = "rates"});
  Add({.app_id = "lab", .name = "probe", .environment = "testing"});
  EXPECT_THAT(govern().Apps("").value(), ElementsAre("bank", "shop"));
  EXPECT_THAT(govern().Apps("testing").value(), ElementsAre("lab"));
  EXPECT_THAT(govern().Apps("production").value(), IsEmpty());
  EXPECT_THAT(govern().Apps("nosuch"), ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(GovernTest, StatisticsCountVersionsOnce) {
  const ServiceId v1 = Add({.app_id = "shop", .name = "pay", .version = "1.0.0"});
  Add({.app_id = "shop", .name = "pay", .version = "2.0.0"});
  Add({.app_id = "shop", .name = "pay", .environment = "testing"});
  const ServiceId rates = Add({.app_id = "bank", .name = "rates"});
  AddInstance(v1, "h1");
  const InstanceId last = AddInstance(rates, "h2");
  RegistryStatistics statistics = govern().Statistics();
  EXPECT_EQ(statistics.services, 3u);
  EXPECT_EQ(statistics.online_services, 2u);
  EXPECT_EQ(statistics.instances, 2u);
  EXPECT_EQ(statistics.apps, 2u);

  ASSERT_THAT(registry().instances().Unregister(rates, last), IsOk());
  statistics = govern().Statistics();
  EXPECT_EQ(statistics.online_services, 1u);
  EXPECT_EQ(statistics.instances, 1u);
}

TEST_F(GovernTest, SharedServicesOnDemand) {
  Add({.name = "SERVICECENTER"});
  const ServiceId web = AddService("web");
  Dependency dependency{.consumer = {.app_id = "shop", .name = "web", .version = "0.0.1"},
                        .providers = {{.app_id = "default", .name = "SERVICECENTER"}}};
  ASSERT_THAT(registry().dependencies().Add({&dependency, 1}), IsOk());
  EXPECT_THAT(Listed({}), ElementsAre("web"));
  EXPECT_THAT(Listed({.shared = SharedServices::kShow}), ElementsAre("SERVICECENTER", "web"));
  EXPECT_THAT(govern().Relations().value().relations, IsEmpty());
  EXPECT_THAT(Lines(govern().Relations(SharedServices::kShow).value()),
              ElementsAre(Pair("web", "SERVICECENTER")));
  EXPECT_THAT(govern().Apps("").value(), ElementsAre("shop"));
  EXPECT_THAT(govern().Apps("", SharedServices::kShow).value(), ElementsAre("default", "shop"));
  EXPECT_EQ(govern().Statistics().services, 1u);
  EXPECT_EQ(govern().Statistics(SharedServices::kShow).services, 2u);
}

TEST_F(GovernTest, TenantsAreApart) {
  AddService("web");
  Registry other = engine().registry({.domain = "d", .project = "p"});
  EXPECT_THAT(other.govern().List({}, kEverything).value(), IsEmpty());
  EXPECT_THAT(other.govern().Relations().value().services, IsEmpty());
  EXPECT_EQ(other.govern().Statistics().services, 0u);
  EXPECT_THAT(govern().Tenants(), ElementsAre(Tenant{}));
  ASSERT_THAT(other.microservices().Register({.name = "x"}), IsOk());
  EXPECT_THAT(govern().Tenants(), ElementsAre(Tenant{.domain = "d", .project = "p"}, Tenant{}));
  EXPECT_EQ(other.govern().Statistics().services, 1u);
  EXPECT_THAT(Listed({}), ElementsAre("web"));
}

}  // namespace
}  // namespace skep::testing
