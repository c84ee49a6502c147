#include "registry/core/rule_set.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "registry/core/errors.h"

namespace skep::core {
namespace {

constexpr std::string_view kTagPrefix = "tag_";

// What one compiled pattern may take, its caches included. 64 characters of a plain expression
// need a few KiB; repetitions of repetitions do not fit, and are refused.
constexpr std::int64_t kPatternBytesMax = 256 * 1024;

// A consumer as rules see it; both pointers are held while they are asked.
struct Subject {
  MicroservicePtr record;
  TagsPtr tags;

  /// Nothing where there is no such tag.
  std::optional<std::string_view> Attribute(std::string_view name) const {
    if (name.starts_with(kTagPrefix)) {
      if (tags == nullptr) return std::nullopt;
      const auto at = tags->find(std::string(name.substr(kTagPrefix.size())));
      if (at == tags->end()) return std::nullopt;
      return at->second;
    }
    if (name == "ServiceId") return record->id.str();
    if (name == "AppId") return record->app_id;
    if (name == "ServiceName") return record->name;
    if (name == "Version") return record->version;
    if (name == "Description") return record->description;
    if (name == "Level") return ToString(record->level);
    if (name == "Status") return ToString(record->status);
    return std::nullopt;
  }
};

}  // namespace

struct RuleSet::Pattern {
  std::unique_ptr<const re2::RE2> expression;
};

RuleSet::RuleSet(std::vector<Rule> rules) : rules_(std::move(rules)) {}

RuleSet::~RuleSet() = default;

Result<std::shared_ptr<RuleSet>> RuleSet::Compile(std::vector<Rule> rules) {
  std::shared_ptr<RuleSet> set(new RuleSet(std::move(rules)));
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternBytesMax);
  options.set_never_capture(true);
  set->patterns_.reserve(set->rules_.size());
  for (const Rule& rule : set->rules_) {
    auto expression = std::make_unique<const re2::RE2>(rule.pattern, options);
    if (!expression->ok()) return InvalidField("pattern", rule.pattern, expression->error());
    set->patterns_.push_back({std::move(expression)});
  }
  return set;
}

bool RuleSet::Admits(const ServiceEntry& consumer) const {
  const Subject subject{consumer.record(), consumer.tags()};
  bool has_white = false;
  bool is_white = false;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const Rule& rule = rules_[i];
    const std::optional<std::string_view> value = subject.Attribute(rule.attribute);
    const bool matches = value.has_value() &&
                         re2::RE2::PartialMatch(re2::StringPiece(*value), *patterns_[i].expression);
    if (rule.type == RuleType::kBlack) {
      if (matches) return false;
    } else {
      has_white = true;
      is_white = is_white || matches;
    }
  }
  return is_white || !has_white;
}

bool RuleSet::HasContentOf(const RuleSet& other) const {
  return std::ranges::equal(rules_, other.rules_, [](const Rule& a, const Rule& b) {
    return a.type == b.type && a.attribute == b.attribute && a.pattern == b.pattern &&
           a.description == b.description && (b.id.empty() || a.id == b.id);
  });
}

}  // namespace skep::core
