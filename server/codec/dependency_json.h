// Bodies of the paths about dependencies (spec 8).
#ifndef SKEP_SERVER_CODEC_DEPENDENCY_JSON_H_
#define SKEP_SERVER_CODEC_DEPENDENCY_JSON_H_

#include <string>
#include <string_view>
#include <vector>

#include "server/codec/json_reader.h"
#include "server/codec/sliced_text.h"
#include "skep/registry/dependencies.h"
#include "skep/registry/microservices.h"
#include "skep/result.h"

namespace skep::server {

/// {"dependencies":[{"consumer":{...},"providers":[{...}]}]}. A consumer must be there; the rest is
/// checked by the registry. Errors: kInvalidParams.
Result<std::vector<Dependency>> ReadDependencies(JsonReader& reader, std::string_view body);

/// {"providers":[...]}, or {} where there is none.
SlicedText ProvidersText(std::vector<MicroservicePtr> providers, std::string* out);

/// {"consumers":[...]}, or {} where there is none.
SlicedText ConsumersText(std::vector<MicroservicePtr> consumers, std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_DEPENDENCY_JSON_H_
