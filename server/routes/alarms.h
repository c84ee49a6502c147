// Alarms: what this server should be looked at for (spec 12.1). One process has one of the
// reference's kinds, InternalError: a request was answered with a status of 500.
//
// Thread-safety: any thread.
#ifndef SKEP_SERVER_ROUTES_ALARMS_H_
#define SKEP_SERVER_ROUTES_ALARMS_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace skep::server {

class Alarms {
 public:
  /// The newest request that failed is the alarm's detail.
  void RaiseInternalError(std::string_view verb, std::string_view target);
  void Clear();

  /// The detail; nothing while there is no alarm.
  std::optional<std::string> internal_error() const;

 private:
  mutable base::Mutex mu_;
  std::optional<std::string> internal_error_ ABSL_GUARDED_BY(mu_);
};

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_ALARMS_H_
