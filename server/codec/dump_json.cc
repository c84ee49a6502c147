#include "server/codec/dump_json.h"

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "server/codec/json_list.h"
#include "server/codec/json_writer.h"
#include "server/codec/registry_json.h"
#include "server/codec/system_json.h"
#include "skep/registry/types.h"
#include "skep/revision.h"

namespace skep::server {
namespace {

// All versions: relations know no others (spec 8.4).
constexpr std::string_view kAnyVersion = "0.0.0+";

// One list of the dump, over all tenants. It is opened by its first item.
class Section {
 public:
  Section(JsonObject* cache, std::string_view name, std::string* out)
      : cache_(cache), name_(name), out_(out) {}

  /// `append()` writes the value.
  template <class F>
  void Item(std::string_view key, Revision revision, F append) {
    if (!array_.has_value()) {
      cache_->Key(name_);
      array_.emplace(out_);
    }
    array_->Item();
    JsonObject item(out_);
    item.TextAlways("key", key);
    item.Key("rev");
    AppendDecimal(static_cast<std::int64_t>(revision.number()), out_);
    item.TextAlways("cluster", "default");
    item.Key("value");
    append();
  }

 private:
  JsonObject* const cache_;
  const std::string_view name_;
  std::string* const out_;
  std::optional<JsonArray> array_;
};

// "/cse-sr/ms/files" and "a", "b": "/cse-sr/ms/files/{domain}/{project}/a/b".
std::string KeyOf(std::string_view root, const Tenant& tenant,
                  std::initializer_list<std::string_view> pieces) {
  std::string key(root);
  key.append("/").append(tenant.domain).append("/").append(tenant.project);
  for (const std::string_view piece : pieces) key.append("/").append(piece);
  return key;
}

// Calls fn(tenant, detail) on each microservice.
template <class F>
void ForEachService(std::span<const TenantDump> tenants, F fn) {
  for (const TenantDump& dump : tenants) {
    for (const ServiceDetail& detail : dump.services) fn(dump.tenant, detail);
  }
}

void AddServices(JsonObject* cache, std::span<const TenantDump> tenants, std::string* out) {
  Section section(cache, "services", out);
  ForEachService(tenants, [&](const Tenant& tenant, const ServiceDetail& detail) {
    const Microservice& service = *detail.service;
    section.Item(KeyOf("/cse-sr/ms/files", tenant, {service.id.str()}), service.revision,
                 [&] { AppendMicroservice(service, out); });
  });
}

void AddIndexes(JsonObject* cache, std::span<const TenantDump> tenants, std::string* out) {
  Section section(cache, "serviceIndexes", out);
  ForEachService(tenants, [&](const Tenant& tenant, const ServiceDetail& detail) {
    const Microservice& service = *detail.service;
    section.Item(KeyOf("/cse-sr/ms/indexes", tenant,
                       {service.environment, service.app_id, service.name, service.version}),
                 service.revision, [&] { AppendJsonString(service.id.str(), out); });
  });
}

void AddAliases(JsonObject* cache, std::span<const TenantDump> tenants, std::string* out) {
  Section section(cache, "serviceAliases", out);
  ForEachService(tenants, [&](const Tenant& tenant, const ServiceDetail& detail) {
    const Microservice& service = *detail.service;
    if (service.alias.empty()) return;
    section.Item(KeyOf("/cse-sr/ms/alias", tenant,
                       {service.environment, service.app_id, service.alias, service.version}),
                 service.revision, [&] { AppendJsonString(service.id.str(), out); });
  });
}

void AddTags(JsonObject* cache, std::span<const TenantDump> tenants, std::string* out) {
  Section section(cache, "serviceTags", out);
  ForEachService(tenants, [&](const Tenant& tenant, const ServiceDetail& detail) {
    if (detail.tags == nullptr || detail.tags->empty()) return;
    const Microservice& service = *detail.service;
    section.Item(KeyOf("/cse-sr/ms/tags", tenant, {service.id.str()}), service.revision, [&] {
      JsonObject tags(out);
      for (const auto& [key, value] : *detail.tags) tags.Entry(key, value);
    });
  });
}

// Without contents: the reference dumps no more.
void AddSummaries(JsonObject* cache, std::span<const TenantDump> tenants, std::string* out) {
  Section section(cache, "summaries", out);
  ForEachService(tenants, [&](const Tenant& tenant, const ServiceDetail& detail) {
    const Microservice& service = *detail.service;
    for (const SchemaPtr& schema : detail.schemas) {
      if (schema->summary.empty()) continue;
      section.Item(KeyOf("/cse-sr/ms/schema-sum", tenant, {service.id.str(), schema->id}),
                   service.revision, [&] { AppendJsonString(schema->summary, out); });
    }
  });
}

void AppendProviderKeys(const std::vector<MicroserviceKey>& keys, std::string* out) {
  JsonObject rule(out);
  List(&rule, "Dependency", keys, out, [out](MicroserviceKey key) {
    key.version = kAnyVersion;
    AppendMicroserviceKey(key, out);
  });
}

// What consumers depend on; the reference has each relation under its provider, too.
void AddDependencyRules(JsonObject* cache, std::span<const TenantDump> tenants, std::string* out) {
  Section section(cache, "dependencyRules", out);
  ForEachService(tenants, [&](const Tenant& tenant, const ServiceDetail& detail) {
    if (detail.provider_keys.empty()) return;
    const Microservice& service = *detail.service;
    section.Item(KeyOf("/cse-sr/ms/dep-rules", tenant,
                       {"c", service.environment, service.app_id, service.name, service.version}),
                 service.revision, [&] { AppendProviderKeys(detail.provider_keys, out); });
  });
}

// Encoded anew: a dump must not fill the memos with what nobody else asks for.
void AddInstances(JsonObject* cache, std::span<const TenantDump> tenants, std::string* out) {
  Section section(cache, "instances", out);
  ForEachService(tenants, [&](const Tenant& tenant, const ServiceDetail& detail) {
    for (const Instance& instance : detail.instances) {
      section.Item(
          KeyOf("/cse-sr/inst/files", tenant, {detail.service->id.str(), instance.id().str()}),
          instance.revision(), [&] { AppendInstance(instance, out); });
    }
  });
}

}  // namespace

void AppendDumpBody(const Dump& dump, std::string* out) {
  JsonObject body(out);
  if (dump.info == BuildInfo::kShow) {
    body.Key("info");
    AppendBuildInfo(out);
  }
  if (!dump.cache.has_value()) return;
  body.Key("cache");
  JsonObject cache(out);
  AddServices(&cache, *dump.cache, out);
  AddIndexes(&cache, *dump.cache, out);
  AddAliases(&cache, *dump.cache, out);
  AddTags(&cache, *dump.cache, out);
  AddDependencyRules(&cache, *dump.cache, out);
  AddSummaries(&cache, *dump.cache, out);
  AddInstances(&cache, *dump.cache, out);
}

}  // namespace skep::server
