// The errors of the configuration center, each worded in one place.
#ifndef SKEP_KIE_CORE_ERRORS_H_
#define SKEP_KIE_CORE_ERRORS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "skep/error.h"
#include "skep/kie/errors.h"
#include "skep/tenant.h"

namespace skep::core {

/// `detail` says which parameter and which rule.
Error KvInvalid(std::string detail);
Error KvNotExists(Revision rests_on = {});
Error KvExists(Revision rests_on);
Error KvSkipped(Revision rests_on);
Error KvAborted(Revision rests_on);
Error KvCompacted(Revision asked);
Error KvFuture(Revision asked, Revision newest);
Error KvQuotaReached();
Error KvTenantsFull(std::size_t limit);
Error KvImportTooLarge(std::size_t items, std::size_t limit);
Error KvWaitTooLong();
Error KvTooManyWaits(std::size_t limit);
Error KvTooManyWatches(std::size_t limit);
Error KvClosing();
Error KvNoPolls();

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_ERRORS_H_
