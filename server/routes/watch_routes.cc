#include "server/routes/watch_routes.h"

#include "server/routes/reply.h"

namespace skep::server {
namespace {

void RefuseWithoutUpgrade(Call& call) {
  FillText(400, "Bad Request\n", &call.reply);
  call.reply.headers.emplace_back("Sec-Websocket-Version", "13");
}

}  // namespace

void Watch(Call& call) { RefuseWithoutUpgrade(call); }

void HeartbeatSocket(Call& call) { RefuseWithoutUpgrade(call); }

}  // namespace skep::server
