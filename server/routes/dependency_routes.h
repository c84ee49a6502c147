// Handlers of the paths about dependencies (spec 8).
#ifndef SKEP_SERVER_ROUTES_DEPENDENCY_ROUTES_H_
#define SKEP_SERVER_ROUTES_DEPENDENCY_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void AddDependencies(Call& call);       // 8.1
void OverrideDependencies(Call& call);  // 8.1
void ListProviders(Call& call);         // 8.5
void ListConsumers(Call& call);         // 8.5

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_DEPENDENCY_ROUTES_H_
