// The handlers of what goes on after its answer: watches and heartbeats over WebSockets (spec 9),
// and our own: a registry's events as they come, for whoever can read lines.
//
// GET .../registry/events are server-sent events, one for each revision, with the revision as its
// id. A client that comes back with Last-Event-ID goes on behind it, as far as events are kept. The
// scope is the tenant, or one of consumerId, serviceId and appId in the query.
//
//   event: snapshot | change | reset
//   id: 17
//   data: {"events":[{"action":"CREATE","key":{...},"instance":{...}}]}
//
// A snapshot is all there is, as INIT; a reset voids what was told, and a snapshot follows.
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
