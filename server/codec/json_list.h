// A member that is an array, left out where it is empty.
#ifndef SKEP_SERVER_CODEC_JSON_LIST_H_
#define SKEP_SERVER_CODEC_JSON_LIST_H_

#include <string>
#include <string_view>

#include "server/codec/json_writer.h"

namespace skep::server {

/// Adds `"name":[...]` to the object; `append(item)` writes one item to `out`, the object's own.
template <class T, class F>
void List(JsonObject* object, std::string_view name, const T& items, std::string* out, F append) {
  if (items.empty()) return;
  object->Key(name);
  JsonArray array(out);
  for (const auto& item : items) {
    array.Item();
    append(item);
  }
}

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_JSON_LIST_H_
