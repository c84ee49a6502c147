#include "server/codec/kv_file.h"

#include "server/codec/ascii_case.h"
#include "server/codec/json_list.h"
#include "server/codec/json_writer.h"
#include "server/codec/kv_json.h"

namespace skep::server {
namespace {

void AppendItem(const KeyValue& kv, std::string* out) {
  JsonObject object(out);
  object.Text("id", kv.id());
  object.TextAlways("key", kv.key());
  Map(&object, "labels", kv.labels(), out);
  object.TextAlways("value", kv.value);
  object.Text("status", ToString(kv.status));
  object.Text("value_type", ToString(kv.value_type));
  // Not in the manual, but without these an item would come back changed.
  object.Number("priority", kv.priority);
  object.Text("check", kv.check);
}

}  // namespace

Result<std::vector<KvSpec>> ReadImportJson(JsonReader& reader, std::string_view body,
                                           std::size_t items_max) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return KvBodyError(root.error().detail());
  std::vector<KvSpec> items;
  bool too_many = false;
  const bool good = root->ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (!EqualsIgnoringCase(name, "data")) return true;
    items.clear();
    return member.ForEachElement([&](const JsonValue& element) {
      if (element.IsNull()) return true;
      too_many = items.size() == items_max;
      return !too_many && ReadKv(element, &items.emplace_back());
    });
  });
  if (too_many) return TooManyItems(items_max);
  if (!good) return KvBodyError(reader.TypeError().detail());
  return items;
}

bool KvExport::Next(std::string* out) {
  switch (at_) {
    case At::kBegin:
      out->append("{\"metadata\":{\"version\":\"2.0.0\"},\"data\":[");
      at_ = At::kItems;
      return true;
    case At::kItems:
      if (next_ == items_.size()) {
        out->append("]}");
        at_ = At::kEnd;
        return true;
      }
      if (next_ > 0) out->push_back(',');
      AppendItem(*items_[next_++], out);
      return true;
    case At::kEnd:
      break;
  }
  return false;
}

}  // namespace skep::server
