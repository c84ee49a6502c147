#include "server/codec/kv_list_memo.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/kie_fixture.h"

namespace skep::server {
namespace {

class KvListMemoTest : public skep::testing::KieFixture {
 protected:
  KvListBody Get(const Labels& labels) {
    std::vector<std::pair<std::string_view, std::string_view>> asked(labels.begin(), labels.end());
    return memo_.Get(config().List({.labels = asked}).value(), Coding::kPlain);
  }

  // Changes an item and lists it, by turns.
  void Churn(const std::string& id, const Labels& labels, int times) {
    for (int i = 0; i < times; ++i) {
      Set(id, std::string(kValueBytes, 'w'));
      Get(labels);
    }
  }

  static constexpr std::size_t kValueBytes = 8 * 1024;

  MemoBudget budget_{std::size_t{64} << 20};
  KvListMemo memo_{&budget_};
};

TEST_F(KvListMemoTest, BytesFollowWhatIsThereNotHowOftenItChanged) {
  const std::string id = Add("a", "v", {{"app", "hot"}}).id;
  Churn(id, {{"app", "hot"}}, 300);
  const std::size_t after_some = budget_.used();
  Churn(id, {{"app", "hot"}}, 3000);
  EXPECT_LT(budget_.used(), 2 * kListSweepBytesMin);
  EXPECT_LT(after_some, 2 * kListSweepBytesMin);
}

TEST_F(KvListMemoTest, WhatWasDeletedIsLetGoToo) {
  for (int i = 0; i < 1000; ++i) {
    const std::string id = Add("k" + std::to_string(i), std::string(kValueBytes, 'v')).id;
    Get({});
    ASSERT_TRUE(config().Delete(id).ok());
  }
  EXPECT_LT(budget_.used(), 2 * kListSweepBytesMin);
}

TEST_F(KvListMemoTest, BodiesThatStillHoldStay) {
  std::vector<Labels> quiet;
  std::vector<std::shared_ptr<const std::string>> texts;
  for (int i = 0; i < 300; ++i) {
    const Labels labels = {{"app", "quiet" + std::to_string(i)}};
    Add("a", std::string(kValueBytes, 'v'), labels);
    texts.push_back(Get(labels).text);
    quiet.push_back(labels);
  }
  const std::string id = Add("a", "v", {{"app", "hot"}}).id;
  Churn(id, {{"app", "hot"}}, 3000);
  for (std::size_t i = 0; i < quiet.size(); ++i) EXPECT_EQ(Get(quiet[i]).text, texts[i]) << i;
  EXPECT_LT(memo_.size(), 3 * quiet.size());
}

TEST_F(KvListMemoTest, AllBytesGoBack) {
  MemoBudget budget(std::size_t{4} << 20);
  {
    KvListMemo memo(&budget);
    const std::string id = Add("a", std::string(kValueBytes, 'v')).id;
    for (int i = 0; i < 1000; ++i) {
      Set(id, std::string(kValueBytes, 'w'));
      memo.Get(config().List({}).value(), Coding::kGzip);
    }
    EXPECT_GT(budget.used(), 0U);
    EXPECT_LE(budget.used(), budget.bytes_max());
  }
  EXPECT_EQ(budget.used(), 0U);
}

}  // namespace
}  // namespace skep::server
