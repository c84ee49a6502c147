// Handler of metric reports (API manual 9.3).
#ifndef SKEP_SERVER_ROUTES_MONITOR_ROUTES_H_
#define SKEP_SERVER_ROUTES_MONITOR_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void ReportMetrics(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_MONITOR_ROUTES_H_
