// Who gets a packed answer (spec 1.5).
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "server/codec/gzip.h"
#include "tests/server/routes/route_fixture.h"

namespace skep::server {
namespace {

using skep::testing::Answer;

class GzipReplyTest : public skep::testing::RouteFixture {
 protected:
  static constexpr std::string_view kFindShop =
      "/v4/default/registry/instances?appId=shop&serviceName=s";

  void AddFamily(int size) {
    const std::string id = AddService("s");
    for (int i = 0; i < size; ++i) AddInstance(id, "h" + std::to_string(i));
  }
  Answer GetPacked(std::string_view target) {
    return Get(target, {{"Accept-Encoding", "gzip,deflate"}});
  }
};

TEST_F(GzipReplyTest, WhoDoesNotAskGetsPlainText) {
  AddFamily(20);
  EXPECT_EQ(Get(kFindShop).Header("Content-Encoding"), "(none)");
  for (const char* accepted : {"identity", "deflate", "gzip;q=0", ""}) {
    EXPECT_EQ(Get(kFindShop, {{"Accept-Encoding", accepted}}).Header("Content-Encoding"), "(none)")
        << accepted;
  }
}

TEST_F(GzipReplyTest, FindIsPackedAndKeepsItsRevision) {
  AddFamily(20);
  const Answer plain = Get(kFindShop);
  for (int i = 0; i < 2; ++i) {
    const Answer packed = GetPacked(kFindShop);
    EXPECT_EQ(packed.Header("Content-Encoding"), "gzip");
    EXPECT_EQ(packed.content_type, plain.content_type);
    EXPECT_EQ(packed.body, Gzip(plain.body));
    EXPECT_EQ(packed.Header("X-Resource-Revision"), plain.Header("X-Resource-Revision"));
  }
}

TEST_F(GzipReplyTest, ListsThatAreNotKeptArePackedToo) {
  for (int i = 0; i < 30; ++i) AddService("s" + std::to_string(i));
  const Answer plain = Get(kServices);
  ASSERT_GT(plain.body.size(), kGzipBytesMin);
  const Answer packed = GetPacked(kServices);
  EXPECT_EQ(packed.Header("Content-Encoding"), "gzip");
  EXPECT_EQ(packed.body, Gzip(plain.body));
}

TEST_F(GzipReplyTest, ShortAnswersStayAsTheyAre) {
  AddFamily(1);
  const Answer answer = GetPacked(kFindShop);
  EXPECT_LT(answer.body.size(), kGzipBytesMin);
  EXPECT_EQ(answer.Header("Content-Encoding"), "(none)");
  EXPECT_EQ(answer.body, Get(kFindShop).body);
}

TEST_F(GzipReplyTest, NothingIsPackedWithoutABody) {
  AddFamily(20);
  const std::string revision = Get(kFindShop).Header("X-Resource-Revision");
  const Answer answer = GetPacked(std::string(kFindShop) + "&rev=" + revision);
  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer.Header("Content-Encoding"), "(none)");
}

}  // namespace
}  // namespace skep::server
