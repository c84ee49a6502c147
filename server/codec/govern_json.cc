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

void AddSchemas(JsonObject* object, const std::vector<SchemaPtr>& schemas, std::string* out) {
  List(object, "schemaInfos", schemas, out,
       [out](const SchemaPtr& schema) { AppendSchema(*schema, SchemaContent::kShow, out); });
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

void AppendWhole(const ServiceDetail& detail, std::string* out) {
  JsonObject object(out);
  object.Key("microService");
  AppendMicroservice(*detail.service, out);
  List(&object, "instances", detail.instances, out,
       [out](const Instance& instance) { AppendInstanceFromMemo(instance, out); });
  AddSchemas(&object, detail.schemas, out);
  List(&object, "rules", detail.rules, out, [out](const Rule& rule) { AppendRule(rule, out); });
  AddMicroservices(&object, "providers", detail.providers, out);
  AddMicroservices(&object, "consumers", detail.consumers, out);
  if (detail.tags != nullptr) Map(&object, "tags", *detail.tags, out);
  List(&object, "microServiceVersions", detail.versions, out,
       [out](const std::string& version) { AppendJsonString(version, out); });
}

void AppendEntry(const ServiceDetail& detail, Counts counts, std::string* out) {
  JsonObject object(out);
  object.Key("microService");
  AppendMicroservice(*detail.service, out, SchemaIds::kHide);
  List(&object, "instances", detail.instances, out, [out](const Instance& instance) {
    AppendInstance(instance, out, InstanceProperties::kHide);
  });
  AddSchemas(&object, detail.schemas, out);
  AddMicroservices(&object, "providers", detail.providers, out);
  AddMicroservices(&object, "consumers", detail.consumers, out);
  if (detail.tags != nullptr) Map(&object, "tags", *detail.tags, out);
  if (counts == Counts::kHide) return;
  object.Key("statics");
  AppendStatics(detail, out);
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

void AppendServiceDetailBody(const ServiceDetail& detail, std::string* out) {
  JsonObject body(out);
  body.Key("service");
  AppendWhole(detail, out);
}

void AppendServiceOverviewBody(const ServiceOverview& overview, std::string* out) {
  JsonObject body(out);
  List(&body, "allServicesDetail", overview.services, out,
       [&](const ServiceDetail& detail) { AppendEntry(detail, overview.counts, out); });
  if (!overview.statistics.has_value()) return;
  body.Key("statistics");
  AppendStatistics(*overview.statistics, out);
}

void AppendRelationsBody(const RelationGraph& graph, std::string* out) {
  JsonObject body(out);
  if (graph.services.empty()) AddNull(&body, "nodes", out);
  List(&body, "nodes", graph.services, out,
       [out](const MicroservicePtr& service) { AppendNode(NodeOf(*service), out); });
  if (graph.relations.empty()) AddNull(&body, "lines", out);
  List(&body, "lines", graph.relations, out,
       [out](const Relation& relation) { AppendLine(relation, out); });
  AddNull(&body, "circles", out);
}

void AppendAppsBody(std::span<const std::string> apps, std::string* out) {
  JsonObject body(out);
  List(&body, "appIds", apps, out, [out](const std::string& app) { AppendJsonString(app, out); });
}

void AppendStatisticsBody(const RegistryStatistics& statistics, std::string* out) {
  JsonObject body(out);
  body.Key("statistics");
  AppendStatistics(statistics, out);
}

}  // namespace skep::server
