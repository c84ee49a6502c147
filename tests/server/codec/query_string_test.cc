#include "server/codec/query_string.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skep::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<std::pair<std::string, std::string>> Pairs(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  QueryString reader(query);
  std::string_view name;
  std::string_view value;
  while (reader.Next(&name, &value)) pairs.emplace_back(name, value);
  return pairs;
}

TEST(QueryString, PairsComeInOrder) {
  EXPECT_THAT(Pairs("a=1&b=&c&=d&a=2"), ElementsAre(Pair("a", "1"), Pair("b", ""), Pair("c", ""),
                                                    Pair("", "d"), Pair("a", "2")));
}

TEST(QueryString, NothingAndStrayAmpersandsHaveNoPairs) {
  EXPECT_THAT(Pairs(""), IsEmpty());
  EXPECT_THAT(Pairs("&&"), IsEmpty());
  EXPECT_THAT(Pairs("a=1&&b=2&"), ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

TEST(QueryString, OnlyTheFirstEqualsSignParts) {
  EXPECT_THAT(Pairs("label=a=b"), ElementsAre(Pair("label", "a=b")));
}

TEST(QueryString, EscapesAndPlusAreUndoneInNamesAndValues) {
  EXPECT_THAT(Pairs("a%20b=c+d&%e4%BD%a0=%26%3D%2B&version=0%252B"),
              ElementsAre(Pair("a b", "c d"), Pair("\u4f60", "&=+"), Pair("version", "0%2B")));
}

TEST(QueryString, PairWithABadEscapeIsDropped) {
  EXPECT_THAT(Pairs("a=%zz&b=%4&c=%&%g0=d&e=f"), ElementsAre(Pair("e", "f")));
}

TEST(QueryString, PairWithASemicolonIsDropped) {
  EXPECT_THAT(Pairs("a=1;b=2&c=3"), ElementsAre(Pair("c", "3")));
}

TEST(QueryString, UnescapedTextsStayWhereTheyAre) {
  std::string query;
  for (int i = 0; i < 1000; ++i) query += "k%61=v%61&";
  QueryString reader(query);
  std::string_view first_name;
  std::string_view first_value;
  ASSERT_TRUE(reader.Next(&first_name, &first_value));
  std::string_view name;
  std::string_view value;
  while (reader.Next(&name, &value)) {
  }
  EXPECT_EQ(first_name, "ka");
  EXPECT_EQ(first_value, "va");
}

TEST(QueryValues, FirstOfEqualNamesCounts) {
  const QueryValues<3> values("b=1&a=&a=2&x=3", {"a", "b", "c"});
  EXPECT_EQ(values[0], "");
  EXPECT_EQ(values[1], "1");
  EXPECT_EQ(values[2], "");
}

TEST(AppendUnescaped, PlusStandsForItselfInAPath) {
  std::string out;
  ASSERT_TRUE(AppendUnescaped("a+b%2B%2f", Plus::kIsItself, &out));
  EXPECT_EQ(out, "a+b+/");
}

TEST(AppendUnescaped, BadEscapesAreFound) {
  for (const std::string_view bad : {"%", "%4", "a%zz", "%4g", "%%41"}) {
    std::string out;
    EXPECT_FALSE(AppendUnescaped(bad, Plus::kIsItself, &out)) << bad;
  }
}

TEST(IsTruthy, OneAndTrueInAnyCase) {
  EXPECT_TRUE(IsTruthy("1"));
  EXPECT_TRUE(IsTruthy("true"));
  EXPECT_TRUE(IsTruthy("TrUe"));
  for (const std::string_view no : {"", "0", "yes", "2", "true "}) EXPECT_FALSE(IsTruthy(no)) << no;
}

TEST(SplitAtCommas, KeepsEmptyParts) {
  EXPECT_THAT(SplitAtCommas(""), IsEmpty());
  EXPECT_THAT(SplitAtCommas("a"), ElementsAre("a"));
  EXPECT_THAT(SplitAtCommas("a,,b,"), ElementsAre("a", "", "b", ""));
}

}  // namespace
}  // namespace skep::server
