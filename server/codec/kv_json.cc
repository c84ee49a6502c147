#include "server/codec/kv_json.h"

#include <utility>

#include "server/codec/ascii_case.h"
#include "server/codec/json_list.h"
#include "server/codec/json_writer.h"
#include "server/codec/kv_body.h"
#include "server/codec/time_text.h"
#include "skep/memo.h"

namespace skep::server {
namespace {

// An item's text with its label format, kept with it. Cut out of it, the format leaves the plain
// text: one memo serves both.
class KvText final : public Memo {
 public:
  KvText(std::string_view text, std::size_t format_begin, std::size_t format_end)
      : text_(text), format_begin_(format_begin), format_end_(format_end) {}

  void AppendTo(KvDetail detail, std::string* out) const {
    if (detail == KvDetail::kFormat) {
      out->append(text_);
    } else {
      out->append(text_, 0, format_begin_).append(text_, format_end_);
    }
  }
  static std::size_t Bytes(std::string_view text) { return sizeof(KvText) + text.size(); }

 private:
  const std::string text_;
  const std::size_t format_begin_;  // Where ,"label_format":"..." begins.
  const std::size_t format_end_;
};

// An int64 for a count, which never comes near the end of either.
std::int64_t Number(std::uint64_t value) { return static_cast<std::int64_t>(value); }

// What follows the label format.
void WriteContent(const KeyValue& kv, KvDetail detail, JsonObject& object, std::string* out) {
  object.TextAlways("key", kv.key());
  object.TextAlways("value", kv.value);
  object.Text("value_type", ToString(kv.value_type));
  object.Number("priority", kv.priority);
  object.Text("check", kv.check);
  object.Number("create_revision", Number(kv.create_revision.number()));
  object.Number("update_revision", Number(kv.update_revision.number()));
  if (detail == KvDetail::kAll) object.Text("project", kv.tenant().project);
  object.Text("status", ToString(kv.status));
  object.Number("create_time", kv.create_time.time_since_epoch().count());
  object.Number("update_time", kv.update_time.time_since_epoch().count());
  Map(&object, "labels", kv.labels(), out);
  if (detail == KvDetail::kAll) object.Text("domain", kv.tenant().domain);
}

void WriteAll(const KeyValue& kv, std::string* out) {
  JsonObject object(out);
  object.Text("id", kv.id());
  object.Text("label_format", kv.label_format());
  WriteContent(kv, KvDetail::kAll, object, out);
}

// Writes it straight to where it goes, and keeps it where there is room: of a million items few
// have room, and then a text of its own for each answer would be for nothing.
void WriteAndKeep(const KeyValue& kv, KvDetail detail, std::string* out) {
  const std::size_t begin = out->size();
  std::size_t format_begin = 0;
  std::size_t format_end = 0;
  {
    JsonObject object(out);
    object.Text("id", kv.id());
    format_begin = out->size();
    object.Text("label_format", kv.label_format());
    format_end = out->size();
    WriteContent(kv, KvDetail::kFormat, object, out);
  }
  const std::string_view text = std::string_view(*out).substr(begin);
  const std::size_t bytes = KvText::Bytes(text);
  if (kv.memo.budget()->HasRoom(bytes)) {
    const auto memo =
        MemoPtr<KvText>::Adopt(new KvText(text, format_begin - begin, format_end - begin));
    kv.memo.Put(*memo, bytes);
  }
  if (detail != KvDetail::kFormat) out->erase(format_begin, format_end - format_begin);
}

void AppendNumber(std::string_view name, std::size_t value, JsonObject* object, std::string* out) {
  object->Key(name);
  AppendDecimal(Number(value), out);
}

void AppendItems(std::span<const KeyValuePtr> items, std::string* out) {
  JsonArray array(out);
  for (const KeyValuePtr& item : items) {
    array.Item();
    AppendKv(*item, KvDetail::kPlain, out);
  }
}

void AppendFailure(const ImportFailure& failure, std::string* out) {
  JsonObject object(out);
  object.TextAlways("key", failure.item.key);
  object.Key("labels");
  {
    JsonObject labels(out);
    for (const auto& [name, value] : failure.item.labels) labels.Entry(name, value);
  }
  object.Key("error_code");
  AppendDecimal(failure.error.code().value(), out);
  object.TextAlways("error_message", failure.error.detail());
}

void AppendPoll(const PollRecord& poll, const Tenant& tenant, std::string* out) {
  JsonObject object(out);
  object.Text("session_id", poll.session_id);
  object.Text("session_group", poll.session_group);
  object.Text("domain", tenant.domain);
  object.Text("project", tenant.project);
  object.Key("polling_data");
  {
    JsonObject data(out);
    data.TextAlways("revision", poll.polling_revision);
    data.TextAlways("wait", poll.polling_wait);
    data.TextAlways("labels", poll.polling_labels);
  }
  object.Text("revision", std::to_string(poll.revision.number()));
  object.Text("ip", poll.ip);
  object.Text("user_agent", poll.user_agent);
  object.Text("url_path", poll.url_path);
  object.Key("kv");
  AppendItems(poll.items, out);
  object.Number("response_code", poll.response_code);
  object.Text("timestamp", Timestamp(poll.time));
}

}  // namespace

void AppendKv(const KeyValue& kv, KvDetail detail, std::string* out) {
  if (detail == KvDetail::kAll) return WriteAll(kv, out);
  // Nobody but this file puts memos there, so what is there is of its type.
  if (const Memo* memo = kv.memo.Get()) {
    return static_cast<const KvText*>(memo)->AppendTo(detail, out);
  }
  WriteAndKeep(kv, detail, out);
}

void AppendKvListBody(std::span<const KeyValuePtr> items, std::size_t total, std::string* out) {
  JsonObject body(out);
  AppendNumber("total", total, &body, out);
  body.Key("data");
  AppendItems(items, out);
}

void AppendKvHistoryBody(const KvHistory& history, std::string* out) {
  JsonObject body(out);
  AppendNumber("total", history.total, &body, out);
  body.Key("data");
  JsonArray array(out);
  for (const KvChange& change : history.changes) {
    if (change.kv == nullptr) continue;
    array.Item();
    AppendKv(*change.kv, KvDetail::kAll, out);
  }
}

void AppendImportBody(const ImportResult& result, std::string* out) {
  JsonObject body(out);
  body.Key("success");
  AppendItems(result.success, out);
  body.Key("failure");
  JsonArray failures(out);
  for (const ImportFailure& failure : result.failures) {
    failures.Item();
    AppendFailure(failure, out);
  }
}

void AppendPollsBody(std::span<const std::shared_ptr<const PollRecord>> polls, const Tenant& tenant,
                     std::string* out) {
  JsonObject body(out);
  body.Key("data");
  {
    JsonArray array(out);
    for (const auto& poll : polls) {
      array.Item();
      AppendPoll(*poll, tenant, out);
    }
  }
  AppendNumber("total", polls.size(), &body, out);
}

void AppendKieHealthBody(const KieHealth& health, std::string* out) {
  JsonObject body(out);
  body.Text("version", health.version);
  body.Text("revision", std::to_string(health.revision.number()));
  body.Number("timestamp", health.unix_seconds);
  AppendNumber("total_kv_count", health.items, &body, out);
}

bool ReadLabels(const JsonValue& value, Labels* out) {
  out->clear();
  return value.ForEachMember([out](std::string_view name, const JsonValue& member) {
    std::string_view text;
    if (!member.Read(&text)) return false;
    PutLabel(name, text, out);
    return true;
  });
}

bool ReadKv(const JsonValue& value, KvSpec* spec) {
  return value.ForEachMember([spec](std::string_view name, const JsonValue& member) {
    const KvField field = FindKvField(name);
    if (field == KvField::kLabels) return ReadLabels(member, &spec->labels);
    if (field == KvField::kPriority) return member.Read(&spec->priority);
    if (!IsText(field)) return true;
    std::string_view text;
    if (!member.Read(&text)) return false;
    SetText(field, text, spec);
    return true;
  });
}

Result<KvSpec> ReadKvSpec(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return KvBodyError(root.error().detail());
  KvSpec spec;
  if (!ReadKv(*root, &spec)) return KvBodyError(reader.TypeError().detail());
  return spec;
}

Result<KvUpdate> ReadKvUpdate(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return KvBodyError(root.error().detail());
  std::string value;
  std::string_view status;
  const bool good = root->ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (EqualsIgnoringCase(name, "value")) return member.Read(&value);
    if (EqualsIgnoringCase(name, "status")) return member.Read(&status);
    return true;
  });
  if (!good) return KvBodyError(reader.TypeError().detail());
  KvUpdate update;
  if (!value.empty()) update.value = std::move(value);
  update.status = ParseKvStatus(status);
  return update;
}

Result<std::vector<std::string>> ReadKvIds(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return KvBodyError(root.error().detail());
  std::vector<std::string> ids;
  const bool good = root->ForEachMember([&ids](std::string_view name, const JsonValue& member) {
    return !EqualsIgnoringCase(name, "ids") || member.Read(&ids);
  });
  if (!good) return KvBodyError(reader.TypeError().detail());
  return ids;
}

}  // namespace skep::server
