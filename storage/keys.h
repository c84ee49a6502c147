// The keys of what is stored about the storage itself. They begin with 's'; each part of an engine
// has a letter of its own (registry/core, kie/core).
#ifndef SKEP_STORAGE_KEYS_H_
#define SKEP_STORAGE_KEYS_H_

#include <string_view>

namespace skep::storage {

/// kFormat of the program that has written here last, in decimal digits.
inline constexpr std::string_view kFormatKey = "sf";

/// The first revision that no engine has had leave to use, in decimal digits.
inline constexpr std::string_view kRevisionKey = "sr";

}  // namespace skep::storage

#endif  // SKEP_STORAGE_KEYS_H_
