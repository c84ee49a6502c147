// Handlers of the paths for operators (spec 12), as far as one process has what they show.
#ifndef SKEP_SERVER_ROUTES_ADMIN_ROUTES_H_
#define SKEP_SERVER_ROUTES_ADMIN_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void ListAlarms(Call& call);    // 12.1
void ClearAlarms(Call& call);   // 12.1
void ListClusters(Call& call);  // 12.2

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_ADMIN_ROUTES_H_
