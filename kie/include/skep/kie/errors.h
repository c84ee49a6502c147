/// KieErrc: the facts that the configuration center answers with.
///
/// Values are the numbers of the v1/kie API (spec kie 4.1); the HTTP status of a number is number /
/// 1000. Numbers are never changed or reused. The category's text is the wire's errorMessage, the
/// Error's detail the wire's detail.
///
/// Which to expect: 4000xx, fix the request; 404001, it is not (or no longer) there; 410001, ask
/// for a newer revision; 422001, delete something or raise the quota; 503001, try again later.
#ifndef SKEP_KIE_ERRORS_H_
#define SKEP_KIE_ERRORS_H_

#include <string>
#include <system_error>

#include "skep/error.h"

namespace skep {

enum class KieErrc {
  kInvalidParams = 400001,    ///< A parameter or the body breaks a rule; the detail says which.
  kUnhealthy = 400002,        ///< The server cannot vouch for its answers.
  kWaitTooLong = 400003,      ///< A wait above KieOptions::wait_max.
  kSkipped = 400004,          ///< Import: it is there already, and was to be skipped.
  kAborted = 400005,          ///< Import: it, or one before it, is there already; it was to stop.
  kNotExists = 404001,        ///< No such item, or nothing that matches.
  kAlreadyExists = 409001,    ///< Key and labels belong to an item that is there.
  kCompacted = 410001,        ///< The revision is older than what is kept of history. Ours.
  kNotEnoughQuota = 422001,   ///< A named limit is reached; nothing was changed.
  kTooManyRequests = 429001,  ///< Too many waits at once; try again after a pause.
  kInternal = 500001,         ///< Our mistake; the log has more.
  kUnavailable = 503001,      ///< Writes are refused; reads go on.
};

const std::error_category& KieCategory();
std::error_code make_error_code(KieErrc code);

}  // namespace skep

template <>
struct std::is_error_code_enum<skep::KieErrc> : std::true_type {};

#endif  // SKEP_KIE_ERRORS_H_
