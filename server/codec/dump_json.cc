#include "server/codec/dump_json.h"

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

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

  /// `append(out)` writes the value.
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
    append(out_);
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

// What a section has of one microservice.
using AddItems = void (*)(Section& section, const Tenant& tenant, const ServiceDetail& detail);

void AddService(Section& section, const Tenant& tenant, const ServiceDetail& detail) {
  const Microservice& service = *detail.service;
  section.Item(KeyOf("/cse-sr/ms/files", tenant, {service.id.str()}), service.revision,
               [&](std::string* out) { AppendMicroservice(service, out); });
}

void AddIndex(Section& section, const Tenant& tenant, const ServiceDetail& detail) {
  const Microservice& service = *detail.service;
  section.Item(KeyOf("/cse-sr/ms/indexes", tenant,
                     {service.environment, service.app_id, service.name, service.version}),
               service.revision,
               [&](std::string* out) { AppendJsonString(service.id.str(), out); });
}

void AddAlias(Section& section, const Tenant& tenant, const ServiceDetail& detail) {
  const Microservice& service = *detail.service;
  if (service.alias.empty()) return;
  section.Item(KeyOf("/cse-sr/ms/alias", tenant,
                     {service.environment, service.app_id, service.alias, service.version}),
               service.revision,
               [&](std::string* out) { AppendJsonString(service.id.str(), out); });
}

void AddTags(Section& section, const Tenant& tenant, const ServiceDetail& detail) {
  if (detail.tags == nullptr || detail.tags->empty()) return;
  const Microservice& service = *detail.service;
  section.Item(KeyOf("/cse-sr/ms/tags", tenant, {service.id.str()}), service.revision,
               [&](std::string* out) {
                 JsonObject tags(out);
                 for (const auto& [key, value] : *detail.tags) tags.Entry(key, value);
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
void AddDependencyRule(Section& section, const Tenant& tenant, const ServiceDetail& detail) {
  if (detail.provider_keys.empty()) return;
  const Microservice& service = *detail.service;
  section.Item(KeyOf("/cse-sr/ms/dep-rules", tenant,
                     {"c", service.environment, service.app_id, service.name, service.version}),
               service.revision,
               [&](std::string* out) { AppendProviderKeys(detail.provider_keys, out); });
}

// Without contents: the reference dumps no more.
void AddSummaries(Section& section, const Tenant& tenant, const ServiceDetail& detail) {
  const Microservice& service = *detail.service;
  for (const SchemaPtr& schema : detail.schemas) {
    if (schema->summary.empty()) continue;
    section.Item(KeyOf("/cse-sr/ms/schema-sum", tenant, {service.id.str(), schema->id}),
                 service.revision,
                 [&](std::string* out) { AppendJsonString(schema->summary, out); });
  }
}

// Encoded anew: a dump must not fill the memos with what nobody else asks for.
void AddInstance(Section& section, const Tenant& tenant, const ServiceDetail& detail,
                 const Instance& instance) {
  section.Item(KeyOf("/cse-sr/inst/files", tenant, {detail.service->id.str(), instance.id().str()}),
               instance.revision(), [&](std::string* out) { AppendInstance(instance, out); });
}

SlicedText SectionText(JsonObject* cache, std::string_view name,
                       const std::vector<TenantDump>* tenants, AddItems add, std::string* out) {
  Section section(cache, name, out);
  for (const TenantDump& dump : *tenants) {
    for (const ServiceDetail& detail : dump.services) {
      add(section, dump.tenant, detail);
      co_await kPause;
    }
  }
}

// Apart from the other sections: one microservice may have very many. It is the last one, and gives
// each microservice's records up, so that no turn has to free all of them.
SlicedText InstancesText(JsonObject* cache, std::vector<TenantDump>* tenants, std::string* out) {
  Section section(cache, "instances", out);
  for (TenantDump& dump : *tenants) {
    for (ServiceDetail& detail : dump.services) {
      for (const Instance& instance : detail.instances) {
        AddInstance(section, dump.tenant, detail, instance);
        co_await kPause;
      }
      detail = {};
      co_await kPause;
    }
  }
}

constexpr std::pair<std::string_view, AddItems> kSections[] = {
    {"services", AddService}, {"serviceIndexes", AddIndex},           {"serviceAliases", AddAlias},
    {"serviceTags", AddTags}, {"dependencyRules", AddDependencyRule}, {"summaries", AddSummaries},
};

SlicedText CacheText(std::vector<TenantDump>* tenants, std::string* out) {
  JsonObject cache(out);
  for (const auto& [name, add] : kSections) {
    SlicedText section = SectionText(&cache, name, tenants, add, out);
    while (section.Next()) co_await kPause;
  }
  SlicedText instances = InstancesText(&cache, tenants, out);
  while (instances.Next()) co_await kPause;
}

}  // namespace

SlicedText DumpText(Dump dump, std::string* out) {
  JsonObject body(out);
  if (dump.info == BuildInfo::kShow) {
    body.Key("info");
    AppendBuildInfo(out);
  }
  if (!dump.cache.has_value()) co_return;
  body.Key("cache");
  SlicedText cache = CacheText(&*dump.cache, out);
  while (cache.Next()) co_await kPause;
}

}  // namespace skep::server
