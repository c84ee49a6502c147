#include "server/codec/document.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <numeric>
#include <optional>
#include <utility>

#include "server/codec/json_writer.h"
#include "server/codec/yaml_reader.h"
#include "server/codec/yaml_writer.h"

namespace skep::server {
namespace {

using Type = Document::Type;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// By name; of several members with one name the last one stays.
void Order(std::vector<Document>* members) {
  std::vector<std::size_t> order(members->size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [members](std::size_t at) {
    return std::pair<std::string_view, std::size_t>((*members)[at].name, at);
  };
  std::ranges::sort(order, {}, key);
  std::vector<Document> kept;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool is_last = i + 1 == order.size() || key(order[i]).first != key(order[i + 1]).first;
    if (is_last) kept.push_back(std::move((*members)[order[i]]));
  }
  *members = std::move(kept);
}

// ------------------------------------------------------------------------------------------------
// Numbers

std::string NumberText(std::int64_t value) {
  std::string text;
  AppendDecimal(value, &text);
  return text;
}

// Without an exponent where it is of a common size, since some readers of YAML take 1e+05 for a
// text, and with one where it would look like an integer of more than 64 bits.
std::string NumberText(double value) {
  constexpr double kExactMax = 9007199254740992;  // 2^53
  const double size = std::fabs(value);
  if (size < kExactMax && value == std::trunc(value)) {
    return NumberText(static_cast<std::int64_t>(value));
  }
  const bool is_common = size >= 1e-6 && size < 1e18;
  char digits[64];
  const auto format = is_common ? std::chars_format::fixed : std::chars_format::scientific;
  return {digits, std::to_chars(digits, std::end(digits), value, format).ptr};
}

template <class T>
std::optional<T> Parse(std::string_view text) {
  T value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

// What YAML takes for a number, as JSON writes it. Infinity and what is none have no such form.
std::optional<std::string> NumberIn(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || !(IsDigit(digits.front()) || digits.front() == '.')) return std::nullopt;
  if (const auto whole = Parse<std::int64_t>(text)) return NumberText(*whole);
  const auto number = Parse<double>(text);
  if (!number.has_value() || !std::isfinite(*number)) return std::nullopt;
  return NumberText(*number);
}

// ------------------------------------------------------------------------------------------------
// Reading JSON

bool ReadMembers(const JsonValue& value, std::vector<Document>* members) {
  const bool good = value.ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (name.size() > kDocumentNameBytesMax) return member.Expected("a shorter name");
    Document& document = members->emplace_back();
    const bool is_read = ReadDocument(member, &document);
    document.name = name;
    return is_read;
  });
  Order(members);
  return good;
}

bool ReadNumber(const JsonValue& value, std::string* out) {
  std::int64_t whole = 0;
  double number = 0;
  if (value.Read(&whole)) {
    *out = NumberText(whole);
  } else if (value.Read(&number)) {
    *out = NumberText(number);
  } else {
    return false;
  }
  return true;
}

// ------------------------------------------------------------------------------------------------
// Reading YAML

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

Document PlainScalar(std::string_view text) {
  if (IsOneOf(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) {
    return {.type = Type::kBool, .text = "true"};
  }
  if (IsOneOf(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})) {
    return {.type = Type::kBool, .text = "false"};
  }
  if (auto number = NumberIn(text)) return {.type = Type::kNumber, .text = *std::move(number)};
  return {.type = Type::kText, .text = std::string(text)};
}

class TreeReader final : public YamlReader {
 public:
  Document Take() { return std::move(root_); }

 private:
  // A map or list that is open.
  struct Level {
    Document document;
    bool named = false;  ///< In a map: the next value is that of `name`.
    std::string name{};
  };

  void Scalar(const Mark& mark, std::string_view text, Form form) override {
    if (AwaitsName()) return Name(mark, text, form);
    if (form == Form::kNull) return Put({});
    Put(form == Form::kPlain ? PlainScalar(text)
                             : Document{.type = Type::kText, .text = std::string(text)});
  }
  void BeginMap(const Mark& mark) override { Open(mark, Type::kMap); }
  void BeginList(const Mark& mark) override { Open(mark, Type::kList); }
  void End() override {
    Document document = std::move(levels_.back().document);
    levels_.pop_back();
    if (document.type == Type::kMap) Order(&document.parts);
    Put(std::move(document));
  }

  bool AwaitsName() const {
    return !levels_.empty() && levels_.back().document.type == Type::kMap && !levels_.back().named;
  }
  void Open(const Mark& mark, Type type) {
    if (AwaitsName()) Refuse(mark, "a name should be a text");
    levels_.push_back({.document = {.type = type}});
  }
  void Name(const Mark& mark, std::string_view text, Form form);
  void Put(Document document);

  std::vector<Level> levels_;
  Document root_;
};

void TreeReader::Name(const Mark& mark, std::string_view text, Form form) {
  RefuseMergeKey(mark, text, form);
  if (form == Form::kNull) Refuse(mark, "a name should be a text");
  if (text.size() > kDocumentNameBytesMax) Refuse(mark, "a name is too long");
  levels_.back().name = text;
  levels_.back().named = true;
}

void TreeReader::Put(Document document) {
  if (levels_.empty()) {
    root_ = std::move(document);
    return;
  }
  Level& level = levels_.back();
  if (std::exchange(level.named, false)) document.name = std::move(level.name);
  level.document.parts.push_back(std::move(document));
}

// ------------------------------------------------------------------------------------------------
// Writing YAML

void AppendFlat(const Document& value, std::string* out) {
  switch (value.type) {
    case Type::kNull:
      out->append("null");
      return;
    case Type::kText:
      return AppendYamlScalar(value.text, out);
    case Type::kBool:
    case Type::kNumber:
      out->append(value.text);
      return;
    case Type::kList:
      out->append("[]");
      return;
    case Type::kMap:
      out->append("{}");
      return;
  }
}

void AppendBlock(const Document& value, std::size_t indent, std::string* out);

// Behind "name:". A list's dashes stand below the name.
void AppendBelow(const Document& value, std::size_t indent, std::string* out) {
  if (value.parts.empty()) {
    out->push_back(' ');
    return AppendBlock(value, indent, out);
  }
  if (value.type == Type::kMap) indent += 2;
  out->append("\n").append(indent, ' ');
  AppendBlock(value, indent, out);
}

// On a line that has `indent` columns already.
void AppendBlock(const Document& value, std::size_t indent, std::string* out) {
  if (value.parts.empty()) {
    AppendFlat(value, out);
    out->push_back('\n');
    return;
  }
  bool is_first = true;
  for (const Document& part : value.parts) {
    if (!std::exchange(is_first, false)) out->append(indent, ' ');
    if (value.type == Type::kList) {
      out->append("- ");
      AppendBlock(part, indent + 2, out);
    } else {
      AppendYamlScalar(part.name, out);
      out->push_back(':');
      AppendBelow(part, indent, out);
    }
  }
}

}  // namespace

const Document* Document::Find(std::string_view member) const {
  if (type != Type::kMap) return nullptr;
  const auto at = std::ranges::lower_bound(parts, member, {}, &Document::name);
  return at != parts.end() && at->name == member ? &*at : nullptr;
}

bool ReadDocument(const JsonValue& value, Document* out) {
  *out = Document();
  if (value.IsNull()) return true;
  if (value.IsObject()) {
    out->type = Type::kMap;
    return ReadMembers(value, &out->parts);
  }
  if (value.IsArray()) {
    out->type = Type::kList;
    return value.ForEachElement([out](const JsonValue& element) {
      return ReadDocument(element, &out->parts.emplace_back());
    });
  }
  if (value.IsText()) {
    out->type = Type::kText;
    return value.Read(&out->text);
  }
  if (bool truth = false; value.IsBool()) {
    out->type = Type::kBool;
    if (!value.Read(&truth)) return false;
    out->text = truth ? "true" : "false";
    return true;
  }
  out->type = Type::kNumber;
  return ReadNumber(value, &out->text);
}

Result<Document> ReadYamlDocument(std::string_view text) {
  TreeReader reader;
  if (const Status read = reader.Read(text); !read.ok()) return read.error();
  return reader.Take();
}

void AppendJson(const Document& document, std::string* out) {
  switch (document.type) {
    case Type::kNull:
      out->append("null");
      return;
    case Type::kText:
      return AppendJsonString(document.text, out);
    case Type::kBool:
    case Type::kNumber:
      out->append(document.text);
      return;
    case Type::kList: {
      JsonArray array(out);
      for (const Document& element : document.parts) {
        array.Item();
        AppendJson(element, out);
      }
      return;
    }
    case Type::kMap: {
      JsonObject object(out);
      for (const Document& member : document.parts) {
        object.Member(member.name);
        AppendJson(member, out);
      }
      return;
    }
  }
}

std::string ToYaml(const Document& document) {
  std::string out;
  AppendBlock(document, 0, &out);
  return out;
}

}  // namespace skep::server
