// Handlers of the paths about instances and discovery (spec 6, 7).
#ifndef SKEP_SERVER_ROUTES_INSTANCE_ROUTES_H_
#define SKEP_SERVER_ROUTES_INSTANCE_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void RegisterInstance(Call& call);    // 6.1 to 6.3
void Heartbeat(Call& call);           // 6.4
void HeartbeatSet(Call& call);        // 6.5
void UnregisterInstance(Call& call);  // 6.6
void SetInstanceStatus(Call& call);   // 6.8
void ListInstances(Call& call);       // 6.9
void GetInstance(Call& call);         // 6.10
void FindInstances(Call& call);       // 7.1

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_INSTANCE_ROUTES_H_
