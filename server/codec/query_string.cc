#include "server/codec/query_string.h"

#include "server/codec/ascii_case.h"

namespace skep::server {
namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool AppendUnescaped(std::string_view text, Plus plus, std::string* out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == Plus::kIsBlank) {
      out->push_back(' ');
    } else if (text[i] != '%') {
      out->push_back(text[i]);
    } else {
      const int high = i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) return false;
      out->push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return true;
}

bool QueryString::Unescape(std::string_view* text) {
  if (text->find_first_of("%+") == std::string_view::npos) return true;
  // `text` lies in `rest_`, and escapes only shrink.
  if (unescaped_.empty()) unescaped_.reserve(rest_.size());
  const std::size_t begin = unescaped_.size();
  if (!AppendUnescaped(*text, Plus::kIsBlank, &unescaped_)) return false;
  *text = std::string_view(unescaped_).substr(begin);
  return true;
}

bool QueryString::Next(std::string_view* name, std::string_view* value) {
  while (!rest_.empty()) {
    const std::string_view pair = rest_.substr(0, rest_.find('&'));
    const std::size_t equals = pair.find('=');
    *name = pair.substr(0, equals);
    *value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    const bool usable = !pair.empty() && pair.find(';') == std::string_view::npos &&
                        Unescape(name) && Unescape(value);
    rest_.remove_prefix(pair.size() < rest_.size() ? pair.size() + 1 : rest_.size());
    if (usable) return true;
  }
  return false;
}

bool IsTruthy(std::string_view value) { return value == "1" || EqualsIgnoringCase(value, "true"); }

}  // namespace skep::server
