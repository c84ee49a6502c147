#include "registry/core/version_rule.h"

#include <charconv>

namespace skep::core {

bool IsExactVersion(std::string_view text) {
  constexpr int kPartsMax = 4;
  constexpr int kNumberMax = 32767;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int part = 0; part < kPartsMax; ++part) {
    // from_chars admits a sign.
    if (at == end || *at < '0' || *at > '9') return false;
    int number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc() || number > kNumberMax) return false;
    if (next == end) return true;
    if (*next != '.') return false;
    at = next + 1;
  }
  return false;
}

bool IsVersionRule(std::string_view text) {
  if (text.empty() || text == "latest") return true;
  if (text.back() == '+') return IsExactVersion(text.substr(0, text.size() - 1));
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return IsExactVersion(text);
  return IsExactVersion(text.substr(0, dash)) && IsExactVersion(text.substr(dash + 1));
}

}  // namespace skep::core
