#include "server/routes/instance_routes.h"

#include <atomic>
#include <string_view>
#include <utility>
#include <vector>

#include "server/codec/instance_memo.h"
#include "server/codec/query_string.h"
#include "server/codec/registry_json.h"
#include "server/codec/registry_json_reader.h"
#include "server/routes/errors.h"
#include "server/routes/parameters.h"
#include "server/routes/reply.h"
#include "server/routes/self_registration.h"

namespace skep::server {
namespace {

// The version that the client holds. Who asks past the cache, or for the cache alone, gets the list
// whatever it holds (spec 1.8).
std::string_view Known(std::string_view rev, std::string_view no_cache,
                       std::string_view cache_only) {
  return IsTruthy(no_cache) || IsTruthy(cache_only) ? std::string_view() : rev;
}

// Nothing would register it again: it has no heartbeats to fail.
bool IsOwn(const Call& call) {
  const SelfRegistration* self = call.context.self.load(std::memory_order_acquire);
  return self != nullptr && self->instance_id() == call.instance_id() && call.is_default_tenant();
}

}  // namespace

void RegisterInstance(Call& call) {
  Result<InstanceSpec> spec = ReadBody(call, ReadInstanceRegistration);
  if (!spec.ok()) return AnswerError(call, spec.error());
  const auto registered =
      call.registry().instances().Register(call.service_id(), *std::move(spec), Ack::kPublished);
  if (!registered.ok()) return AnswerError(call, registered.error());
  AppendInstanceIdBody(InstanceIdView(*registered), FillJson(&call.reply));
  SendWhenDurable(call, registered->revision);
}

void Heartbeat(Call& call) {
  const Status renewed = call.registry().instances().Heartbeat(
      call.service_id(), call.instance_id(), call.request.now);
  if (!renewed.ok()) return AnswerError(call, renewed.error());
  FillEmpty(&call.reply);
}

void HeartbeatSet(Call& call) {
  if (call.request.body_too_large) return AnswerError(call, BodyTooLarge());
  const auto reader = call.context.readers.Borrow();
  const auto entries = ReadHeartbeatSet(*reader, call.request.body);
  if (!entries.ok()) return AnswerError(call, entries.error());
  std::vector<HeartbeatTarget> targets;
  targets.reserve(entries->size());
  for (const HeartbeatEntry& entry : *entries) {
    targets.push_back({ServiceIdView(entry.service_id), InstanceIdView(entry.instance_id)});
  }
  const std::vector<bool> renewed = call.registry().instances().HeartbeatSet(targets);
  AppendHeartbeatSetBody(*entries, renewed, FillJson(&call.reply));
}

void UnregisterInstance(Call& call) {
  if (IsOwn(call)) return AnswerError(call, OwnInstance(call.parameters[2]));
  AnswerChange(call, call.registry().instances().Unregister(call.service_id(), call.instance_id(),
                                                            Ack::kPublished));
}

void SetInstanceStatus(Call& call) {
  const QueryValues<1> query(call.query, {"value"});
  // A word that is none becomes kUnset, which the registry refuses.
  const InstanceStatus status = ParseInstanceStatus(query[0]).value_or(InstanceStatus::kUnset);
  AnswerChange(call, call.registry().instances().SetStatus(call.service_id(), call.instance_id(),
                                                           status, Ack::kPublished));
}

void ListInstances(Call& call) {
  const QueryValues<4> query(call.query, {"tags", "rev", "noCache", "cacheOnly"});
  const std::vector<std::string_view> tags = SplitAtCommas(query[0]);
  const Result<FindResult> found = call.registry().instances().List(
      call.service_id(),
      {.consumer = call.consumer(), .tags = tags, .known = Known(query[1], query[2], query[3])});
  if (!found.ok()) return AnswerError(call, found.error());
  AnswerInstances(call, *found);
}

void GetInstance(Call& call) {
  const QueryValues<4> query(call.query, {"rev", "noCache", "cacheOnly", "tags"});
  const Result<Instance> instance = call.registry().instances().Get(
      call.service_id(), call.instance_id(), call.consumer(), SplitAtCommas(query[3]));
  if (!instance.ok()) return AnswerError(call, instance.error());
  const ListVersion version = VersionOf(*instance);
  call.reply.headers.emplace_back(kRevisionField, version.str());
  if (version.Is(Known(query[0], query[1], query[2]))) {
    call.reply.status = 304;
    return;
  }
  AppendInstanceBody(*instance, FillJson(&call.reply));
}

void FindInstances(Call& call) {
  const QueryValues<7> query(
      call.query, {"appId", "serviceName", "env", "tags", "rev", "noCache", "cacheOnly"});
  const std::vector<std::string_view> tags = SplitAtCommas(query[3]);
  const Result<FindResult> found = call.registry().discovery().Find(
      call.consumer(), {.environment = query[2],
                        .app_id = query[0],
                        .name = query[1],
                        .tags = tags,
                        .known = Known(query[4], query[5], query[6])});
  if (!found.ok()) return AnswerError(call, found.error());
  AnswerInstances(call, *found);
}

}  // namespace skep::server
