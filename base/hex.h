// Hex digits and bytes.
#ifndef SKEP_BASE_HEX_H_
#define SKEP_BASE_HEX_H_

#include <cstdint>
#include <optional>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace skep::base {

inline constexpr char kHexDigits[] = "0123456789abcdef";

/// Writes `value` as 16 lower-case hex digits.
inline void AppendHex64(std::uint64_t value, char* out) {
  for (int i = 15; i >= 0; --i, value >>= 4) out[i] = kHexDigits[value & 0xf];
}

#if defined(__SSE2__)

/// Reads 16 lower-case hex digits; all at once, since ids are read on every heartbeat.
inline std::optional<std::uint64_t> ParseHex64(const char* in) {
  const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
  // Compared as signed numbers, bytes with their top bit set are below all digits.
  const auto within = [text](char first, char last) {
    return _mm_and_si128(_mm_cmpgt_epi8(text, _mm_set1_epi8(static_cast<char>(first - 1))),
                         _mm_cmplt_epi8(text, _mm_set1_epi8(static_cast<char>(last + 1))));
  };
  const __m128i letters = within('a', 'f');
  const __m128i digits = _mm_or_si128(within('0', '9'), letters);
  if (_mm_movemask_epi8(digits) != 0xffff) return std::nullopt;
  // '0' to '9' end in 0 to 9, 'a' to 'f' in 1 to 6.
  const __m128i nibbles = _mm_add_epi8(_mm_and_si128(text, _mm_set1_epi8(0x0f)),
                                       _mm_and_si128(letters, _mm_set1_epi8(9)));
  // The first of each pair is the upper half of its byte.
  const __m128i pairs = _mm_or_si128(_mm_slli_epi16(nibbles, 4), _mm_srli_epi16(nibbles, 8));
  const __m128i bytes = _mm_packus_epi16(_mm_and_si128(pairs, _mm_set1_epi16(0xff)), pairs);
  // The first byte is the most significant one.
  return __builtin_bswap64(static_cast<std::uint64_t>(_mm_cvtsi128_si64(bytes)));
}

#else

/// Reads 16 lower-case hex digits.
inline std::optional<std::uint64_t> ParseHex64(const char* in) {
  std::uint64_t value = 0;
  for (int i = 0; i < 16; ++i) {
    const char c = in[i];
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f')) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return value;
}

#endif

}  // namespace skep::base

#endif  // SKEP_BASE_HEX_H_
