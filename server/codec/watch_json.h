// What watchers are told, as JSON (spec 9.3). Every event is encoded once and kept in its memo
// slot, for all who watch it.
#ifndef SKEP_SERVER_CODEC_WATCH_JSON_H_
#define SKEP_SERVER_CODEC_WATCH_JSON_H_

#include <memory>
#include <string>

#include "skep/registry/watch.h"

namespace skep::server {

/// {"action":"CREATE","key":{...},"instance":{...}}. What has expired is DELETE: clients of today
/// know EXPIRE as something else.
std::shared_ptr<const std::string> EventText(const InstanceEvent& event);

/// The same of an instance that no event is at hand for. Encoded anew.
void AppendEvent(WatchAction action, const Instance& instance, const Tenant& tenant,
                 std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_WATCH_JSON_H_
