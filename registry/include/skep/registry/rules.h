/// Rules: black and white lists that say which consumers may see a microservice.
///
/// Reached through Registry::rules(); copying is cheap. A rule is asked where a consumer is known
/// (Discovery::Find for a consumer, Instances::List and Get with one): its pattern is looked for in
/// the consumer's attribute. Any BLACK rule that matches hides the provider; where there are WHITE
/// ones, one of them must match. What is hidden is as if it had no instances for that consumer.
/// Source of the rules: API manual 10.2.4.
///
/// Thread-safety: any thread.
#ifndef SKEP_REGISTRY_RULES_H_
#define SKEP_REGISTRY_RULES_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "skep/ack.h"
#include "skep/registry/ids.h"
#include "skep/result.h"

namespace skep {

namespace core {
class RegistryCore;
struct TenantHandle;
}  // namespace core

enum class RuleType : std::uint8_t { kUnset, kWhite, kBlack };

struct Rule {
  RuleType type = RuleType::kUnset;
  /// ServiceId, AppId, ServiceName, Version, Description, Level, Status, or tag_ and a tag's key, 1
  /// to 64 letters, digits, '_', '-' and '.', of which no tag need be called. A consumer without
  /// that tag matches nothing.
  std::string attribute{};
  /// A regular expression of 1 to 64 characters in RE2's syntax; found anywhere in the attribute.
  std::string pattern{};
  std::string description{};  ///< At most 256 characters.
  /// At most 64 characters, no other rule's of the microservice; empty: the registry makes one.
  std::string id{};

  // Set by the registry; what a caller sets here is overwritten.
  std::chrono::sys_seconds created{};
  std::chrono::sys_seconds modified{};
};

class Rules {
 public:
  Rules(core::RegistryCore* core, const core::TenantHandle* tenant)
      : core_(core), tenant_(tenant) {}

  /// All of them, in the order given. Errors: kInvalidParams (the id); kServiceNotExists.
  Result<std::vector<Rule>> Get(ServiceIdView service_id) const;

  /// Puts `rules` in the place of all that there are; none clears them. Equal ones are no change,
  /// and an empty id is equal to any.
  /// The lists that the microservice is found in get another version.
  /// Errors: kInvalidParams (a field, a pattern that RE2 does not take, more than
  /// RegistryOptions::rules_max); kServiceNotExists.
  Result<Revision> Replace(ServiceIdView service_id, std::vector<Rule> rules,
                           Ack ack = Ack::kDurable);

 private:
  core::RegistryCore* core_;
  const core::TenantHandle* tenant_;
};

}  // namespace skep

#endif  // SKEP_REGISTRY_RULES_H_
