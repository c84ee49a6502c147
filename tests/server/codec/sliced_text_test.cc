#include "server/codec/sliced_text.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skep::server {
namespace {

SlicedText Numbers(std::shared_ptr<const std::vector<int>> numbers, std::string* out) {
  JsonObject object(out);
  SlicedText list = SlicedList(&object, "numbers", numbers.get(), out,
                               [out](int number) { AppendDecimal(number, out); });
  while (list.Next()) co_await kPause;
}

SlicedText NumbersTo(int end, std::string* out) {
  std::vector<int> numbers;
  for (int i = 0; i < end; ++i) numbers.push_back(i);
  return Numbers(std::make_shared<const std::vector<int>>(std::move(numbers)), out);
}

TEST(SlicedText, BeginsWithItsFirstStep) {
  std::string out;
  SlicedText text = NumbersTo(3, &out);
  EXPECT_EQ(out, "");
  EXPECT_TRUE(text.Next());
  EXPECT_EQ(out, R"({"numbers":[0)");
}

TEST(SlicedText, PausesBehindEachItem) {
  std::string out;
  SlicedText text = NumbersTo(2, &out);
  std::vector<std::string> slices;
  bool is_more = true;
  while (is_more) {
    is_more = text.Next();
    slices.push_back(std::exchange(out, {}));
  }
  EXPECT_EQ(slices, (std::vector<std::string>{R"({"numbers":[0)", ",1", "]}"}));
}

TEST(SlicedText, ListWithoutItemsIsLeftOut) {
  std::string out;
  SlicedText text = NumbersTo(0, &out);
  EXPECT_FALSE(text.Next());
  EXPECT_EQ(out, "{}");
}

TEST(SlicedText, FinishGoesToTheEnd) {
  std::string out;
  NumbersTo(3, &out).Finish();
  EXPECT_EQ(out, R"({"numbers":[0,1,2]})");
}

TEST(SlicedText, OneThatIsDroppedGivesUpWhatItHolds) {
  const auto numbers = std::make_shared<const std::vector<int>>(std::vector<int>{1, 2, 3});
  std::string out;
  {
    SlicedText text = Numbers(numbers, &out);
    EXPECT_TRUE(text.Next());
    EXPECT_EQ(numbers.use_count(), 2);
    const SlicedText moved = std::move(text);
  }
  EXPECT_EQ(numbers.use_count(), 1);
}

}  // namespace
}  // namespace skep::server
