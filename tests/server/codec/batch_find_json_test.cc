#include "server/codec/batch_find_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/codec/instance_memo.h"
#include "skep/registry/errors.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/error_matchers.h"

namespace skep::server {
namespace {

using skep::testing::EngineFixture;
using skep::testing::ErrorIs;
using skep::testing::IsOk;
using ::testing::SizeIs;

TEST(ReadBatchFind, AllMembers) {
  JsonReader reader;
  const auto read = ReadBatchFind(
      reader,
      R"({"services":[{"service":{"environment":"testing","appId":"shop","serviceName":"a"},)"
      R"("rev":"7"}],"instances":[{"rev":null,"instance":{"serviceId":"s","instanceId":"i"}}]})");
  ASSERT_THAT(read, IsOk());
  ASSERT_THAT(read->services, SizeIs(1));
  EXPECT_EQ(read->services[0].environment, "testing");
  EXPECT_EQ(read->services[0].app_id, "shop");
  EXPECT_EQ(read->services[0].name, "a");
  EXPECT_EQ(read->services[0].known, "7");
  ASSERT_THAT(read->instances, SizeIs(1));
  EXPECT_EQ(read->instances[0].service_id.str(), "s");
  EXPECT_EQ(read->instances[0].instance_id.str(), "i");
  EXPECT_EQ(read->instances[0].known, "");
}

TEST(ReadBatchFind, WhatIsMissingOrNull) {
  JsonReader reader;
  for (const char* body : {R"({"services":[null]})", R"({"services":[{"rev":"0"}]})",
                           R"({"services":[{"service":null}]})", R"({"instances":[{}]})",
                           R"({"instances":[{"instance":{"serviceId":1}}]})", "{", ""}) {
    EXPECT_THAT(ReadBatchFind(reader, body), ErrorIs(RegistryErrc::kInvalidParams)) << body;
  }
}

std::string Whole(const BatchFindBody& body) {
  std::string text = body.text;
  for (auto list = body.lists.rbegin(); list != body.lists.rend(); ++list) {
    text.insert(list->at, list->bytes);
  }
  return text;
}

using BatchFindBodyTest = EngineFixture;

TEST_F(BatchFindBodyTest, GroupsInTheirOrder) {
  const ServiceId cart = AddService("cart");
  const std::string rev =
      registry().discovery().Find({.app_id = "shop", .name = "cart"})->version().str();
  const std::vector<FindQuery> services = {{.app_id = "shop", .name = "x"},
                                           {.app_id = "shop", .name = "cart", .known = rev},
                                           {.app_id = "shop", .name = "y"},
                                           {.app_id = "shop", .name = "cart"}};
  const BatchFound found = registry()
                               .discovery()
                               .BatchFind(ServiceIdView(std::string_view()), {.services = services})
                               .value();
  EXPECT_EQ(Whole(MakeBatchFindBody(found)),
            R"({"services":{"failed":[{"indexes":[0,2],"error":{"errorCode":"400012",)"
            R"("errorMessage":"Micro-service does not exist","detail":)"
            R"x("Micro-service does not exist(provider[/shop/x] does not exist)"}}],)x"
            R"("notModified":[1],"updated":[{"index":3,"rev":")" +
                rev + R"("}]}})");
}

TEST_F(BatchFindBodyTest, LongListsAreSharedWithFinds) {
  const ServiceId cart = AddService("cart");
  for (int i = 0; i < 20; ++i) AddInstance(cart, "h" + std::to_string(i));
  const FindQuery query{.app_id = "shop", .name = "cart"};
  const BatchFound found =
      registry()
          .discovery()
          .BatchFind(ServiceIdView(std::string_view()), {.services = {&query, 1}})
          .value();
  const BatchFindBody body = MakeBatchFindBody(found);
  const InstancesBody find = MakeInstancesBody(registry().discovery().Find(query).value());
  ASSERT_THAT(body.lists, SizeIs(1));
  EXPECT_EQ(body.lists[0].owner, find.shared);
  const std::string list = find.shared->substr(1);
  EXPECT_EQ(Whole(body), R"({"services":{"updated":[{"index":0,"rev":")" +
                             found.services[0]->version().str() + R"(",)" + list + "]}}");
}

}  // namespace
}  // namespace skep::server
