// The former configuration center's one path that clients still ask (API manual 9.1, spec kie 15).
#ifndef SKEP_SERVER_ROUTES_CONFIG_V3_ROUTES_H_
#define SKEP_SERVER_ROUTES_CONFIG_V3_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void GetDimensions(Call& call);

/// Clients probe an address with it (spec kie 15.2).
void GetConfigV3Health(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_CONFIG_V3_ROUTES_H_
