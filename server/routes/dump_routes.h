// A dump of everything that is registered, for an operator's tools (spec 12.3).
#ifndef SKEP_SERVER_ROUTES_DUMP_ROUTES_H_
#define SKEP_SERVER_ROUTES_DUMP_ROUTES_H_

#include <cstddef>

#include "server/routes/call.h"

namespace skep::server {

/// Microservices, instances and relations of all tenants together.
inline constexpr std::size_t kDumpItemsMax = 500'000;

void GetDump(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_DUMP_ROUTES_H_
