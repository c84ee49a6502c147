#include "server/codec/kv_request.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/support/error_matchers.h"

namespace skep::server {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::ErrorIs;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Pair;

TEST(KvListRequest, ReadsWhatClientsSend) {
  KvListRequest request(
      "label=app%3Ashop&label=environment:&&revision=-1&match=exact&wait=30s&limit=5&offset=2"
      "&status=enabled&value=a%20b&unknown=1");
  ASSERT_THAT(request.Read(), IsOk());
  EXPECT_THAT(request.query().labels, ElementsAre(Pair("app", "shop"), Pair("environment", "")));
  EXPECT_EQ(request.query().match, LabelMatch::kExact);
  EXPECT_EQ(request.query().limit, 5);
  EXPECT_EQ(request.query().offset, 2);
  EXPECT_EQ(request.query().status, KvStatus::kEnabled);
  EXPECT_EQ(request.query().value, "a b");
  EXPECT_EQ(request.revision(), -1);
  EXPECT_EQ(request.wait(), 30s);
  EXPECT_EQ(request.label_text(), "app:shop");
  EXPECT_EQ(request.revision_text(), "-1");
  EXPECT_EQ(request.wait_text(), "30s");
}

// Real clients escape none of these.
TEST(KvListRequest, TakesRawBracketsAndStars) {
  KvListRequest request("revision=0&key=wildcard(servicecomb.*.x)");
  ASSERT_THAT(request.Read(), IsOk());
  EXPECT_EQ(request.query().key, "wildcard(servicecomb.*.x)");
}

TEST(KvListRequest, OfARepeatedLabelTheLastCountsOfOthersTheFirst) {
  KvListRequest request("label=a:1&label=b:2&label=a:3&key=x&key=y&match=exact&match=no");
  ASSERT_THAT(request.Read(), IsOk());
  EXPECT_THAT(request.query().labels, ElementsAre(Pair("a", "3"), Pair("b", "2")));
  EXPECT_EQ(request.query().key, "x");
  EXPECT_EQ(request.query().match, LabelMatch::kExact);
}

// Each label is looked for among those before it: thousands took milliseconds to be refused.
TEST(KvListRequest, OfTooManyLabelsTheOthersArePassedOver) {
  std::string query;
  for (int i = 0; i < 3000; ++i) query += "label=" + std::to_string(i) + ":&";
  query += "label=0:last";
  KvListRequest request(query);
  ASSERT_THAT(request.Read(), IsOk());
  EXPECT_EQ(request.query().labels.size(), 9U);  // One more than a query may have.
  EXPECT_EQ(request.query().labels.front().second, "last");
}

TEST(KvListRequest, AMatchThatIsNotExactIsInclusive) {
  for (const char* query : {"match=Exact", "match=", "match=inclusive", ""}) {
    KvListRequest request(query);
    ASSERT_THAT(request.Read(), IsOk());
    EXPECT_EQ(request.query().match, LabelMatch::kSubset) << query;
  }
}

TEST(KvListRequest, AWaitThatIsNotAboveZeroIsNone) {
  for (const char* query : {"wait=0", "wait=0s", "wait=-5s", "wait=-1h30m", "wait="}) {
    KvListRequest request(query);
    ASSERT_THAT(request.Read(), IsOk()) << query;
    EXPECT_EQ(request.wait(), 0s) << query;
  }
}

TEST(KvListRequest, RefusesWhatItCannotRead) {
  for (const char* query :
       {"label=", "label=x", "label=a:b:c", "offset=abc", "limit=abc", "limit=1.5", "revision=abc",
        "revision=1x", "revision=99999999999999999999", "revision=+-1", "wait=5", "wait=abc",
        "wait=--5s", "wait=-+5s", "wait=5x", "key=a;b", "key=%zz", "%zz=1"}) {
    KvListRequest request(query);
    EXPECT_THAT(request.Read(), ErrorIs(KieErrc::kInvalidParams)) << query;
  }
}

TEST(KvListRequest, SaysWhatIsWrong) {
  KvListRequest request("wait=5");
  EXPECT_THAT(request.Read().error().detail(), HasSubstr("invalid duration \"5\""));
}

}  // namespace
}  // namespace skep::server
