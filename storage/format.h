// The version of what skep writes: the layout of a folder, and of all that an engine stores.
//
// A program reads what has its own version or an older one, and refuses a newer one. The number
// goes up when an older program could not read, or would lose, what a newer one writes.
#ifndef SKEP_STORAGE_FORMAT_H_
#define SKEP_STORAGE_FORMAT_H_

#include <cstdint>

namespace skep::storage {

inline constexpr std::uint64_t kFormat = 1;

}  // namespace skep::storage

#endif  // SKEP_STORAGE_FORMAT_H_
