// The handlers of what goes on after its answer: watches and heartbeats over WebSockets (spec 9),
// and our own: a registry's events as they come, for whoever can read lines.
//
// GET .../registry/events are the events of the tenant, or of one consumerId, serviceId or appId in
// the query (event_stream.h), each {"action":"CREATE","key":{...},"instance":{...}}.
#ifndef SKEP_SERVER_ROUTES_WATCH_ROUTES_H_
#define SKEP_SERVER_ROUTES_WATCH_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

/// Without a sound handshake: 400.
void WatchProviders(Call& call);
void ServeHeartbeatSocket(Call& call);

void StreamEvents(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_WATCH_ROUTES_H_
