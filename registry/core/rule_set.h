// RuleSet: the rules of one microservice, ready to be asked. Immutable.
#ifndef SKEP_REGISTRY_CORE_RULE_SET_H_
#define SKEP_REGISTRY_CORE_RULE_SET_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "registry/core/service_entry.h"
#include "skep/registry/rules.h"
#include "skep/result.h"

namespace skep::core {

class RuleSet {
 public:
  /// REQUIRES: the rules pass CheckRules. Errors: kInvalidParams for a pattern.
  static Result<std::shared_ptr<RuleSet>> Compile(std::vector<Rule> rules);

  ~RuleSet();
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  /// Whether the consumer may see the microservice that has these rules (API manual 10.2.4).
  bool Admits(const ServiceEntry& consumer) const;

  /// All that a client chose for `other` is the same here, in the same order.
  bool HasContentOf(const RuleSet& other) const;

  const std::vector<Rule>& rules() const { return rules_; }

  /// For who makes the set, before anybody else sees it.
  std::span<Rule> mutable_rules() { return rules_; }

 private:
  struct Pattern;

  explicit RuleSet(std::vector<Rule> rules);

  std::vector<Rule> rules_;
  std::vector<Pattern> patterns_;  ///< One for each rule.
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_RULE_SET_H_
