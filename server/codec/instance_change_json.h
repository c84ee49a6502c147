// Bodies of the changes that are made to registered instances (spec 6.7, 6.11). All errors are
// kInvalidParams.
#ifndef SKEP_SERVER_CODEC_INSTANCE_CHANGE_JSON_H_
#define SKEP_SERVER_CODEC_INSTANCE_CHANGE_JSON_H_

#include <string_view>

#include "server/codec/json_reader.h"
#include "skep/registry/types.h"
#include "skep/result.h"

namespace skep::server {

/// {"properties":{...}}; none, where the member is absent or null. Clients send whole objects:
/// every other member is passed over, ids of others in it, too.
Result<Properties> ReadProperties(JsonReader& reader, std::string_view body);

struct StatusChange {
  Properties matching{};
  InstanceStatus status = InstanceStatus::kUnset;
};

/// {"matches":{"properties":{...}},"status":"DOWN"}. A word that is no status is an error.
Result<StatusChange> ReadStatusChange(JsonReader& reader, std::string_view body);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_INSTANCE_CHANGE_JSON_H_
