// Characters: ASCII letters and digits, and UTF-8.
#ifndef SKEP_BASE_TEXT_H_
#define SKEP_BASE_TEXT_H_

#include <cstddef>
#include <string_view>

namespace skep::base {

constexpr bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Whether a byte of UTF-8 goes on with a character that began before it.
constexpr bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// The length of the UTF-8 sequence at the front of `text`, or 0 where there is none: at its end,
/// and for overlong forms, surrogates and what lies beyond U+10FFFF.
std::size_t SequenceLength(std::string_view text);

/// At most `bytes_max` bytes from the front of `text`, so that no character is cut in two.
std::string_view CutAtCharacter(std::string_view text, std::size_t bytes_max);

}  // namespace skep::base

#endif  // SKEP_BASE_TEXT_H_
