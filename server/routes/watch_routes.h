// The handlers of the paths that are WebSockets (spec 9).
//
// No WebSocket is spoken yet: every request gets the answer of one that asks for no upgrade.
#ifndef SKEP_SERVER_ROUTES_WATCH_ROUTES_H_
#define SKEP_SERVER_ROUTES_WATCH_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void Watch(Call& call);
void HeartbeatSocket(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_WATCH_ROUTES_H_
