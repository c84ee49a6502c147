/// RegistryErrc: the facts that the registry answers with.
///
/// Values are the numbers of the v4 API (API manual, chapter 12.4); the HTTP status of a number is
/// number / 1000. Numbers are never changed or reused. The category's text is the wire's
/// errorMessage, the Error's detail the wire's detail.
///
/// Which to expect: 4000xx, fix the request (400012 and 400017: register first); 400100, delete
/// something or raise the quota; 503001, try again later.
#ifndef SKEP_REGISTRY_ERRORS_H_
#define SKEP_REGISTRY_ERRORS_H_

#include <string>
#include <system_error>

#include "skep/error.h"

namespace skep {

enum class RegistryErrc {
  kInvalidParams = 400001,  ///< A parameter or the body breaks a rule; the detail says which.
  kUnhealthy = 400002,      ///< The server cannot vouch for its answers.
  kServiceAlreadyExists = 400010,  ///< The key, or the given id, belongs to another microservice.
  kServiceNotExists = 400012,  ///< No such microservice, provider or consumer; register it first.
  kServiceHasInstances = 400013,  ///< Only a forced delete takes the instances along.
  kSchemaNotExists = 400016,      ///< No such schema under this microservice.
  kInstanceNotExists = 400017,    ///< No such instance, or its lease has ended; register it again.
  kTagNotExists = 400018,         ///< No such tag under this microservice.
  kServiceHasConsumers = 400023,  ///< Others depend on it; only a forced delete ignores them.
  kServiceVersionNotExists = 400026,  ///< The microservice exists in other versions only.
  kNotEnoughQuota = 400100,           ///< A named limit is reached.
  kForbidden = 403001,                ///< Not for this caller.
  kTooManyRequests = 429001,  ///< A limit of the server is reached; try again after a pause.
  kInternal = 500003,         ///< Our mistake; the log has more.
  kUnavailable = 503001,      ///< Writes are refused; reads go on.
};

const std::error_category& RegistryCategory();
std::error_code make_error_code(RegistryErrc code);

}  // namespace skep

template <>
struct std::is_error_code_enum<skep::RegistryErrc> : std::true_type {};

#endif  // SKEP_REGISTRY_ERRORS_H_
