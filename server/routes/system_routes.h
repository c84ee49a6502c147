// Handlers of the paths about the server itself (spec 10, 16), and of the manual clock.
#ifndef SKEP_SERVER_ROUTES_SYSTEM_ROUTES_H_
#define SKEP_SERVER_ROUTES_SYSTEM_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

void GetVersion(Call& call);       // 10.1
void GetShortVersion(Call& call);  // 10.1
void GetHealth(Call& call);        // 10.2
void GetReadiness(Call& call);     // 10.3
void GetMetrics(Call& call);       // 16

/// Moves a manual clock, and answers when all that became due has happened. Not found unless
/// ServerOptions::serve_manual_clock is set and the clock is one.
void AdvanceClock(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_SYSTEM_ROUTES_H_
