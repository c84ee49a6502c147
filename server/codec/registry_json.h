// The registry's records and the bodies of its answers as JSON, with the members and their order of
// spec 2. Every function appends to a string.
#ifndef SKEP_SERVER_CODEC_REGISTRY_JSON_H_
#define SKEP_SERVER_CODEC_REGISTRY_JSON_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/codec/json_writer.h"
#include "server/codec/sliced_text.h"
#include "skep/registry/ids.h"
#include "skep/registry/microservices.h"
#include "skep/registry/types.h"

namespace skep::server {

/// ToString's inverse; the empty word is kUnset, an unknown one nothing.
std::optional<InstanceStatus> ParseInstanceStatus(std::string_view word);

void AppendMicroserviceKey(const MicroserviceKey& key, std::string* out);

enum class SchemaIds { kShow, kHide };

void AppendMicroservice(const Microservice& service, std::string* out,
                        SchemaIds schemas = SchemaIds::kShow);

/// A member with an array of them, left out where there is none.
SlicedText MicroserviceList(JsonObject* object, std::string_view name,
                            const std::vector<MicroservicePtr>* services, std::string* out);

enum class InstanceProperties { kShow, kHide };

/// Encodes the record anew; instance_memo.h has the form that does so once in an instance's life.
void AppendInstance(const Instance& instance, std::string* out,
                    InstanceProperties properties = InstanceProperties::kShow);

/// As a JSON string.
void AppendInstanceId(InstanceIdView id, std::string* out);

// ------------------------------------------------------------------------------------------------
// Bodies

/// {"service":{...}}
void AppendServiceBody(const Microservice& service, std::string* out);

/// {"name":[...]}, or {} where there is none. `name` is static text.
SlicedText MicroservicesText(std::string_view name, std::vector<MicroservicePtr> services,
                             std::string* out);

/// {"services":[...]}, or {} where there is none.
SlicedText ServicesText(std::vector<MicroservicePtr> services, std::string* out);

/// {"serviceId":"..."}
void AppendServiceIdBody(const ServiceId& id, std::string* out);

/// {"instanceId":"..."}
void AppendInstanceIdBody(InstanceIdView id, std::string* out);

/// One of a heartbeat set, as the client named it; borrowed.
struct HeartbeatEntry {
  std::string_view service_id{};
  std::string_view instance_id{};
};

/// {"instances":[...]}, each with a message where it was not renewed.
void AppendHeartbeatSetBody(std::span<const HeartbeatEntry> entries,
                            const std::vector<bool>& renewed, std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_REGISTRY_JSON_H_
