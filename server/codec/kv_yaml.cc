#include "server/codec/kv_yaml.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "server/codec/json_writer.h"
#include "server/codec/yaml_reader.h"
#include "server/codec/yaml_writer.h"

namespace skep::server {
namespace {

// ------------------------------------------------------------------------------------------------
// Reading

enum class Kind : std::uint8_t { kItem, kUpdate, kImport };

// Follows the parser's events through the one document of a body.
class Reader final : public YamlReader {
 public:
  Reader(Kind kind, std::size_t items_max) : kind_(kind), items_max_(items_max) {}

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

  void Scalar(const Mark& mark, std::string_view text, Form form) override;
  void BeginMap(const Mark& mark) override { levels_.push_back({.place = PlaceOfMap(mark)}); }
  void BeginList(const Mark& mark) override { levels_.push_back({.place = PlaceOfList(mark)}); }
  void End() override;

  Place PlaceOfMap(const Mark& mark);
  Place PlaceOfList(const Mark& mark);

  void Name(const Mark& mark, std::string_view text, Form form, Level* level);
  void Member(const Mark& mark, const Level& level, std::string_view text, Form form);
  KvField FieldOf(std::string_view name) const;

  static void RefuseUnlessOther(const Mark& mark, const Level& level);

  const Kind kind_;
  const std::size_t items_max_;
  std::vector<Level> levels_;
  KvSpec item_;
  std::vector<KvSpec> items_;
};

void Reader::End() {
  if (levels_.back().place == Place::kItem && kind_ == Kind::kImport) {
    items_.push_back(std::move(item_));
  }
  levels_.pop_back();
}

Reader::Place Reader::PlaceOfMap(const Mark& mark) {
  if (levels_.empty()) return kind_ == Kind::kImport ? Place::kImport : Place::kItem;
  Level& level = levels_.back();
  if (level.place == Place::kOther) return Place::kOther;
  if (level.place == Place::kData) {
    if (items_.size() == items_max_) Refuse(TooManyItems(items_max_));
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

Reader::Place Reader::PlaceOfList(const Mark& mark) {
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

void Reader::Scalar(const Mark& mark, std::string_view text, Form form) {
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

void Reader::Name(const Mark& mark, std::string_view text, Form form, Level* level) {
  RefuseMergeKey(mark, text, form);
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

void Reader::Member(const Mark& mark, const Level& level, std::string_view text, Form form) {
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
void Reader::RefuseUnlessOther(const Mark& mark, const Level& level) {
  if (level.data) Refuse(mark, "'data' should be a list");
  if (level.place == Place::kLabels) Refuse(mark, "the value of a label should be a text");
  if (level.field == KvField::kLabels) Refuse(mark, "'labels' should be a map of texts");
  if (level.field == KvField::kPriority) Refuse(mark, "'priority' should be an integer");
  if (level.field != KvField::kOther) Refuse(mark, "'" + level.name + "' should be a text");
}

// ------------------------------------------------------------------------------------------------
// Writing

// Writes the lines of one map. The first of a list's item begins with "- ", the others are
// indented like it.
class Lines {
 public:
  enum class Of : std::uint8_t { kDocument, kListItem };

  Lines(Of of, std::string* out) : indent_(of == Of::kListItem ? 2 : 0), out_(out) {}

  void TextAlways(std::string_view name, std::string_view text) {
    Begin(name);
    out_->push_back(' ');
    AppendYamlScalar(text, out_);
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
      AppendYamlScalar(label, out_);
      out_->append(": ");
      AppendYamlScalar(value, out_);
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
  Reader reader(Kind::kItem, 0);
  if (const Status read = reader.Read(body); !read.ok()) return read.error();
  return reader.TakeItem();
}

Result<KvUpdate> ReadKvUpdateYaml(std::string_view body) {
  Reader reader(Kind::kUpdate, 0);
  if (const Status read = reader.Read(body); !read.ok()) return read.error();
  KvSpec item = reader.TakeItem();
  KvUpdate update{.value = {}, .status = item.status};
  if (!item.value.empty()) update.value = std::move(item.value);
  return update;
}

Result<std::vector<KvSpec>> ReadImportYaml(std::string_view body, std::size_t items_max) {
  Reader reader(Kind::kImport, items_max);
  if (const Status read = reader.Read(body); !read.ok()) return read.error();
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
