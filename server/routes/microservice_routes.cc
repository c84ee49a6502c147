#include "server/routes/microservice_routes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/codec/error_json.h"
#include "server/codec/query_string.h"
#include "server/codec/registry_json.h"
#include "server/codec/registry_json_reader.h"
#include "server/codec/service_change_json.h"
#include "server/routes/errors.h"
#include "server/routes/parameters.h"
#include "server/routes/record_bytes.h"
#include "server/routes/reply.h"
#include "server/routes/schema_routes.h"
#include "server/routes/sliced_reply.h"

namespace skep::server {
namespace {

// Takes in what a registration's body holds beside the microservice: all of it, whatever fails
// (spec 3.4). Rules and tags come first, so that no instance is seen without them.
class Parts {
 public:
  Parts(Call& call, const ServiceId& service_id) : registry_(call.registry()), id_(service_id) {}

  void Register(ServiceRegistration body) {
    if (body.rules.has_value()) {
      Note(registry_.rules().Replace(id_, *std::move(body.rules), Ack::kPublished));
    }
    if (body.tags.has_value()) {
      Note(registry_.tags().Replace(id_, *std::move(body.tags), Ack::kPublished));
    }
    for (InstanceSpec& spec : body.instances) {
      const auto registered = registry_.instances().Register(id_, std::move(spec), Ack::kPublished);
      if (registered.ok()) {
        Note(registered->revision);
      } else {
        Note(registered.error());
      }
    }
  }

  /// The newest change that the answer rests on.
  Revision newest() const { return newest_; }
  /// What failed, separated by blanks.
  const std::string& failures() const { return failures_; }

 private:
  void Note(const Result<Revision>& done) {
    newest_ = std::max(newest_, done.ok() ? *done : done.error().rests_on());
    if (done.ok()) return;
    if (!failures_.empty()) failures_ += ' ';
    failures_ += ErrorText(ToWireError(done.error()));
  }

  Registry& registry_;
  const ServiceId& id_;
  Revision newest_;
  std::string failures_;
};

std::optional<DeleteMode> ReadForce(std::string_view force) {
  if (force.empty() || force == "false" || force == "0") return DeleteMode::kSafe;
  if (force == "true" || force == "1") return DeleteMode::kForce;
  return std::nullopt;
}

}  // namespace

void RegisterMicroservice(Call& call) {
  Result<ServiceRegistration> body = ReadBody(call, ReadServiceRegistration);
  if (!body.ok()) return AnswerError(call, body.error());
  const auto registered =
      call.registry().microservices().Register(std::move(body->service), Ack::kPublished);
  if (!registered.ok()) return AnswerError(call, registered.error());
  Parts parts(call, *registered);
  parts.Register(*std::move(body));
  if (parts.failures().empty()) {
    AppendServiceIdBody(*registered, FillJson(&call.reply));
  } else {
    FillError(PartsFailed(parts.failures()), call.api, call.context.options.log, &call.reply);
  }
  SendWhenDurable(call, std::max(registered->revision, parts.newest()));
}

void ListMicroservices(Call& call) {
  const QueryValues<1> query(call.query, {"withShared"});
  const SharedServices shared = ReadShared(query[0]);
  AnswerView(call, [registry = call.registry(), shared]() -> Result<View> {
    auto services = registry.microservices().List(shared);
    const std::size_t bytes = RecordBytes(services);
    return View{[services = std::move(services)](std::string* out) mutable {
                  return ServicesText(std::move(services), out);
                },
                bytes};
  });
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
  AnswerChange(call,
               call.registry().microservices().Delete(call.service_id(), *mode, Ack::kPublished));
}

void DeleteMicroservices(Call& call) {
  const QueryValues<1> query(call.query, {"force"});
  // The manual has it in the query, the reference in the body: either will do (spec 24).
  std::optional<DeleteMode> mode = ReadForce(query[0]);
  if (!mode.has_value()) return AnswerError(call, BadForce());
  const Result<BatchDeletion> body = ReadBody(call, ReadBatchDeletion);
  if (!body.ok()) return AnswerError(call, body.error());
  if (body->force) mode = DeleteMode::kForce;
  const std::vector<std::string_view> ids(body->ids.begin(), body->ids.end());
  const auto deletions = call.registry().microservices().DeleteMany(ids, *mode, Ack::kPublished);
  if (!deletions.ok()) return AnswerError(call, deletions.error());
  Revision newest;
  for (const ServiceDeletion& one : *deletions) {
    newest = std::max(newest, one.deleted.ok() ? *one.deleted : one.deleted.error().rests_on());
  }
  AppendDeletionsBody(*deletions, FillJson(&call.reply));
  SendWhenDurable(call, newest);
}

void SetMicroserviceProperties(Call& call) {
  Result<Properties> properties = ReadBody(call, ReadServiceProperties);
  if (!properties.ok()) return AnswerError(call, properties.error());
  AnswerChange(call, call.registry().microservices().SetProperties(
                         call.service_id(), *std::move(properties), Ack::kPublished));
}

void GetExistence(Call& call) {
  const QueryValues<7> query(
      call.query, {"type", "env", "appId", "serviceName", "version", "serviceId", "schemaId"});
  if (query[0] == "schema") return AnswerSchemaExistence(call, query[5], query[6]);
  if (query[0] != "microservice") return AnswerError(call, BadExistenceType());
  const Result<ServiceId> id = call.registry().microservices().Exists(
      {.environment = query[1], .app_id = query[2], .name = query[3], .version = query[4]});
  if (!id.ok()) return AnswerError(call, id.error());
  AppendServiceIdBody(*id, FillJson(&call.reply));
}

}  // namespace skep::server
