// The handler of the configuration center's events, as they come, for whoever can read lines; ours.
//
// GET .../kie/events are the events of the items that label, match, key, value and status select,
// as they do in a list (event_stream.h), each {"action":"CREATE","kv":{...}}.
#ifndef SKEP_SERVER_ROUTES_KV_WATCH_ROUTES_H_
#define SKEP_SERVER_ROUTES_KV_WATCH_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void StreamKvEvents(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_KV_WATCH_ROUTES_H_
