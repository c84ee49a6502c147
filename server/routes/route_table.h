// The whole route table: every path that the server knows, with the handler that answers it.
#ifndef SKEP_SERVER_ROUTES_ROUTE_TABLE_H_
#define SKEP_SERVER_ROUTES_ROUTE_TABLE_H_

#include <span>

#include "server/routes/router.h"

namespace skep::server {

/// Static: the rows that are written out, then the v3 aliases that follow from them.
/// server/README.md shows the former, and a test compares the two.
std::span<const Route> RouteTable();

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_ROUTE_TABLE_H_
