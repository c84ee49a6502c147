#include "server/routes/dependency_routes.h"

#include <string>
#include <utility>
#include <vector>

#include "server/codec/dependency_json.h"
#include "server/codec/query_string.h"
#include "server/routes/parameters.h"
#include "server/routes/record_bytes.h"
#include "server/routes/reply.h"
#include "server/routes/sliced_reply.h"

namespace skep::server {
namespace {

using Change = Result<Revision> (Dependencies::*)(std::span<const Dependency>, Ack);

void ChangeDependencies(Call& call, Change change) {
  const Result<std::vector<Dependency>> dependencies = ReadBody(call, ReadDependencies);
  if (!dependencies.ok()) return AnswerError(call, dependencies.error());
  Dependencies known = call.registry().dependencies();
  const Result<Revision> changed = (known.*change)(*dependencies, Ack::kPublished);
  if (!changed.ok()) return AnswerError(call, changed.error());
  FillEmpty(&call.reply);
  call.reply.headers.emplace_back("Deprecation", "version=\"v4\"");
  SendWhenDurable(call, *changed);
}

// Only the text "1" counts (spec 8.5). sameDomain changes nothing: no relation leaves its tenant.
SelfDependency WantsSelf(const Call& call) {
  const QueryValues<1> query(call.query, {"noSelf"});
  return query[0] == "1" ? SelfDependency::kHide : SelfDependency::kShow;
}

}  // namespace

void AddDependencies(Call& call) { ChangeDependencies(call, &Dependencies::Add); }

void OverrideDependencies(Call& call) { ChangeDependencies(call, &Dependencies::Override); }

void ListProviders(Call& call) {
  auto providers = call.registry().dependencies().Providers(call.service_id(), WantsSelf(call));
  if (!providers.ok()) return AnswerError(call, providers.error());
  const std::size_t bytes = RecordBytes(*providers);
  AnswerSliced(
      call, {[&](std::string* out) { return ProvidersText(*std::move(providers), out); }, bytes});
}

void ListConsumers(Call& call) {
  auto consumers = call.registry().dependencies().Consumers(call.service_id(), WantsSelf(call));
  if (!consumers.ok()) return AnswerError(call, consumers.error());
  const std::size_t bytes = RecordBytes(*consumers);
  AnswerSliced(
      call, {[&](std::string* out) { return ConsumersText(*std::move(consumers), out); }, bytes});
}

}  // namespace skep::server
