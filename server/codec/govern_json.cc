#include "server/codec/govern_json.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/codec/instance_memo.h"
#include "server/codec/json_list.h"
#include "server/codec/json_writer.h"
#include "server/codec/registry_json.h"
#include "server/codec/rule_json.h"
#include "server/codec/schema_json.h"
#include "skep/registry/microservices.h"
#include "skep/registry/types.h"

namespace skep::server {
namespace {

SlicedText SchemaInfos(JsonObject* object, const ServiceDetail& detail, std::string* out) {
  return SchemaList(object, "schemaInfos", &detail.schemas, SchemaContent::kShow, out);
}

SlicedText Providers(JsonObject* object, const ServiceDetail& detail, std::string* out) {
  return MicroserviceList(object, "providers", &detail.providers, out);
}

SlicedText Consumers(JsonObject* object, const ServiceDetail& detail, std::string* out) {
  return MicroserviceList(object, "consumers", &detail.consumers, out);
}

SlicedText WholeInstances(JsonObject* object, const ServiceDetail& detail, std::string* out) {
  return SlicedList(object, "instances", &detail.instances, out,
                    [out](const Instance& instance) { AppendInstanceFromMemo(instance, out); });
}

SlicedText InstancesOfEntry(JsonObject* object, const ServiceDetail& detail, std::string* out) {
  return SlicedList(object, "instances", &detail.instances, out, [out](const Instance& instance) {
    AppendInstance(instance, out, InstanceProperties::kHide);
  });
}

void AddCount(JsonObject* object, std::size_t count) {
  object->Number("count", static_cast<std::int64_t>(count));
}

// The instances of the reference's whole domain that belong to these microservices: an id of
// another project is never one of this one's.
void AddInstanceCounts(JsonObject* object, std::size_t count) {
  AddCount(object, count);
  object->Number("countByDomain", static_cast<std::int64_t>(count));
}

void AppendStatistics(const RegistryStatistics& statistics, std::string* out) {
  JsonObject object(out);
  object.Key("services");
  {
    JsonObject services(out);
    AddCount(&services, statistics.services);
    services.Number("onlineCount", static_cast<std::int64_t>(statistics.online_services));
  }
  object.Key("instances");
  {
    JsonObject instances(out);
    AddInstanceCounts(&instances, statistics.instances);
  }
  object.Key("apps");
  JsonObject apps(out);
  AddCount(&apps, statistics.apps);
}

void AppendStatics(const ServiceDetail& detail, std::string* out) {
  JsonObject object(out);
  if (!detail.instance_count.has_value()) return;
  object.Key("instances");
  JsonObject instances(out);
  AddCount(&instances, *detail.instance_count);
}

// All that the detail has.
SlicedText WholeText(const ServiceDetail* detail, std::string* out) {
  JsonObject object(out);
  object.Key("microService");
  AppendMicroservice(*detail->service, out);
  SlicedText instances = WholeInstances(&object, *detail, out);
  while (instances.Next()) co_await kPause;
  SlicedText schemas = SchemaInfos(&object, *detail, out);
  while (schemas.Next()) co_await kPause;
  List(&object, "rules", detail->rules, out, [out](const Rule& rule) { AppendRule(rule, out); });
  SlicedText providers = Providers(&object, *detail, out);
  while (providers.Next()) co_await kPause;
  SlicedText consumers = Consumers(&object, *detail, out);
  while (consumers.Next()) co_await kPause;
  if (detail->tags != nullptr) Map(&object, "tags", *detail->tags, out);
  List(&object, "microServiceVersions", detail->versions, out,
       [out](const std::string& version) { AppendJsonString(version, out); });
}

// What a table shows.
SlicedText EntryText(const ServiceDetail* detail, Counts counts, std::string* out) {
  JsonObject object(out);
  object.Key("microService");
  AppendMicroservice(*detail->service, out, SchemaIds::kHide);
  SlicedText instances = InstancesOfEntry(&object, *detail, out);
  while (instances.Next()) co_await kPause;
  SlicedText schemas = SchemaInfos(&object, *detail, out);
  while (schemas.Next()) co_await kPause;
  SlicedText providers = Providers(&object, *detail, out);
  while (providers.Next()) co_await kPause;
  SlicedText consumers = Consumers(&object, *detail, out);
  while (consumers.Next()) co_await kPause;
  if (detail->tags != nullptr) Map(&object, "tags", *detail->tags, out);
  if (counts == Counts::kHide) co_return;
  object.Key("statics");
  AppendStatics(*detail, out);
}

// Gives each microservice's records up behind its entry, so that no turn has to free all of them.
SlicedText EntriesText(JsonObject* body, ServiceOverview* overview, std::string* out) {
  if (overview->services.empty()) co_return;
  body->Key("allServicesDetail");
  JsonArray array(out);
  for (ServiceDetail& detail : overview->services) {
    array.Item();
    SlicedText entry = EntryText(&detail, overview->counts, out);
    while (entry.Next()) co_await kPause;
    detail = {};
    co_await kPause;
  }
}

struct Node {
  std::string_view id{};
  std::string_view name{};
  std::string_view app_id{};
  std::string_view version{};
};

Node NodeOf(const Microservice& service) {
  return {service.id.str(), service.name, service.app_id, service.version};
}

void AppendNode(const Node& node, std::string* out) {
  JsonObject object(out);
  object.TextAlways("id", node.id);
  object.TextAlways("name", node.name);
  object.TextAlways("appId", node.app_id);
  object.TextAlways("version", node.version);
  object.TextAlways("type", "");
  object.TextAlways("color", "");
  object.TextAlways("position", "");
}

void AppendLine(const Relation& relation, std::string* out) {
  JsonObject object(out);
  object.Key("from");
  AppendNode(NodeOf(*relation.consumer), out);
  object.Key("to");
  AppendNode({.id = relation.provider->id.str(), .name = relation.provider->name}, out);
  object.TextAlways("type", "");
  object.TextAlways("color", "");
  object.TextAlways("descriptor", "");
}

void AddNull(JsonObject* object, std::string_view name, std::string* out) {
  object->Key(name);
  out->append("null");
}

}  // namespace

SlicedText ServiceDetailText(ServiceDetail detail, std::string* out) {
  JsonObject body(out);
  body.Key("service");
  SlicedText service = WholeText(&detail, out);
  while (service.Next()) co_await kPause;
}

SlicedText ServiceOverviewText(ServiceOverview overview, std::string* out) {
  JsonObject body(out);
  SlicedText entries = EntriesText(&body, &overview, out);
  while (entries.Next()) co_await kPause;
  if (!overview.statistics.has_value()) co_return;
  body.Key("statistics");
  AppendStatistics(*overview.statistics, out);
}

SlicedText RelationsText(RelationGraph graph, std::string* out) {
  JsonObject body(out);
  if (graph.services.empty()) AddNull(&body, "nodes", out);
  SlicedText nodes =
      SlicedList(&body, "nodes", &graph.services, out,
                 [out](const MicroservicePtr& service) { AppendNode(NodeOf(*service), out); });
  while (nodes.Next()) co_await kPause;
  if (graph.relations.empty()) AddNull(&body, "lines", out);
  SlicedText lines = SlicedList(&body, "lines", &graph.relations, out,
                                [out](const Relation& relation) { AppendLine(relation, out); });
  while (lines.Next()) co_await kPause;
  AddNull(&body, "circles", out);
}

SlicedText AppsText(std::vector<std::string> apps, std::string* out) {
  JsonObject body(out);
  SlicedText list = SlicedList(&body, "appIds", &apps, out,
                               [out](const std::string& app) { AppendJsonString(app, out); });
  while (list.Next()) co_await kPause;
}

SlicedText StatisticsText(RegistryStatistics statistics, std::string* out) {
  JsonObject body(out);
  body.Key("statistics");
  AppendStatistics(statistics, out);
  co_return;
}

}  // namespace skep::server
