// What those who follow the configuration center are told, as JSON.
#ifndef SKEP_SERVER_CODEC_KV_WATCH_JSON_H_
#define SKEP_SERVER_CODEC_KV_WATCH_JSON_H_

#include <string>

#include "skep/kie/watch.h"

namespace skep::server {

/// Appends {"action":"CREATE","kv":{...}}, the item as lists have it.
void AppendKvEvent(const KvEvent& event, std::string* out);

/// The same of an item of a snapshot: its action is INIT.
void AppendKvInit(const KeyValue& kv, std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_KV_WATCH_JSON_H_
