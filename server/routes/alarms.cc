#include "server/routes/alarms.h"

#include <utility>

namespace skep::server {

void Alarms::RaiseInternalError(std::string_view verb, std::string_view target) {
  // Targets have a limit of their own (kTargetBytesMax).
  std::string detail(verb);
  detail.append(" ").append(target);
  base::MutexLock lock(&mu_);
  internal_error_ = std::move(detail);
}

void Alarms::Clear() {
  base::MutexLock lock(&mu_);
  internal_error_.reset();
}

std::optional<std::string> Alarms::internal_error() const {
  base::MutexLock lock(&mu_);
  return internal_error_;
}

}  // namespace skep::server
