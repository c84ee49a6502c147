#include "server/codec/registry_json.h"

#include <chrono>
#include <utility>

#include "server/codec/json_list.h"
#include "server/codec/json_writer.h"

namespace skep::server {
namespace {

// The fixed text of spec 6.5.
constexpr std::string_view kLeaseNotExists =
    "Instance does not exist(leaseId not exist, instance not exist)";

std::int64_t Seconds(std::chrono::sys_seconds time) { return time.time_since_epoch().count(); }

void AppendPath(const ServicePath& path, std::string* out) {
  JsonObject object(out);
  object.Text("path", path.path);
  Map(&object, "property", path.property, out);
}

void AppendFramework(const Framework& framework, std::string* out) {
  JsonObject object(out);
  object.Text("name", framework.name);
  object.Text("version", framework.version);
}

void AppendInstanceProperties(const Instance& instance, std::string* out) {
  JsonObject entries(out);
  const PackedTexts texts = instance.properties();
  for (auto at = texts.begin(); at != texts.end(); ++at) {
    const std::string_view key = *at;
    entries.Entry(key, *++at);
  }
}

void AppendHealthCheck(const Instance& instance, std::string* out) {
  JsonObject object(out);
  object.Text("mode", ToString(instance.health_check_mode()));
  object.Number("port", instance.health_check_port());
  object.Number("interval", instance.health_check_interval_s());
  object.Number("times", instance.health_check_times());
  object.Text("url", instance.health_check_url());
}

void AppendDataCenter(const Instance& instance, std::string* out) {
  JsonObject object(out);
  object.Text("name", instance.data_center_name());
  object.Text("region", instance.data_center_region());
  object.Text("availableZone", instance.data_center_zone());
}

}  // namespace

std::optional<InstanceStatus> ParseInstanceStatus(std::string_view word) {
  using enum InstanceStatus;
  for (const InstanceStatus status : {kUnset, kUp, kDown, kStarting, kTesting, kOutOfService}) {
    if (word == ToString(status)) return status;
  }
  return std::nullopt;
}

void AppendMicroserviceKey(const MicroserviceKey& key, std::string* out) {
  JsonObject object(out);
  object.Text("tenant", key.tenant);
  object.Text("environment", key.environment);
  object.Text("appId", key.app_id);
  object.Text("serviceName", key.name);
  object.Text("alias", key.alias);
  object.Text("version", key.version);
}

void AppendMicroservice(const Microservice& service, std::string* out, SchemaIds schemas) {
  JsonObject object(out);
  object.Text("serviceId", service.id.str());
  object.Text("appId", service.app_id);
  object.Text("serviceName", service.name);
  object.Text("version", service.version);
  object.Text("description", service.description);
  object.Text("level", ToString(service.level));
  if (schemas == SchemaIds::kShow) {
    List(&object, "schemas", service.schemas, out,
         [out](const std::string& id) { AppendJsonString(id, out); });
  }
  List(&object, "paths", service.paths, out,
       [out](const ServicePath& path) { AppendPath(path, out); });
  object.Text("status", ToString(service.status));
  Map(&object, "properties", service.properties, out);
  object.NumberText("timestamp", Seconds(service.created));
  List(&object, "providers", service.providers, out,
       [out](const MicroserviceKey& key) { AppendMicroserviceKey(key, out); });
  object.Text("alias", service.alias);
  Map(&object, "LBStrategy", service.lb_strategy, out);
  object.NumberText("modTimestamp", Seconds(service.modified));
  object.Text("environment", service.environment);
  object.Text("registerBy", service.register_by);
  if (service.framework.has_value()) {
    object.Key("framework");
    AppendFramework(*service.framework, out);
  }
}

SlicedText MicroserviceList(JsonObject* object, std::string_view name,
                            const std::vector<MicroservicePtr>* services, std::string* out) {
  return SlicedList(object, name, services, out,
                    [out](const MicroservicePtr& service) { AppendMicroservice(*service, out); });
}

void AppendInstance(const Instance& instance, std::string* out, InstanceProperties properties) {
  JsonObject object(out);
  object.Key("instanceId");
  AppendInstanceId(instance.id(), out);
  object.Text("serviceId", instance.service_id());
  List(&object, "endpoints", instance.endpoints(), out,
       [out](std::string_view endpoint) { AppendJsonString(endpoint, out); });
  object.Text("hostName", instance.host());
  object.Text("status", ToString(instance.status()));
  if (properties == InstanceProperties::kShow && !instance.properties().empty()) {
    object.Key("properties");
    AppendInstanceProperties(instance, out);
  }
  object.Key("healthCheck");
  AppendHealthCheck(instance, out);
  object.NumberText("timestamp", Seconds(instance.created()));
  if (instance.has_data_center()) {
    object.Key("dataCenterInfo");
    AppendDataCenter(instance, out);
  }
  object.NumberText("modTimestamp", Seconds(instance.modified()));
  object.Text("version", instance.version());
}

void AppendInstanceId(InstanceIdView id, std::string* out) {
  if (!id.is_128_bits()) return AppendJsonString(id.text(), out);
  out->push_back('"');
  id.AppendTo(out);
  out->push_back('"');
}

void AppendServiceBody(const Microservice& service, std::string* out) {
  JsonObject body(out);
  body.Key("service");
  AppendMicroservice(service, out);
}

SlicedText MicroservicesText(std::string_view name, std::vector<MicroservicePtr> services,
                             std::string* out) {
  JsonObject body(out);
  SlicedText list = MicroserviceList(&body, name, &services, out);
  while (list.Next()) co_await kPause;
}

SlicedText ServicesText(std::vector<MicroservicePtr> services, std::string* out) {
  return MicroservicesText("services", std::move(services), out);
}

void AppendServiceIdBody(const ServiceId& id, std::string* out) {
  JsonObject body(out);
  body.Text("serviceId", id.str());
}

void AppendInstanceIdBody(InstanceIdView id, std::string* out) {
  JsonObject body(out);
  body.Key("instanceId");
  AppendInstanceId(id, out);
}

void AppendHeartbeatSetBody(std::span<const HeartbeatEntry> entries,
                            const std::vector<bool>& renewed, std::string* out) {
  JsonObject body(out);
  body.Key("instances");
  JsonArray array(out);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    array.Item();
    JsonObject result(out);
    result.Text("serviceId", entries[i].service_id);
    result.Text("instanceId", entries[i].instance_id);
    if (!renewed[i]) result.Text("errMessage", kLeaseNotExists);
  }
}

}  // namespace skep::server
