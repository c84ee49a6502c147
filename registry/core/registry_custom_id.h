// RegistryCore::CustomId: an instance id that is not 128 bits, and the 128-bit number that stands
// for it in the instance table. Immutable.
#ifndef SKEP_REGISTRY_CORE_REGISTRY_CUSTOM_ID_H_
#define SKEP_REGISTRY_CORE_REGISTRY_CUSTOM_ID_H_

#include <cstdint>
#include <string>

#include "registry/core/registry_core.h"

namespace skep::core {

struct RegistryCore::CustomId {
  std::uint64_t owner = 0;
  std::string text;
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_REGISTRY_CUSTOM_ID_H_
