#include "server/codec/kv_watch_json.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/kie_fixture.h"

namespace skep::server {
namespace {

class KvWatchJsonTest : public skep::testing::KieFixture {
 protected:
  KeyValuePtr kv_ = Add("a", "1", {{"app", "shop"}}).kv;
  const std::string item_ =
      R"({"id":")" + kv_->id() +
      R"(","key":"a","value":"1","value_type":"text","create_revision":1,"update_revision":1,)"
      R"("status":"enabled","create_time":1704067200,"update_time":1704067200,)"
      R"("labels":{"app":"shop"}})";

  std::string Text(KvAction action) const {
    std::string text;
    AppendKvEvent({action, Revision(9), kv_}, &text);
    return text;
  }
  std::string Expected(const std::string& action) const {
    return R"({"action":")" + action + R"(","kv":)" + item_ + "}";
  }
};

TEST_F(KvWatchJsonTest, EachAction) {
  EXPECT_EQ(Text(KvAction::kCreate), Expected("CREATE"));
  EXPECT_EQ(Text(KvAction::kUpdate), Expected("UPDATE"));
  EXPECT_EQ(Text(KvAction::kDelete), Expected("DELETE"));
}

TEST_F(KvWatchJsonTest, ItemOfASnapshot) {
  std::string text = "x";
  AppendKvInit(*kv_, &text);
  EXPECT_EQ(text, "x" + Expected("INIT"));
}

}  // namespace
}  // namespace skep::server
