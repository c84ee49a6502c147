// Import and export of items (API manual 7.2.1 and 7.2.2, spec kie 9).
#ifndef SKEP_SERVER_ROUTES_KV_FILE_ROUTES_H_
#define SKEP_SERVER_ROUTES_KV_FILE_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void ImportKvs(Call& call);
void ExportKvs(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_KV_FILE_ROUTES_H_
