// Views of a console: microservices with what stands around them, relations, apps, counts (spec
// 11).
#ifndef SKEP_SERVER_ROUTES_GOVERN_ROUTES_H_
#define SKEP_SERVER_ROUTES_GOVERN_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void GetServiceDetail(Call& call);
void ListServiceDetails(Call& call);
void GetRelations(Call& call);
void ListApps(Call& call);
void GetStatistics(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_GOVERN_ROUTES_H_
