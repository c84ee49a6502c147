// Small things that are done to text while scenarios are prepared. WriteHex alone is quick.
#ifndef SKEP_BENCH_LOAD_TEXT_H_
#define SKEP_BENCH_LOAD_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skep::bench {

/// `number` with zeros before it.
std::string Padded(std::size_t number, int digits);

/// `number` as 16 hexadecimal digits.
inline constexpr std::size_t kHexDigits = 16;
void WriteHex(std::uint64_t number, char* out);
std::string Hex(std::uint64_t number);

/// The value of the first member `key` of a JSON text, compact or indented, that is a string. Ends
/// the process where there is none.
std::string StringOf(std::string_view json, std::string_view key);

/// The values of all such members, in their order.
std::vector<std::string> StringsOf(std::string_view json, std::string_view key);

/// The values of all members `key` that are whole numbers, in their order.
std::vector<std::uint64_t> NumbersOf(std::string_view json, std::string_view key);

std::size_t CountOf(std::string_view text, std::string_view part);

std::string PercentEncoded(std::string_view text);

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_TEXT_H_
