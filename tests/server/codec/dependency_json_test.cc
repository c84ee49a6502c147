#include "server/codec/dependency_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "skep/registry/errors.h"
#include "tests/support/error_matchers.h"

namespace skep::server {
namespace {

using skep::testing::ErrorIs;
using skep::testing::IsOk;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ReadDependencies, AllMembers) {
  JsonReader reader;
  const auto read = ReadDependencies(
      reader, R"({"dependencies":[{"consumer":{"environment":"testing","appId":"shop",)"
              R"("serviceName":"web","version":"1.0.0"},"providers":[{"appId":"bank",)"
              R"("serviceName":"rates","version":"1.0+"},{"serviceName":"cart"}]}]})");
  ASSERT_THAT(read, IsOk());
  ASSERT_THAT(*read, SizeIs(1));
  const Dependency& one = read->front();
  EXPECT_EQ(one.consumer.environment, "testing");
  EXPECT_EQ(one.consumer.app_id, "shop");
  EXPECT_EQ(one.consumer.name, "web");
  EXPECT_EQ(one.consumer.version, "1.0.0");
  ASSERT_THAT(one.providers, SizeIs(2));
  EXPECT_EQ(one.providers[0].app_id, "bank");
  EXPECT_EQ(one.providers[0].version, "1.0+");
  EXPECT_EQ(one.providers[1].name, "cart");
}

TEST(ReadDependencies, ProvidersMayBeAbsentOrNull) {
  JsonReader reader;
  for (const char* rest : {"", R"(,"providers":null)", R"(,"providers":[])"}) {
    const auto read =
        ReadDependencies(reader, std::string(R"({"dependencies":[{"consumer":{})") + rest + "}]}");
    ASSERT_THAT(read, IsOk()) << rest;
    EXPECT_THAT(read->front().providers, IsEmpty()) << rest;
  }
}

TEST(ReadDependencies, WhatIsMissingOrNull) {
  JsonReader reader;
  for (const char* body : {R"({"dependencies":[null]})", R"({"dependencies":[{}]})",
                           R"({"dependencies":[{"consumer":null}]})", R"({"dependencies":{}})",
                           R"({"dependencies":[{"consumer":{},"providers":[null]}]})", "[", ""}) {
    EXPECT_THAT(ReadDependencies(reader, body), ErrorIs(RegistryErrc::kInvalidParams)) << body;
  }
  EXPECT_THAT(ReadDependencies(reader, "{}").value(), IsEmpty());
}

TEST(DependencyBodies, ListsAndNone) {
  Microservice service;
  service.name = "cart";
  const std::vector<MicroservicePtr> one = {std::make_shared<const Microservice>(service)};
  std::string providers;
  ProvidersText(one, &providers).Finish();
  EXPECT_EQ(providers, R"({"providers":[{"serviceName":"cart"}]})");
  std::string consumers;
  ConsumersText({}, &consumers).Finish();
  EXPECT_EQ(consumers, "{}");
}

}  // namespace
}  // namespace skep::server
