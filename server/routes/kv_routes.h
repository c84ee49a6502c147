// Items of the configuration center (spec kie 5.1 to 5.6).
#ifndef SKEP_SERVER_ROUTES_KV_ROUTES_H_
#define SKEP_SERVER_ROUTES_KV_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void ListKvs(Call& call);
void CreateKv(Call& call);
void GetKv(Call& call);
void UpdateKv(Call& call);
void DeleteKv(Call& call);
void DeleteKvs(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_KV_ROUTES_H_
