// Environment: the five values that a microservice's environment may have (spec 3.1).
#ifndef SKEP_REGISTRY_CORE_ENVIRONMENT_H_
#define SKEP_REGISTRY_CORE_ENVIRONMENT_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace skep::core {

enum class Environment : std::uint8_t { kEmpty, kDevelopment, kTesting, kAcceptance, kProduction };

inline constexpr std::string_view kEnvironmentNames[] = {"", "development", "testing", "acceptance",
                                                         "production"};

inline std::string_view ToString(Environment environment) {
  return kEnvironmentNames[static_cast<std::size_t>(environment)];
}

inline std::optional<Environment> ParseEnvironment(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kEnvironmentNames); ++i) {
    if (text == kEnvironmentNames[i]) return static_cast<Environment>(i);
  }
  return std::nullopt;
}

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_ENVIRONMENT_H_
