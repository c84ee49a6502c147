#include "server/codec/kv_yaml.h"

#include <simdjson.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <istream>
#include <optional>
#include <streambuf>
#include <utility>

#include "base/text.h"
#include "server/codec/ascii_case.h"
#include "server/codec/json_writer.h"

namespace skep::server {
namespace {

// ------------------------------------------------------------------------------------------------
// Reading

// The parser throws; what we refuse ourselves travels the same way, no further than Parse below.
struct Refused {
  Error error;
};

[[noreturn]] void Refuse(const YAML::Mark& mark, std::string_view why) {
  throw Refused{
      KvBodyError("yaml: line " + std::to_string(mark.line + 1) + ": " + std::string(why))};
}

// Whether a character may begin a token of its own.
bool IsIndicator(char c) {
  constexpr std::string_view kIndicators = "[]{},:?!&*-|>\"'#%@`";
  return kIndicators.find(c) != std::string_view::npos;
}

// Hands the body to the parser, piece by piece, and counts what was handed out since the parser
// last said something: so much it may be keeping. Beyond the limits the body seems to end.
class Source final : public std::streambuf {
 public:
  explicit Source(std::string_view body) {
    // It is only read from; the parser also puts back what it looked at first.
    char* const begin = const_cast<char*>(body.data());
    setg(begin, begin, begin + body.size());
  }

  /// The parser said something.
  void Progress() { bytes_ = pending_ = 0; }

  bool exceeded() const { return exceeded_; }

 protected:
  std::streamsize xsgetn(char* out, std::streamsize count) override {
    if (exceeded_) return 0;
    const std::streamsize size = std::streambuf::xsgetn(out, count);
    bytes_ += static_cast<std::size_t>(size);
    pending_ += static_cast<std::size_t>(std::count_if(out, out + size, IsIndicator));
    exceeded_ = bytes_ > kYamlScalarBytesMax || pending_ > kYamlPendingMax;
    return size;
  }

 private:
  std::size_t bytes_ = 0;
  std::size_t pending_ = 0;
  bool exceeded_ = false;
};

enum class Kind : std::uint8_t { kItem, kUpdate, kImport };

// The parser takes the byte 4 for the end of its input, and bodies with zero bytes for other
// encodings; YAML allows neither.
bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

// Follows the parser's events through the one document of a body.
class Reader final : private YAML::EventHandler {
 public:
  Reader(Kind kind, std::string_view body, std::size_t items_max)
      : kind_(kind), items_max_(items_max), body_(body), source_(body) {}

  /// Once.
  Status Read();

  KvSpec TakeItem() { return std::move(item_); }
  std::vector<KvSpec> TakeItems() { return std::move(items_); }

 private:
  // What a map or list that is open is to us.
  enum class Place : std::uint8_t { kImport, kData, kItem, kLabels, kOther };

  struct Level {
    Place place;
    bool named = false;               ///< In a map: its next value is that of `name`.
    std::string name{};               ///< Of a member of interest.
    KvField field = KvField::kOther;  ///< The same, in kItem.
    bool data = false;                ///< The same, in kImport: the list of items.
  };

  enum class Form : std::uint8_t { kNull, kPlain, kQuoted };

  void OnDocumentStart(const YAML::Mark& mark) override {
    source_.Progress();
    if (std::exchange(begun_, true)) Refuse(mark, "a second document");
  }
  void OnDocumentEnd() override { source_.Progress(); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { RefuseAnchor(mark); }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Begin(mark, {}, anchor);
    Scalar(mark, {}, Form::kNull);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    Begin(mark, tag, anchor);
    Scalar(mark, text, tag == "!" ? Form::kQuoted : Form::kPlain);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Begin(mark, tag, anchor);
    Open(mark, PlaceOfMap(mark));
  }
  void OnMapEnd() override { Close(); }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Begin(mark, tag, anchor);
    Open(mark, PlaceOfList(mark));
  }
  void OnSequenceEnd() override { Close(); }

  void Begin(const YAML::Mark& mark, std::string_view tag, YAML::anchor_t anchor);
  void Open(const YAML::Mark& mark, Place place);
  void Close();

  Place PlaceOfMap(const YAML::Mark& mark);
  Place PlaceOfList(const YAML::Mark& mark);
  void Scalar(const YAML::Mark& mark, std::string_view text, Form form);

  void Name(const YAML::Mark& mark, std::string_view text, Form form, Level* level);
  void Member(const YAML::Mark& mark, const Level& level, std::string_view text, Form form);
  KvField FieldOf(std::string_view name) const;

  [[noreturn]] static void RefuseAnchor(const YAML::Mark& mark) {
    Refuse(mark, "anchors and aliases are not taken");
  }
  static void RefuseUnlessOther(const YAML::Mark& mark, const Level& level);

  const Kind kind_;
  const std::size_t items_max_;
  const std::string_view body_;
  Source source_;
  bool begun_ = false;
  std::vector<Level> levels_;
  KvSpec item_;
  std::vector<KvSpec> items_;
};

Status Reader::Read() {
  if (body_.size() > kYamlBytesMax) return KvBodyError("yaml: the body is too large");
  if (!simdjson::validate_utf8(body_.data(), body_.size())) return KvBodyError("yaml: not UTF-8");
  if (std::ranges::any_of(body_, IsControl)) return KvBodyError("yaml: a control character");
  std::optional<Error> error;
  try {
    std::istream stream(&source_);
    YAML::Parser parser(stream);
    // One document: a second one is refused when it begins.
    while (parser.HandleNextDocument(*this)) {
    }
  } catch (const Refused& refused) {
    error = refused.error;
  } catch (const YAML::Exception& wrong) {
    error = KvBodyError("yaml: line " + std::to_string(wrong.mark.line + 1) + ": " + wrong.msg);
  }
  // Then whatever the parser made of what it was given is of no interest.
  if (source_.exceeded()) return KvBodyError("yaml: a scalar, {...} or [...] is too large");
  if (error.has_value()) return *std::move(error);
  return {};
}

void Reader::Begin(const YAML::Mark& mark, std::string_view tag, YAML::anchor_t anchor) {
  constexpr std::string_view kCore = "tag:yaml.org,2002:";
  source_.Progress();
  if (anchor != YAML::NullAnchor) RefuseAnchor(mark);
  if (tag.empty() || tag == "?" || tag == "!") return;
  if (tag.starts_with(kCore)) {
    tag.remove_prefix(kCore.size());
    for (const std::string_view plain : {"str", "int", "bool", "float", "null", "map", "seq"}) {
      if (tag == plain) return;
    }
  }
  Refuse(mark, "a tag that is not taken");
}

void Reader::Open(const YAML::Mark& mark, Place place) {
  if (levels_.size() == kYamlDepthMax) Refuse(mark, "nested too deep");
  levels_.push_back({.place = place});
}

void Reader::Close() {
  source_.Progress();
  if (levels_.back().place == Place::kItem && kind_ == Kind::kImport) {
    items_.push_back(std::move(item_));
  }
  levels_.pop_back();
}

Reader::Place Reader::PlaceOfMap(const YAML::Mark& mark) {
  if (levels_.empty()) return kind_ == Kind::kImport ? Place::kImport : Place::kItem;
  Level& level = levels_.back();
  if (level.place == Place::kOther) return Place::kOther;
  if (level.place == Place::kData) {
    if (items_.size() == items_max_) throw Refused{TooManyItems(items_max_)};
    item_ = KvSpec();
    return Place::kItem;
  }
  if (!std::exchange(level.named, false)) Refuse(mark, "a name should be a text");
  if (level.field == KvField::kLabels) {
    item_.labels.clear();
    return Place::kLabels;
  }
  RefuseUnlessOther(mark, level);
  return Place::kOther;
}

Reader::Place Reader::PlaceOfList(const YAML::Mark& mark) {
  if (levels_.empty()) Refuse(mark, "the document should be a map");
  Level& level = levels_.back();
  if (level.place == Place::kOther) return Place::kOther;
  if (level.place == Place::kData) Refuse(mark, "an item of 'data' should be a map");
  if (!std::exchange(level.named, false)) Refuse(mark, "a name should be a text");
  if (level.data) {
    items_.clear();
    return Place::kData;
  }
  RefuseUnlessOther(mark, level);
  return Place::kOther;
}

void Reader::Scalar(const YAML::Mark& mark, std::string_view text, Form form) {
  if (levels_.empty()) {
    if (form != Form::kNull) Refuse(mark, "the document should be a map");
    return;
  }
  Level& level = levels_.back();
  if (level.place == Place::kOther) return;
  if (level.place == Place::kData) {
    if (form != Form::kNull) Refuse(mark, "an item of 'data' should be a map");
    return;
  }
  if (!std::exchange(level.named, false)) {
    Name(mark, text, form, &level);
    return;
  }
  if (level.place == Place::kLabels) PutLabel(level.name, text, &item_.labels);
  if (level.place == Place::kItem) Member(mark, level, text, form);
  if (!level.data) return;
  if (form != Form::kNull) RefuseUnlessOther(mark, level);
  items_.clear();
}

void Reader::Name(const YAML::Mark& mark, std::string_view text, Form form, Level* level) {
  if (text == "<<" && form == Form::kPlain) Refuse(mark, "merge keys are not taken");
  level->named = true;
  level->name = text;
  level->field = level->place == Place::kItem ? FieldOf(text) : KvField::kOther;
  level->data = level->place == Place::kImport && text == "data";
}

// Unlike JSON's, YAML's names match in the case that they have.
KvField Reader::FieldOf(std::string_view name) const {
  if (std::ranges::any_of(name, [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return KvField::kOther;
  }
  const KvField field = FindKvField(name);
  const bool changes = field == KvField::kValue || field == KvField::kStatus;
  return kind_ == Kind::kUpdate && !changes ? KvField::kOther : field;
}

void Reader::Member(const YAML::Mark& mark, const Level& level, std::string_view text, Form form) {
  if (IsText(level.field)) SetText(level.field, text, &item_);
  if (level.field == KvField::kLabels) {
    if (form != Form::kNull) RefuseUnlessOther(mark, level);
    item_.labels.clear();
  }
  if (level.field != KvField::kPriority) return;
  item_.priority = 0;
  if (form == Form::kNull) return;
  if (text.starts_with('+')) text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, item_.priority);
  if (form != Form::kPlain || read.ec != std::errc() || read.ptr != end) {
    RefuseUnlessOther(mark, level);
  }
}

// Nothing, where the value that comes is of no interest; otherwise says what should have come.
void Reader::RefuseUnlessOther(const YAML::Mark& mark, const Level& level) {
  if (level.data) Refuse(mark, "'data' should be a list");
  if (level.place == Place::kLabels) Refuse(mark, "the value of a label should be a text");
  if (level.field == KvField::kLabels) Refuse(mark, "'labels' should be a map of texts");
  if (level.field == KvField::kPriority) Refuse(mark, "'priority' should be an integer");
  if (level.field != KvField::kOther) Refuse(mark, "'" + level.name + "' should be a text");
}

// ------------------------------------------------------------------------------------------------
// Writing

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

void AppendScalar(std::string_view text, std::string* out) {
  if (IsPlain(text)) {
    out->append(text);
  } else {
    AppendQuoted(text, out);
  }
}

// Writes the lines of one map. The first of a list's item begins with "- ", the others are
// indented like it.
class Lines {
 public:
  enum class Of : std::uint8_t { kDocument, kListItem };

  Lines(Of of, std::string* out) : indent_(of == Of::kListItem ? 2 : 0), out_(out) {}

  void TextAlways(std::string_view name, std::string_view text) {
    Begin(name);
    out_->push_back(' ');
    AppendScalar(text, out_);
    out_->push_back('\n');
  }
  /// Left out where empty.
  void Text(std::string_view name, std::string_view text) {
    if (!text.empty()) TextAlways(name, text);
  }
  void NumberAlways(std::string_view name, std::int64_t value) {
    Begin(name);
    out_->push_back(' ');
    AppendDecimal(value, out_);
    out_->push_back('\n');
  }
  /// Left out where zero.
  void Number(std::string_view name, std::int64_t value) {
    if (value != 0) NumberAlways(name, value);
  }
  void Map(std::string_view name, const Labels& labels) {
    Begin(name);
    out_->append(labels.empty() ? " {}\n" : "\n");
    for (const auto& [label, value] : labels) {
      out_->append(indent_ + 2, ' ');
      AppendScalar(label, out_);
      out_->append(": ");
      AppendScalar(value, out_);
      out_->push_back('\n');
    }
  }

 private:
  void Begin(std::string_view name) {
    if (indent_ > 0) out_->append(std::exchange(first_, false) ? "- " : "  ");
    out_->append(name).push_back(':');
  }

  const std::size_t indent_;
  std::string* const out_;
  bool first_ = true;
};

void AppendKv(const KeyValue& kv, Lines lines) {
  lines.Text("id", kv.id());
  lines.TextAlways("key", kv.key());
  lines.TextAlways("value", kv.value);
  lines.Text("value_type", ToString(kv.value_type));
  lines.Number("priority", kv.priority);
  lines.Text("check", kv.check);
  lines.Number("create_revision", static_cast<std::int64_t>(kv.create_revision.number()));
  lines.Number("update_revision", static_cast<std::int64_t>(kv.update_revision.number()));
  lines.Text("status", ToString(kv.status));
  lines.Number("create_time", kv.create_time.time_since_epoch().count());
  lines.Number("update_time", kv.update_time.time_since_epoch().count());
  if (!kv.labels().empty()) lines.Map("labels", kv.labels());
}

// Wire compatibility: the reference gives these members the names of its own fields.
void AppendFailure(const ImportFailure& failure, std::string* out) {
  Lines lines(Lines::Of::kListItem, out);
  lines.TextAlways("key", failure.item.key);
  lines.Map("labels", failure.item.labels);
  lines.NumberAlways("errcode", failure.error.code().value());
  lines.TextAlways("errmsg", failure.error.detail());
}

}  // namespace

Result<KvSpec> ReadKvYaml(std::string_view body) {
  Reader reader(Kind::kItem, body, 0);
  if (const Status read = reader.Read(); !read.ok()) return read.error();
  return reader.TakeItem();
}

Result<KvUpdate> ReadKvUpdateYaml(std::string_view body) {
  Reader reader(Kind::kUpdate, body, 0);
  if (const Status read = reader.Read(); !read.ok()) return read.error();
  KvSpec item = reader.TakeItem();
  KvUpdate update{.value = {}, .status = item.status};
  if (!item.value.empty()) update.value = std::move(item.value);
  return update;
}

Result<std::vector<KvSpec>> ReadImportYaml(std::string_view body, std::size_t items_max) {
  Reader reader(Kind::kImport, body, items_max);
  if (const Status read = reader.Read(); !read.ok()) return read.error();
  return reader.TakeItems();
}

std::string KvYaml(const KeyValue& kv) {
  std::string out;
  AppendKv(kv, Lines(Lines::Of::kDocument, &out));
  return out;
}

std::string ImportResultYaml(const ImportResult& result) {
  std::string out(result.success.empty() ? "success: []\n" : "success:\n");
  for (const KeyValuePtr& kv : result.success) AppendKv(*kv, Lines(Lines::Of::kListItem, &out));
  out.append(result.failures.empty() ? "failure: []\n" : "failure:\n");
  for (const ImportFailure& failure : result.failures) AppendFailure(failure, &out);
  return out;
}

}  // namespace skep::server
