// LabelIndex against the plain rule, with rare and common labels.
#include "kie/core/label_index.h"

#include <gmock/gmock.h>

#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace skep::core {
namespace {

class LabelIndexTest : public ::testing::Test {
 protected:
  KvItem* Add(const Labels& labels) {
    auto item = std::make_unique<KvItem>();
    item->identity = std::make_shared<const KvIdentity>(
        KvIdentity{std::to_string(items_.size()), {}, "k", SetOf(labels)});
    items_.push_back(std::move(item));
    index_.Add(items_.back().get());
    return items_.back().get();
  }

  std::set<std::string> Found(const Labels& labels, LabelMatch match = LabelMatch::kSubset) const {
    std::set<std::string> ids;
    index_.ForEach(labels, match, [&](const KvItem& item) {
      EXPECT_TRUE(ids.insert(item.identity->id).second) << "twice";
    });
    return ids;
  }

  std::set<std::string> Expected(const Labels& labels) const {
    std::set<std::string> ids;
    for (const auto& item : items_) {
      if (item->node == nullptr) continue;
      const Labels& has = item->identity->label_set->labels;
      if (std::includes(has.begin(), has.end(), labels.begin(), labels.end())) {
        ids.insert(item->identity->id);
      }
    }
    return ids;
  }

  std::shared_ptr<const LabelSet> SetOf(const Labels& labels) {
    const std::string format = LabelFormat(labels);
    if (auto set = index_.SetOf(format)) return set;
    return std::make_shared<const LabelSet>(LabelSet{labels, format});
  }

  LabelIndex index_;
  std::vector<std::unique_ptr<KvItem>> items_;
};

// Two labels on hundreds of sets each that meet on three: the answer is found without walking
// either, which the number of nodes looked at cannot show, but a wrong pair posting would.
TEST_F(LabelIndexTest, CommonLabelsThatSeldomMeet) {
  std::vector<KvItem*> both;
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i);
    Add({{"app", "a"}, {"n", n}});
    if (i % 100 == 50) both.push_back(Add({{"app", "a"}, {"env", "p"}, {"m", n}}));
    Add({{"env", "p"}, {"n", n}});
  }
  const Labels asked{{"app", "a"}, {"env", "p"}};
  EXPECT_EQ(Found(asked).size(), 3u);
  EXPECT_EQ(Found(asked), Expected(asked));
  for (KvItem* item : both) index_.Remove(item);
  EXPECT_TRUE(Found(asked).empty());
  Add({{"app", "a"}, {"env", "p"}, {"m", "again"}});
  EXPECT_EQ(Found(asked).size(), 1u);
}

TEST_F(LabelIndexTest, RandomItemsComeAndGo) {
  std::mt19937 random(7);
  const auto pick = [&](unsigned n) { return std::to_string(random() % n); };
  const auto some = [&] {
    Labels labels;
    if (random() % 4 != 0) labels["app"] = pick(2);
    if (random() % 4 != 0) labels["env"] = pick(3);
    if (random() % 2 != 0) labels["svc"] = pick(200);
    return labels;
  };
  std::vector<KvItem*> live;
  for (int step = 0; step < 6000; ++step) {
    if (random() % 3 != 0 || live.empty()) {
      live.push_back(Add(some()));
    } else {
      const std::size_t at = random() % live.size();
      index_.Remove(live[at]);
      live[at] = live.back();
      live.pop_back();
    }
    if (step % 50 != 0) continue;
    const Labels asked = some();
    ASSERT_EQ(Found(asked), Expected(asked)) << LabelFormat(asked);
  }
  for (KvItem* item : live) index_.Remove(item);
  EXPECT_TRUE(Found({}).empty());
}

TEST_F(LabelIndexTest, ExactLooksAtTheWholeSet) {
  Add({{"app", "a"}});
  Add({{"app", "a"}, {"env", ""}});
  Add({});
  EXPECT_EQ(Found({{"app", "a"}}, LabelMatch::kExact), (std::set<std::string>{"0"}));
  EXPECT_EQ(Found({}, LabelMatch::kExact), (std::set<std::string>{"2"}));
  EXPECT_EQ(Found({}).size(), 3u);
}

}  // namespace
}  // namespace skep::core
