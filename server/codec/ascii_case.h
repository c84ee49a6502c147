// Comparing names that are the same in upper and lower case.
#ifndef SKEP_SERVER_CODEC_ASCII_CASE_H_
#define SKEP_SERVER_CODEC_ASCII_CASE_H_

#include <cstddef>
#include <string_view>

namespace skep::server {

inline bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a == b) return true;  // The usual case, and quickly told.
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_ASCII_CASE_H_
