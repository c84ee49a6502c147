#include "server/routes/watch_routes.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/codec/query_string.h"
#include "server/routes/reply.h"
#include "server/routes/watch_stream.h"
#include "server/transport/web_socket.h"
#include "skep/registry/errors.h"

namespace skep::server {
namespace {

void RefuseWithoutUpgrade(Call& call) {
  FillText(400, "Bad Request\n", &call.reply);
  call.reply.headers.emplace_back("Sec-Websocket-Version", "13");
}

void Upgrade(Call& call, std::unique_ptr<StreamHandler> handler) {
  if (!call.exchange.BecomeStream(StreamKind::kWebSocket, std::move(handler))) {
    return RefuseWithoutUpgrade(call);
  }
  FillSwitchingProtocols(call.request, &call.reply);
}

}  // namespace

void WatchProviders(Call& call) {
  if (!IsWebSocketHandshake(call.request)) return RefuseWithoutUpgrade(call);
  const Registry& registry = call.registry();
  Result<Watch> watch = registry.watch().Subscribe(WatchScope::Consumer(call.service_id()),
                                                   {.start = WatchOptions::Start::kNow});
  if (watch.ok()) {
    return Upgrade(call, std::make_unique<WatchSocket>(*std::move(watch), registry.tenant()));
  }
  const bool is_unknown = watch.error() == RegistryErrc::kServiceNotExists ||
                          watch.error() == RegistryErrc::kInvalidParams;
  if (!is_unknown) return AnswerError(call, watch.error());
  // Wire compatibility: the client is let in to be told.
  Upgrade(call, std::make_unique<UnknownConsumer>());
}

void ServeHeartbeatSocket(Call& call) {
  if (!IsWebSocketHandshake(call.request)) return RefuseWithoutUpgrade(call);
  Upgrade(call, std::make_unique<HeartbeatSocket>(call.registry(),
                                                  ServiceId(std::string(call.parameters[1])),
                                                  InstanceId(call.instance_id())));
}

void StreamEvents(Call& call) {
  const QueryValues<3> values(call.query, {"consumerId", "serviceId", "appId"});
  WatchScope scope = WatchScope::Tenant();
  if (!values[0].empty()) {
    scope = WatchScope::Consumer(ServiceIdView(values[0]));
  } else if (!values[1].empty()) {
    scope = WatchScope::Microservice(ServiceIdView(values[1]));
  } else if (!values[2].empty()) {
    scope = WatchScope::App(values[2]);
  }
  const Registry& registry = call.registry();
  Result<Watch> watch = registry.watch().Subscribe(scope, StartOf(call.request));
  if (!watch.ok()) return AnswerError(call, watch.error());
  AnswerEvents(call, std::make_unique<InstanceEvents>(*std::move(watch), registry.tenant()));
}

}  // namespace skep::server
