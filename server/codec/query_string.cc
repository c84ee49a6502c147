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

bool QueryString::Unescape(const Text& raw, std::string_view* out) {
  *out = raw.text;
  if (!raw.escaped) return true;
  // Escapes only shrink, so this holds what is to come, too.
  if (unescaped_.capacity() < size_) unescaped_.reserve(size_);
  const std::size_t begin = unescaped_.size();
  if (!AppendUnescaped(raw.text, Plus::kIsBlank, &unescaped_)) return false;
  *out = std::string_view(unescaped_).substr(begin);
  return true;
}

bool QueryString::NextName(std::string_view* name) {
  while (!rest_.empty()) {
    Text raw_name;
    value_ = {};
    Text* part = &raw_name;
    bool usable = true;
    std::size_t begin = 0;
    std::size_t at = 0;
    for (; at < rest_.size() && rest_[at] != '&'; ++at) {
      const char c = rest_[at];
      if (c == '=' && part == &raw_name) {
        part->text = rest_.substr(0, at);
        part = &value_;
        begin = at + 1;
      }
      part->escaped = part->escaped || c == '%' || c == '+';
      usable = usable && c != ';';
    }
    part->text = rest_.substr(begin, at - begin);
    if (part == &raw_name) value_.text = rest_.substr(at, 0);
    rest_.remove_prefix(at < rest_.size() ? at + 1 : at);
    if (at == 0) continue;
    if (usable && Unescape(raw_name, name)) return true;
    has_bad_pair_ = true;
  }
  return false;
}

bool QueryString::Value(std::string_view* value) { return Unescape(value_, value); }

bool QueryString::Next(std::string_view* name, std::string_view* value) {
  while (NextName(name)) {
    if (Value(value)) return true;
    has_bad_pair_ = true;
  }
  return false;
}

std::vector<std::string_view> SplitAtCommas(std::string_view text) {
  std::vector<std::string_view> parts;
  if (text.empty()) return parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

bool IsTruthy(std::string_view value) { return value == "1" || EqualsIgnoringCase(value, "true"); }

}  // namespace skep::server
