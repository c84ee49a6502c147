#include "server/codec/kv_watch_json.h"

#include <string_view>

#include "server/codec/json_writer.h"
#include "server/codec/kv_json.h"

namespace skep::server {
namespace {

std::string_view Word(KvAction action) {
  switch (action) {
    case KvAction::kCreate:
      return "CREATE";
    case KvAction::kUpdate:
      return "UPDATE";
    case KvAction::kDelete:
      break;
  }
  return "DELETE";
}

void Append(std::string_view action, const KeyValue& kv, std::string* out) {
  JsonObject object(out);
  object.Text("action", action);
  object.Key("kv");
  AppendKv(kv, KvDetail::kPlain, out);
}

}  // namespace

void AppendKvEvent(const KvEvent& event, std::string* out) {
  Append(Word(event.action), *event.kv, out);
}

void AppendKvInit(const KeyValue& kv, std::string* out) { Append("INIT", kv, out); }

}  // namespace skep::server
