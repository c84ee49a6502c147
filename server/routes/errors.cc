#include "server/routes/errors.h"

#include <utility>

#include "server/codec/kv_body.h"
#include "skep/kie/errors.h"
#include "skep/registry/errors.h"

namespace skep::server {

Error BodyTooLarge(Api api) {
  constexpr std::string_view kText = "http: request body too large";
  if (api == Api::kConfig) return KvBodyError(kText);
  return {RegistryErrc::kInvalidParams, std::string(kText)};
}

Error BadForce() { return {RegistryErrc::kInvalidParams, "parameter force must be false or true"}; }

Error BadAction(std::string_view type) {
  constexpr std::size_t kShownMax = 32;
  return {RegistryErrc::kInvalidParams,
          "Invalid action: " + std::string(type.substr(0, kShownMax)) + "; it must be query"};
}

Error BadExistenceType() {
  return {RegistryErrc::kInvalidParams,
          "Only micro-service and schema can be used as type: say type=microservice or "
          "type=schema"};
}

Error BadWithSchema() {
  return {RegistryErrc::kInvalidParams, "parameter withSchema must be 1 or 0"};
}

Error BadCountOnly() {
  return {RegistryErrc::kInvalidParams, "parameter countOnly must be 1 or 0"};
}

Error AdminOnly() { return {RegistryErrc::kForbidden, "Required admin permission"}; }

Error DumpTooLong(std::size_t limit) {
  return {RegistryErrc::kNotEnoughQuota, "the dump would have more than " + std::to_string(limit) +
                                             " items; ask for the views of single tenants"};
}

Error PoliciesTooLong(std::size_t policies_max, std::size_t bytes_max) {
  return {RegistryErrc::kNotEnoughQuota,
          "the list would read more than " + std::to_string(policies_max) + " policies or " +
              std::to_string(bytes_max) + " bytes of them; ask for one app and environment"};
}

Error ReplyTooLarge(Api api, std::size_t limit) {
  std::string detail = "the answer would have more than ";
  detail.append(std::to_string(limit)).append(" bytes; ask for a part of it");
  if (api == Api::kConfig) return {KieErrc::kNotEnoughQuota, std::move(detail)};
  return {RegistryErrc::kNotEnoughQuota, std::move(detail)};
}

Error NotRegisteredItself() {
  return {RegistryErrc::kServiceNotExists, "the server is not registered itself"};
}

Error OwnInstance(std::string_view id) {
  return {RegistryErrc::kInvalidParams, "not allowed to deregister \"" + std::string(id) +
                                            "\": it stands for this process itself"};
}

Error Unhealthy(const Error& storage) { return {RegistryErrc::kUnhealthy, storage.detail()}; }

Error PartsFailed(const std::string& texts) {
  return {RegistryErrc::kInvalidParams, "errMessages: [" + texts + "]"};
}

Error Overloaded() {
  return {RegistryErrc::kTooManyRequests, "a limit of this server is reached; try again later"};
}

Error Stopping() { return {RegistryErrc::kUnavailable, "the server is stopping"}; }

}  // namespace skep::server
