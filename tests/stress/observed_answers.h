// ObservedAnswers: what one thread was told, for checks that need all threads' answers at the end.
//
// Equal versions of a family's answers must have equal content, whoever asked and whenever;
// versions that one thread sees must not fall; and an answer in hand stays what it was. Each thread
// keeps its own ObservedAnswers; Merge brings them together.
#ifndef SKEP_TESTS_STRESS_OBSERVED_ANSWERS_H_
#define SKEP_TESTS_STRESS_OBSERVED_ANSWERS_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/registry/discovery.h"

namespace skep::testing {

class ObservedAnswers {
 public:
  /// Notes an answer about `family`; keeps some of them in hand.
  void Add(const std::string& family, FindResult result) {
    if (result.not_modified()) return;
    const ListVersion version = result.version();
    EXPECT_GE(version.revision().number(), newest_[family].number()) << family;
    newest_[family] = version.revision();
    const std::size_t content = ContentOf(result);
    const auto [at, is_new] = content_of_.emplace(family + " " + version.str(), content);
    EXPECT_EQ(at->second, content) << at->first;
    if (++added_ % kKeepOneIn != 0) return;
    if (held_.size() < kHeldMax) {
      held_.push_back({std::move(result), content});
    } else {
      held_[added_ / kKeepOneIn % kHeldMax] = {std::move(result), content};
    }
  }

  /// What was kept is as it was.
  void CheckHeld() const {
    for (const auto& [result, content] : held_) EXPECT_EQ(ContentOf(result), content);
  }

  void Merge(const ObservedAnswers& other) {
    for (const auto& [version, content] : other.content_of_) {
      const auto [at, is_new] = content_of_.emplace(version, content);
      EXPECT_EQ(at->second, content) << version << " has two contents";
    }
  }

 private:
  static constexpr std::size_t kKeepOneIn = 7;
  static constexpr std::size_t kHeldMax = 64;

  struct Held {
    FindResult result;
    std::size_t content = 0;
  };

  // Of all that the instances say, whatever their order.
  static std::size_t ContentOf(const FindResult& result) {
    std::size_t all = 0;
    for (const Instance& instance : result.instances()) {
      std::string text = instance.id().str();
      text += instance.service_id();
      text += instance.host();
      for (const std::string_view endpoint : instance.endpoints()) text += endpoint;
      for (const std::string_view property : instance.properties()) text += property;
      text += std::to_string(instance.revision().number());
      all += std::hash<std::string>()(text);
    }
    return all;
  }

  std::size_t added_ = 0;
  std::map<std::string, Revision> newest_;
  std::map<std::string, std::size_t> content_of_;
  std::vector<Held> held_;
};

}  // namespace skep::testing

#endif  // SKEP_TESTS_STRESS_OBSERVED_ANSWERS_H_
