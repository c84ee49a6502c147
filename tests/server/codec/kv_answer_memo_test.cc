#include "server/codec/kv_answer_memo.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace skep::server {
namespace {

const auto kText = std::make_shared<const std::string>("text");
constexpr KvAsked kAsked{.project = "default", .query = "label=app:a"};

TEST(KvAnswerMemoTest, AnswersAtItsRevisionAlone) {
  MemoBudget budget(1 << 20);
  KvAnswerMemo memo(&budget);
  memo.Keep(kAsked, Revision(3), {kText});
  EXPECT_EQ(memo.Find(kAsked, Revision(3))->text, kText);
  EXPECT_FALSE(memo.Find(kAsked, Revision(2)).has_value());
  EXPECT_FALSE(memo.Find(kAsked, Revision(4)).has_value());
  memo.Keep(kAsked, Revision(4), {});
  EXPECT_EQ(memo.Find(kAsked, Revision(4))->text, nullptr);
  EXPECT_EQ(memo.size(), 1u);
}

TEST(KvAnswerMemoTest, ProjectQueryAndCodingAreApart) {
  MemoBudget budget(1 << 20);
  KvAnswerMemo memo(&budget);
  memo.Keep(kAsked, Revision(1), {kText});
  for (const KvAsked& other : {KvAsked{"other", kAsked.query}, KvAsked{kAsked.project, "x"},
                               KvAsked{kAsked.project, kAsked.query, Coding::kGzip}}) {
    EXPECT_FALSE(memo.Find(other, Revision(1)).has_value());
  }
}

TEST(KvAnswerMemoTest, ABodyThatIsGoneIsForgotten) {
  MemoBudget budget(1 << 20);
  KvAnswerMemo memo(&budget);
  auto text = std::make_shared<const std::string>("text");
  memo.Keep(kAsked, Revision(1), {text});
  text.reset();
  EXPECT_FALSE(memo.Find(kAsked, Revision(1)).has_value());
}

TEST(KvAnswerMemoTest, ManyQueriesStayWithinPlacesAndBytes) {
  MemoBudget budget(1 << 20);
  {
    KvAnswerMemo memo(&budget);
    for (int i = 0; i < 100'000; ++i) {
      const std::string query = "value=" + std::to_string(i);
      memo.Keep({.project = "default", .query = query}, Revision(1), {kText});
    }
    EXPECT_LE(memo.size(), 16384u);
    EXPECT_LE(budget.used(), budget.bytes_max() / 4);
    const std::string long_query(kKeptQueryBytesMax + 1, 'x');
    memo.Keep({.project = "default", .query = long_query}, Revision(1), {kText});
    EXPECT_FALSE(memo.Find({.project = "default", .query = long_query}, Revision(1)).has_value());
  }
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace skep::server
