// History, polling track and health of the configuration center (spec kie 5.9 to 5.11).
#ifndef SKEP_SERVER_ROUTES_KIE_ROUTES_H_
#define SKEP_SERVER_ROUTES_KIE_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void GetKvHistory(Call& call);
void ListPolls(Call& call);
void GetKieHealth(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_KIE_ROUTES_H_
