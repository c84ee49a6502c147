#include "skep/registry/schemas.h"

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

class SchemasTest : public EngineFixture {
 protected:
  Schemas schemas() { return registry().schemas(); }

  ServiceId Declare(std::vector<std::string> ids) {
    return registry()
        .microservices()
        .Register({.app_id = "shop", .name = "cart", .schemas = std::move(ids)})
        .value();
  }
  std::vector<std::string> Declared(const ServiceId& id) {
    return registry().microservices().Get(id).value()->schemas;
  }
  /// "id:summary:content" each.
  std::vector<std::string> Listed(const ServiceId& id) {
    const std::vector<SchemaPtr> found = schemas().List(id).value();
    std::vector<std::string> all;
    all.reserve(found.size());
    for (const SchemaPtr& schema : found) {
      all.push_back(schema->id + ":" + schema->summary + ":" + schema->content);
    }
    return all;
  }
};

TEST_F(SchemasTest, PutGetAndOverwrite) {
  const ServiceId cart = Declare({"declared"});
  EXPECT_THAT(Listed(cart), ElementsAre("declared::"));
  ASSERT_THAT(schemas().Put(cart, {.id = "hello", .summary = "s1", .content = "one"}), IsOk());
  EXPECT_EQ(schemas().Get(cart, "hello").value()->content, "one");
  EXPECT_EQ(schemas().Get(cart, "hello").value()->summary, "s1");
  ASSERT_THAT(schemas().Put(cart, {.id = "hello", .content = "two"}), IsOk());
  EXPECT_EQ(schemas().Get(cart, "hello").value()->summary, "");
  EXPECT_THAT(Listed(cart), ElementsAre("declared::", "hello::two"));
  EXPECT_THAT(Declared(cart), ElementsAre("declared", "hello"));
}

TEST_F(SchemasTest, DeclaredIsNotUploaded) {
  const ServiceId cart = Declare({"declared"});
  EXPECT_THAT(schemas().Get(cart, "declared"), ErrorIs(RegistryErrc::kSchemaNotExists));
  EXPECT_THAT(schemas().Delete(cart, "declared"), ErrorIs(RegistryErrc::kSchemaNotExists));
}

TEST_F(SchemasTest, BatchReplacesContentsAndIds) {
  const ServiceId cart = Declare({"a"});
  ASSERT_THAT(schemas().ReplaceAll(cart, {{"a", "s1", "1"}, {"b", "s2", "2"}}), IsOk());
  EXPECT_THAT(Listed(cart), ElementsAre("a:s1:1", "b:s2:2"));
  ASSERT_THAT(schemas().ReplaceAll(cart, {{"c", "s3", "3"}, {"b", "s2", "2x"}}), IsOk());
  EXPECT_THAT(Listed(cart), ElementsAre("c:s3:3", "b:s2:2x"));
  EXPECT_THAT(Declared(cart), ElementsAre("c", "b")) << "the order is kept";
  EXPECT_THAT(schemas().Get(cart, "a"), ErrorIs(RegistryErrc::kSchemaNotExists));
}

TEST_F(SchemasTest, BadBatchChangesNothing) {
  const ServiceId cart = Declare({"a"});
  ASSERT_THAT(schemas().Put(cart, {"a", "s", "1"}), IsOk());
  const Revision before = engine().revision();
  const std::vector<std::vector<Schema>> bad = {
      {},
      {{"x", "s", "1"}, {"x", "s", "2"}},  // The same id twice.
      {{"x", "s", "1"}, {"y", "", "2"}},   // Here a summary is a must.
      {{"x", "s", "1"}, {"y", "s", ""}},
      {{"x", "s", "1"}, {"no/t", "s", "2"}},
      {{"x", "s", "1"}, {"", "s", "2"}},
  };
  for (const std::vector<Schema>& batch : bad) {
    EXPECT_THAT(schemas().ReplaceAll(cart, batch), ErrorIs(RegistryErrc::kInvalidParams));
  }
  EXPECT_EQ(engine().revision(), before);
  EXPECT_THAT(Listed(cart), ElementsAre("a:s:1"));
}

TEST_F(SchemasTest, FieldsFollowTheirRules) {
  const ServiceId cart = Declare({});
  EXPECT_THAT(schemas().Put(cart, {std::string(160, 'a'), std::string(128, 'f'), "1"}), IsOk());
  for (const Schema& bad : std::vector<Schema>{{std::string(161, 'a'), "", "1"},
                                               {"-a", "", "1"},
                                               {"a", std::string(129, 'f'), "1"},
                                               {"a", "a-b", "1"},
                                               {"a", "", ""}}) {
    EXPECT_THAT(schemas().Put(cart, bad), ErrorIs(RegistryErrc::kInvalidParams)) << bad.id;
  }
  EXPECT_THAT(schemas().Get(cart, "a/b"), ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_THAT(schemas().Delete(cart, ""), ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(SchemasTest, LimitCountsDeclaredIds) {
  Reopen({.schemas_max = 2, .schema_bytes_max = 4});
  const ServiceId cart = Declare({"a", "b"});
  EXPECT_THAT(schemas().Put(cart, {"c", "", "1"}), ErrorIs(RegistryErrc::kNotEnoughQuota));
  EXPECT_THAT(schemas().Put(cart, {"b", "", "1"}), IsOk()) << "it is declared";
  EXPECT_THAT(schemas().ReplaceAll(cart, {{"a", "s", "1"}, {"b", "s", "1"}, {"c", "s", "1"}}),
              ErrorIs(RegistryErrc::kInvalidParams));
  EXPECT_THAT(schemas().Put(cart, {"a", "", "12345"}), ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(SchemasTest, DeletedIdStaysDeclared) {
  const ServiceId cart = Declare({});
  ASSERT_THAT(schemas().ReplaceAll(cart, {{"one", "s1", "1"}, {"two", "s2", "2"}}), IsOk());
  ASSERT_THAT(schemas().Delete(cart, "one"), IsOk());
  EXPECT_THAT(schemas().Delete(cart, "one"), ErrorIs(RegistryErrc::kSchemaNotExists));
  EXPECT_THAT(Listed(cart), ElementsAre("one::", "two:s2:2"));
  EXPECT_THAT(Declared(cart), ElementsAre("one", "two"));
}

TEST_F(SchemasTest, IdDeclaredTwiceIsListedOnce) {
  EXPECT_THAT(Listed(Declare({"a", "a"})), ElementsAre("a::"));
}

TEST_F(SchemasTest, ProductionIsNoException) {
  const auto id = registry()
                      .microservices()
                      .Register({.name = "cart", .schemas = {"a"}, .environment = "production"})
                      .value();
  EXPECT_THAT(schemas().Put(id, {"a", "s", "1"}), IsOk());
  EXPECT_THAT(schemas().Put(id, {"a", "s", "2"}), IsOk());
  EXPECT_THAT(schemas().ReplaceAll(id, {{"b", "s", "2"}}), IsOk());
}

TEST_F(SchemasTest, NoListAndNoTimeMoves) {
  const ServiceId cart = Declare({});
  AddInstance(cart, "h");
  const FindQuery query{.app_id = "shop", .name = "cart"};
  const std::string before = registry().discovery().Find(query)->version().str();
  clock().Advance(std::chrono::seconds(5));
  ASSERT_THAT(schemas().Put(cart, {"a", "s", "1"}), IsOk());
  ASSERT_THAT(schemas().ReplaceAll(cart, {{"b", "s", "1"}}), IsOk());
  ASSERT_THAT(schemas().Delete(cart, "b"), IsOk());
  EXPECT_EQ(registry().discovery().Find(query)->version().str(), before);
  const MicroservicePtr record = registry().microservices().Get(cart).value();
  EXPECT_EQ(record->modified, record->created);
}

TEST_F(SchemasTest, EqualOnesAreNoChange) {
  const ServiceId cart = Declare({});
  const Revision changed = schemas().ReplaceAll(cart, {{"a", "s", "1"}}).value();
  EXPECT_EQ(schemas().ReplaceAll(cart, {{"a", "s", "1"}}).value(), changed);
  EXPECT_EQ(schemas().Put(cart, {"a", "s", "1"}).value(), changed);
  EXPECT_EQ(engine().revision(), changed);
}

TEST_F(SchemasTest, UnknownMicroserviceIsAnError) {
  const ServiceId no("nosuch");
  EXPECT_THAT(schemas().Get(no, "a"), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(schemas().List(no), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(schemas().Put(no, {"a", "s", "1"}), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(schemas().ReplaceAll(no, {{"a", "s", "1"}}),
              ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(schemas().Delete(no, "a"), ErrorIs(RegistryErrc::kServiceNotExists));
  EXPECT_THAT(schemas().List(ServiceId("")), ErrorIs(RegistryErrc::kInvalidParams));
}

TEST_F(SchemasTest, TheyEndWithTheMicroservice) {
  const ServiceId cart = Declare({});
  const SchemaPtr kept = [&] {
    schemas().Put(cart, {"a", "s", "1"}).value();
    return schemas().Get(cart, "a").value();
  }();
  ASSERT_THAT(registry().microservices().Delete(cart), IsOk());
  EXPECT_EQ(kept->content, "1") << "what was handed out stays as it was";
  EXPECT_THAT(Listed(Declare({})), IsEmpty());
}

}  // namespace
}  // namespace skep::testing
