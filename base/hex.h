// Hex digits and bytes.
#ifndef SKEP_BASE_HEX_H_
#define SKEP_BASE_HEX_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace skep::base {

inline constexpr char kHexDigits[] = "0123456789abcdef";

/// Writes `value` as 16 lower-case hex digits.
inline void AppendHex64(std::uint64_t value, char* out) {
  for (int i = 15; i >= 0; --i, value >>= 4) out[i] = kHexDigits[value & 0xf];
}

/// Reads 16 lower-case hex digits; eight at a time, since ids are read on every heartbeat.
inline std::optional<std::uint64_t> ParseHex64(const char* in) {
  auto half = [in](int at, bool& good) -> std::uint64_t {
    std::uint64_t text = 0;
    for (int i = 0; i < 8; ++i) {
      text |= std::uint64_t{static_cast<unsigned char>(in[at + i])} << (8 * i);
    }
    // A byte is a digit where it lies in '0'..'9' or 'a'..'f'; all tests stay within their byte
    // because no byte with its top bit set passes the first one.
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kTops = 0x8080808080808080;
    good = good && (text & kTops) == 0;
    const std::uint64_t at_least_0 = text + kOnes * (0x80 - '0');
    const std::uint64_t above_9 = text + kOnes * (0x7f - '9');
    const std::uint64_t at_least_a = text + kOnes * (0x80 - 'a');
    const std::uint64_t above_f = text + kOnes * (0x7f - 'f');
    const std::uint64_t digit = at_least_0 & ~above_9 & kTops;
    const std::uint64_t letter = at_least_a & ~above_f & kTops;
    good = good && (digit | letter) == kTops;
    std::uint64_t nibbles = (text & (kOnes * 0x0f)) + 9 * (letter >> 7);
    // Byte 0 holds the most significant nibble: fold pairs of bytes, then of halves.
    nibbles = ((nibbles << 4) | (nibbles >> 8)) & 0x00ff00ff00ff00ff;
    nibbles = ((nibbles << 8) | (nibbles >> 16)) & 0x0000ffff0000ffff;
    nibbles = ((nibbles << 16) | (nibbles >> 32)) & 0x00000000ffffffff;
    return nibbles;
  };
  bool good = true;
  const std::uint64_t high = half(0, good);
  const std::uint64_t low = half(8, good);
  if (!good) return std::nullopt;
  return high << 32 | low;
}

}  // namespace skep::base

#endif  // SKEP_BASE_HEX_H_
