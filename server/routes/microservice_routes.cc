#include "server/routes/microservice_routes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/codec/error_json.h"
#include "server/codec/query_string.h"
#include "server/codec/registry_json.h"
#include "server/codec/registry_json_reader.h"
#include "server/routes/errors.h"
#include "server/routes/reply.h"

namespace skep::server {
namespace {

// Registers the instances of a registration's body, all of them, and returns the newest revision
// that the answer rests on; what failed is told in `failures`.
Revision RegisterInstances(Call& call, const ServiceId& service_id, std::vector<InstanceSpec> specs,
                           std::string* failures) {
  Revision newest;
  for (InstanceSpec& spec : specs) {
    const auto registered =
        call.registry().instances().Register(service_id, std::move(spec), Ack::kPublished);
    if (registered.ok()) {
      newest = std::max(newest, registered->revision);
      continue;
    }
    newest = std::max(newest, registered.error().rests_on());
    if (!failures->empty()) *failures += ' ';
    *failures += ErrorText(ToWireError(registered.error()));
  }
  return newest;
}

std::optional<DeleteMode> ReadForce(std::string_view force) {
  if (force.empty() || force == "false" || force == "0") return DeleteMode::kSafe;
  if (force == "true" || force == "1") return DeleteMode::kForce;
  return std::nullopt;
}

}  // namespace

void RegisterMicroservice(Call& call) {
  if (call.request.body_too_large) return AnswerError(call, BodyTooLarge());
  Result<ServiceRegistration> body = [&call] {
    const auto reader = call.context.readers.Borrow();
    return ReadServiceRegistration(*reader, call.request.body);
  }();
  if (!body.ok()) return AnswerError(call, body.error());
  const auto registered =
      call.registry().microservices().Register(std::move(body->service), Ack::kPublished);
  if (!registered.ok()) return AnswerError(call, registered.error());
  std::string failures;
  const Revision instances =
      RegisterInstances(call, *registered, std::move(body->instances), &failures);
  if (failures.empty()) {
    AppendServiceIdBody(*registered, FillJson(&call.reply));
  } else {
    FillError(InstancesFailed(failures), call.context.options.log, &call.reply);
  }
  SendWhenDurable(call, std::max(registered->revision, instances));
}

void ListMicroservices(Call& call) {
  const QueryValues<1> query(call.query, {"withShared"});
  const auto services = call.registry().microservices().List(
      IsTruthy(query[0]) ? SharedServices::kShow : SharedServices::kHide);
  AppendServicesBody(services, FillJson(&call.reply));
}

void GetMicroservice(Call& call) {
  const Result<MicroservicePtr> service = call.registry().microservices().Get(call.service_id());
  if (!service.ok()) return AnswerError(call, service.error());
  AppendServiceBody(**service, FillJson(&call.reply));
}

void DeleteMicroservice(Call& call) {
  const QueryValues<1> query(call.query, {"force"});
  const std::optional<DeleteMode> mode = ReadForce(query[0]);
  if (!mode.has_value()) return AnswerError(call, BadForce());
  const Result<Revision> deleted =
      call.registry().microservices().Delete(call.service_id(), *mode, Ack::kPublished);
  if (!deleted.ok()) return AnswerError(call, deleted.error());
  FillEmpty(&call.reply);
  SendWhenDurable(call, *deleted);
}

void GetExistence(Call& call) {
  const QueryValues<5> query(call.query, {"type", "env", "appId", "serviceName", "version"});
  if (query[0] != "microservice") return AnswerError(call, BadExistenceType());
  const Result<ServiceId> id = call.registry().microservices().Exists(
      {.environment = query[1], .app_id = query[2], .name = query[3], .version = query[4]});
  if (!id.ok()) return AnswerError(call, id.error());
  AppendServiceIdBody(*id, FillJson(&call.reply));
}

}  // namespace skep::server
