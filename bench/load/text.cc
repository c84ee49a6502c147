#include "bench/load/text.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "bench/support/die.h"

namespace skep::bench {
namespace {

// Takes the front of `json` off, up to the value of the next member `key`; false where there is
// none.
bool SkipToMember(std::string_view key, std::string_view* json) {
  const std::string name = '"' + std::string(key) + '"';
  const std::size_t at = json->find(name);
  if (at == std::string_view::npos) return false;
  json->remove_prefix(at + name.size());
  json->remove_prefix(std::min(json->find_first_not_of(": "), json->size()));
  return true;
}

// The same up to the end of the next member `key` that is a string.
std::optional<std::string> TakeString(std::string_view key, std::string_view* json) {
  while (SkipToMember(key, json)) {
    const std::string_view rest = *json;
    if (rest.empty() || rest.front() != '"') continue;
    const std::string_view value = rest.substr(1, rest.find('"', 1) - 1);
    json->remove_prefix(static_cast<std::size_t>(value.end() - json->begin()));
    return std::string(value);
  }
  return std::nullopt;
}

constexpr std::string_view kLowerDigits = "0123456789abcdef";
constexpr std::string_view kUpperDigits = "0123456789ABCDEF";

bool IsPlain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_';
}

}  // namespace

std::string Padded(std::size_t number, int digits) {
  const std::string text = std::to_string(number);
  const auto wanted = static_cast<std::size_t>(digits);
  return std::string(wanted - std::min(wanted, text.size()), '0') + text;
}

void WriteHex(std::uint64_t number, char* out) {
  for (std::size_t i = kHexDigits; i > 0; --i) {
    out[i - 1] = kLowerDigits[number & 15];
    number >>= 4;
  }
}

std::string Hex(std::uint64_t number) {
  std::string text(kHexDigits, '0');
  WriteHex(number, text.data());
  return text;
}

std::string StringOf(std::string_view json, std::string_view key) {
  std::string_view rest = json;
  const std::optional<std::string> found = TakeString(key, &rest);
  if (!found.has_value()) Die("no " + std::string(key) + " in " + std::string(json));
  return *found;
}

std::vector<std::string> StringsOf(std::string_view json, std::string_view key) {
  std::vector<std::string> all;
  while (std::optional<std::string> found = TakeString(key, &json)) {
    all.push_back(std::move(*found));
  }
  return all;
}

std::vector<std::uint64_t> NumbersOf(std::string_view json, std::string_view key) {
  std::vector<std::uint64_t> all;
  while (SkipToMember(key, &json)) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(json.data(), json.data() + json.size(), number);
    if (failure == std::errc()) all.push_back(number);
  }
  return all;
}

std::size_t CountOf(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at)) {
    ++count;
    at += part.size();
  }
  return count;
}

std::string PercentEncoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsPlain(c)) {
      out += c;
    } else {
      out.append(1, '%').append(1, kUpperDigits[byte >> 4]).append(1, kUpperDigits[byte & 15]);
    }
  }
  return out;
}

}  // namespace skep::bench
