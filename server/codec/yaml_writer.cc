#include "server/codec/yaml_writer.h"

#include <algorithm>
#include <cstddef>

#include "base/text.h"
#include "server/codec/ascii_case.h"

namespace skep::server {
namespace {

// Whether a text reads back as itself, and as a text, without quotes: only what is so beyond doubt.
bool IsPlain(std::string_view text) {
  const auto is_letter = [](char c) { return base::IsAlnum(c) && !(c >= '0' && c <= '9'); };
  if (text.empty() || !is_letter(text.front())) return false;
  if (!std::ranges::all_of(text, [](char c) {
        return base::IsAlnum(c) || c == '_' || c == '-' || c == '.' || c == '/';
      })) {
    return false;
  }
  // The words that some version of YAML takes for null, a truth value or the like.
  for (const std::string_view word :
       {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}) {
    if (EqualsIgnoringCase(text, word)) return false;
  }
  return true;
}

void AppendEscape(char kind, unsigned code, std::size_t digits, std::string* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  out->push_back('\\');
  out->push_back(kind);
  while (digits-- > 0) out->push_back(kDigits[(code >> (4 * digits)) & 0xf]);
}

// The code of a character of one to three bytes; zero of four, which stand for themselves.
unsigned CodeOf(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0);
  if (character.size() == 2) return ((byte(0) & 0x1fU) << 6) | (byte(1) & 0x3fU);
  if (character.size() == 3) {
    return ((byte(0) & 0x0fU) << 12) | ((byte(1) & 0x3fU) << 6) | (byte(2) & 0x3fU);
  }
  return 0;
}

// What is not printable for YAML, or a line break for one of its versions.
bool NeedsEscape(unsigned code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029 ||
         code == 0xfeff || code >= 0xfffe;
}

void AppendQuoted(std::string_view text, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    const std::size_t length = base::SequenceLength(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    const unsigned code = length == 4 ? ' ' : CodeOf(character);
    if (length == 0) {
      out->append("\\ufffd");  // Not UTF-8.
    } else if (character == "\"" || character == "\\") {
      out->append("\\").append(character);
    } else if (character == "\n") {
      out->append("\\n");
    } else if (character == "\t") {
      out->append("\\t");
    } else if (NeedsEscape(code)) {
      AppendEscape(code < 0x100 ? 'x' : 'u', code, code < 0x100 ? 2 : 4, out);
    } else {
      out->append(character);
    }
    text.remove_prefix(character.size());
  }
  out->push_back('"');
}

}  // namespace

void AppendYamlScalar(std::string_view text, std::string* out) {
  if (IsPlain(text)) {
    out->append(text);
  } else {
    AppendQuoted(text, out);
  }
}

}  // namespace skep::server
