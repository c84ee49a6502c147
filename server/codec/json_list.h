// Members that are arrays or maps, left out where they are empty.
#ifndef SKEP_SERVER_CODEC_JSON_LIST_H_
#define SKEP_SERVER_CODEC_JSON_LIST_H_

#include <string>
#include <string_view>

#include "server/codec/json_writer.h"
#include "skep/registry/types.h"

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

/// A map, left out where it is empty.
inline void Map(JsonObject* object, std::string_view name, const Properties& map,
                std::string* out) {
  if (map.empty()) return;
  object->Key(name);
  JsonObject entries(out);
  for (const auto& [key, value] : map) entries.Entry(key, value);
}

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_JSON_LIST_H_
