// Handlers of changes that are made to registered instances (spec 6.7, 6.11).
#ifndef SKEP_SERVER_ROUTES_INSTANCE_CHANGE_ROUTES_H_
#define SKEP_SERVER_ROUTES_INSTANCE_CHANGE_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void SetInstanceProperties(Call& call);  // 6.7
void SetStatusWhere(Call& call);         // 6.11

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_INSTANCE_CHANGE_ROUTES_H_
