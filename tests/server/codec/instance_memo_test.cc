#include "server/codec/instance_memo.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "server/codec/gzip.h"
#include "server/codec/registry_json.h"
#include "tests/support/engine_fixture.h"

namespace skep::server {
namespace {

class InstanceMemo : public skep::testing::EngineFixture {
 protected:
  ServiceId AddFamily(int instances) {
    const ServiceId id = AddService("cart");
    for (int i = 0; i < instances; ++i) AddInstance(id, "host-" + std::to_string(i));
    return id;
  }

  FindResult Find() {
    return registry().discovery().Find({.app_id = "shop", .name = "cart"}).value();
  }

  // What a list of these instances looks like, encoded without any memo.
  static std::string EncodedAnew(const FindResult& found) {
    std::string out = "{\"instances\":[";
    for (const Instance& instance : found.instances()) {
      if (out.back() == '}') out += ',';
      AppendInstance(instance, &out);
    }
    return out + "]}";
  }

  static std::string Text(const InstancesBody& body) {
    return body.shared != nullptr ? *body.shared : body.own;
  }
};

TEST_F(InstanceMemo, NoInstancesIsAnEmptyObject) {
  AddFamily(0);
  EXPECT_EQ(Text(MakeInstancesBody(Find())), "{}");
}

TEST_F(InstanceMemo, ListHasTheInstancesInTheirOrder) {
  AddFamily(3);
  const FindResult found = Find();
  ASSERT_TRUE(found.whole());
  EXPECT_EQ(Text(MakeInstancesBody(found)), EncodedAnew(found));
}

TEST_F(InstanceMemo, EqualFindsShareOneLongText) {
  AddFamily(20);
  const InstancesBody first = MakeInstancesBody(Find());
  const InstancesBody second = MakeInstancesBody(Find());
  ASSERT_NE(first.shared, nullptr);
  EXPECT_EQ(first.shared, second.shared);
  EXPECT_EQ(*first.shared, EncodedAnew(Find()));
}

TEST_F(InstanceMemo, ShortTextIsCopied) {
  AddFamily(1);
  const InstancesBody body = MakeInstancesBody(Find());
  EXPECT_EQ(body.shared, nullptr);
  EXPECT_LT(body.own.size(), kSharedListBytesMin);
}

// The texts of the instances that did not change are the very same memos as before.
TEST_F(InstanceMemo, ChangeOfOneInstanceKeepsTheTextsOfTheOthers) {
  const ServiceId id = AddFamily(20);
  const FindResult before = Find();
  MakeInstancesBody(before);
  const InstanceId changed = InstanceId(before.instances()[7].id());
  ASSERT_TRUE(registry()
                  .instances()
                  .Register(id, {.id = changed, .host = "other", .endpoints = {"rest://o:1"}})
                  .ok());
  const FindResult after = Find();
  std::size_t kept = 0;
  for (const Instance& instance : after.instances()) {
    if (instance.memo().Get() != nullptr) ++kept;
  }
  EXPECT_EQ(kept, 19u);
  EXPECT_EQ(Text(MakeInstancesBody(after)), EncodedAnew(after));
}

TEST_F(InstanceMemo, TextOutlivesItsSnapshot) {
  const ServiceId id = AddFamily(20);
  const InstancesBody body = MakeInstancesBody(Find());
  const std::string text = *body.shared;
  ASSERT_TRUE(registry().microservices().Delete(id, DeleteMode::kForce).ok());
  EXPECT_EQ(*body.shared, text);
}

TEST_F(InstanceMemo, SpentBudgetChangesNoAnswer) {
  Reopen({.memo_bytes_max = 0});
  AddFamily(20);
  const FindResult found = Find();
  EXPECT_EQ(Text(MakeInstancesBody(found)), EncodedAnew(found));
  EXPECT_EQ(engine().metrics().memo_bytes, 0u);
  std::string single;
  AppendInstanceFromMemo(found.instances()[0], &single);
  std::string anew;
  AppendInstance(found.instances()[0], &anew);
  EXPECT_EQ(single, anew);
}

TEST_F(InstanceMemo, MemosAreCountedAndGivenBack) {
  const ServiceId id = AddFamily(20);
  MakeInstancesBody(Find());
  EXPECT_GT(engine().metrics().memo_bytes, EncodedAnew(Find()).size());
  ASSERT_TRUE(registry().microservices().Delete(id, DeleteMode::kForce).ok());
  EXPECT_EQ(engine().metrics().memo_bytes, 0u);
}

TEST_F(InstanceMemo, GzipFormIsMadeOnceAndCounted) {
  AddFamily(20);
  const FindResult found = Find();
  MakeInstancesBody(found);
  const std::size_t before = engine().metrics().memo_bytes;
  const InstancesBody first = MakeInstancesBody(found, Coding::kGzip);
  ASSERT_EQ(first.coding, Coding::kGzip);
  EXPECT_EQ(*first.shared, Gzip(EncodedAnew(found)));
  EXPECT_GE(engine().metrics().memo_bytes, before + first.shared->size());
  EXPECT_EQ(MakeInstancesBody(found, Coding::kGzip).shared, first.shared);
  EXPECT_EQ(Text(MakeInstancesBody(found)), EncodedAnew(found));
}

TEST_F(InstanceMemo, GzipFormIsGivenBackWithItsFamily) {
  const ServiceId id = AddFamily(20);
  const InstancesBody body = MakeInstancesBody(Find(), Coding::kGzip);
  ASSERT_TRUE(registry().microservices().Delete(id, DeleteMode::kForce).ok());
  EXPECT_EQ(engine().metrics().memo_bytes, 0u);
  EXPECT_GT(body.shared->size(), 0u);
}

// The caller packs what is not kept, within its own limit.
TEST_F(InstanceMemo, ShortOrUnkeptTextIsPlain) {
  AddFamily(1);
  EXPECT_EQ(MakeInstancesBody(Find(), Coding::kGzip).coding, Coding::kPlain);
  Reopen({.memo_bytes_max = 0});
  AddFamily(20);
  const InstancesBody body = MakeInstancesBody(Find(), Coding::kGzip);
  EXPECT_EQ(body.coding, Coding::kPlain);
  EXPECT_EQ(Text(body), EncodedAnew(Find()));
}

TEST_F(InstanceMemo, SingleInstanceIsWrapped) {
  const ServiceId id = AddFamily(1);
  const FindResult found = Find();
  std::string anew;
  AppendInstance(found.instances()[0], &anew);
  for (int i = 0; i < 2; ++i) {
    std::string body;
    AppendInstanceBody(found.instances()[0], &body);
    EXPECT_EQ(body, "{\"instance\":" + anew + "}");
  }
}

}  // namespace
}  // namespace skep::server
