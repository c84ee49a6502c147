// Handler of the batch find (spec 7.6).
#ifndef SKEP_SERVER_ROUTES_BATCH_FIND_ROUTES_H_
#define SKEP_SERVER_ROUTES_BATCH_FIND_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void BatchFind(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_BATCH_FIND_ROUTES_H_
