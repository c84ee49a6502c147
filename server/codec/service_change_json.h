// Bodies that change microservices which are there (spec 3.8, 3.9).
#ifndef SKEP_SERVER_CODEC_SERVICE_CHANGE_JSON_H_
#define SKEP_SERVER_CODEC_SERVICE_CHANGE_JSON_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/codec/json_reader.h"
#include "skep/registry/microservices.h"
#include "skep/result.h"

namespace skep::server {

/// {"properties":{...}}; none, where the member is absent or null. Clients send whole
/// microservices: every other member is passed over, the id of another in it, too.
/// Errors: kInvalidParams.
Result<Properties> ReadServiceProperties(JsonReader& reader, std::string_view body);

struct BatchDeletion {
  std::vector<std::string> ids{};
  bool force = false;
};

/// {"serviceIds":["..."],"force":true}. Errors: kInvalidParams.
Result<BatchDeletion> ReadBatchDeletion(JsonReader& reader, std::string_view body);

/// {"services":[{"errMessage":"...","serviceId":"..."}]}, a message where one was not deleted.
void AppendDeletionsBody(std::span<const ServiceDeletion> deletions, std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_SERVICE_CHANGE_JSON_H_
