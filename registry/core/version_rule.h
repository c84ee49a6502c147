// Version texts: one to four numbers of 0 to 32767 between dots (spec 3.1). Validated, never used
// to select: every version of a microservice is found, as clients rely on.
#ifndef SKEP_REGISTRY_CORE_VERSION_RULE_H_
#define SKEP_REGISTRY_CORE_VERSION_RULE_H_

#include <string_view>

namespace skep::core {

bool IsExactVersion(std::string_view text);

/// An exact version, "1.0.0+", "1.0.0-2.0.0", "latest", or nothing (spec 8.2).
bool IsVersionRule(std::string_view text);

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_VERSION_RULE_H_
