#include "server/codec/kv_json.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "tests/support/kie_fixture.h"

namespace skep::server {
namespace {

// With room for texts, and with none: the answers are the same.
class KvJsonTest : public skep::testing::KieFixture,
                   public ::testing::WithParamInterface<std::size_t> {
 protected:
  KvJsonTest() { Reopen({.memo_bytes_max = GetParam()}); }

  static std::string Text(const KeyValue& kv, KvDetail detail) {
    std::string text = "before:";
    AppendKv(kv, detail, &text);
    return text;
  }
};

TEST_P(KvJsonTest, FirstAndLaterTextsAreTheSameInEachDetail) {
  for (const bool format_first : {false, true}) {
    const KeyValuePtr kv = Add(format_first ? "one" : "two", "v", {{"app", "shop"}}).kv;
    const std::string begin = R"(before:{"id":")" + kv->id() + '"';
    const std::string end = R"(,"key":")" + kv->key() + R"(","value":"v","value_type":"text",)" +
                            R"("create_revision":)" + std::to_string(kv->create_revision.number()) +
                            R"(,"update_revision":)" +
                            std::to_string(kv->update_revision.number()) +
                            R"(,"status":"enabled","create_time":1704067200,)"
                            R"("update_time":1704067200,"labels":{"app":"shop"}})";
    for (int i = 0; i < 4; ++i) {
      const bool with_format = (i % 2 == 0) == format_first;
      EXPECT_EQ(
          Text(*kv, with_format ? KvDetail::kFormat : KvDetail::kPlain),
          begin + (with_format ? R"(,"label_format":")" + kv->label_format() + '"' : "") + end);
    }
  }
}

TEST_P(KvJsonTest, TextIsKeptWhereThereIsRoom) {
  const KeyValuePtr kv = Add("key", "v").kv;
  Text(*kv, KvDetail::kFormat);
  EXPECT_EQ(kv->memo.Get() != nullptr, GetParam() > 0);
  EXPECT_EQ(engine().metrics().memo_bytes > 0, GetParam() > 0);
}

INSTANTIATE_TEST_SUITE_P(Room, KvJsonTest, ::testing::Values(0, 1 << 20));

}  // namespace
}  // namespace skep::server
