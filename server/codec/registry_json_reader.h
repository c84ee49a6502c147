// The bodies of the registry's requests (spec 3.1, 6.1, 6.5), read into the API's structs.
//
// Types and words are checked here, the rules of the field by the registry. All errors are
// kInvalidParams.
#ifndef SKEP_SERVER_CODEC_REGISTRY_JSON_READER_H_
#define SKEP_SERVER_CODEC_REGISTRY_JSON_READER_H_

#include <optional>
#include <string_view>
#include <vector>

#include "server/codec/json_reader.h"
#include "server/codec/registry_json.h"
#include "skep/error.h"
#include "skep/registry/rules.h"
#include "skep/registry/types.h"
#include "skep/result.h"

namespace skep::server {

/// What POST .../microservices may hold. Tags and rules are nothing where they are absent or null,
/// which is not the same as none: those replace what there is.
struct ServiceRegistration {
  Microservice service{};
  std::optional<Properties> tags{};
  std::optional<std::vector<Rule>> rules{};
  std::vector<InstanceSpec> instances{};
};

/// A body without "service" is an error.
Result<ServiceRegistration> ReadServiceRegistration(JsonReader& reader, std::string_view body);

/// A body without "instance" is an error.
Result<InstanceSpec> ReadInstanceRegistration(JsonReader& reader, std::string_view body);

/// The entries in the order sent, each once; at least one, and none of them null. Their texts live
/// until the reader's next body.
Result<std::vector<HeartbeatEntry>> ReadHeartbeatSet(JsonReader& reader, std::string_view body);

// ------------------------------------------------------------------------------------------------
// Pieces for the decoders of other bodies

/// False: TypeError() of the reader says why. Null leaves an empty key.
bool ReadMicroserviceKey(const JsonValue& value, MicroserviceKey* out);

/// For the routes whose reference says no more than "Unmarshal error" (spec 1.10); ours adds what
/// was wrong.
Error UnmarshalError(const Error& error);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_REGISTRY_JSON_READER_H_
