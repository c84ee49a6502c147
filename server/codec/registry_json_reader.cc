#include "server/codec/registry_json_reader.h"

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "base/hash.h"
#include "server/codec/ascii_case.h"
#include "server/codec/rule_json.h"
#include "skep/registry/errors.h"

namespace skep::server {
namespace {

// The fixed detail of spec 1.10 for some of the routes.
constexpr std::string_view kUnmarshalError = "Unmarshal error";

Error Invalid(std::string detail) { return {RegistryErrc::kInvalidParams, std::move(detail)}; }

bool Is(std::string_view name, std::string_view known) { return EqualsIgnoringCase(name, known); }

// Reads a word into the enumerator that has it as its word.
template <class Enum>
bool ReadWord(const JsonValue& value, std::initializer_list<Enum> known, Enum* out) {
  std::string_view word;
  if (!value.Read(&word)) return false;
  for (const Enum candidate : known) {
    if (ToString(candidate) == word) {
      *out = candidate;
      return true;
    }
  }
  std::string words;
  for (const Enum candidate : known) {
    const std::string_view name = ToString(candidate);
    if (!name.empty()) words.append(words.empty() ? "one of " : ", ").append(name);
  }
  return value.Expected(words);
}

// Reads a list of structs, `read(value, &item)` each. A null element is an empty struct.
template <class T, class F>
bool ReadList(const JsonValue& value, std::vector<T>* out, F read) {
  out->clear();
  return value.ForEachElement(
      [&](const JsonValue& element) { return read(element, &out->emplace_back()); });
}

bool ReadPath(const JsonValue& value, ServicePath* out) {
  return value.ForEachMember([out](std::string_view name, const JsonValue& member) {
    if (Is(name, "path")) return member.Read(&out->path);
    if (Is(name, "property")) return member.Read(&out->property);
    return true;
  });
}

}  // namespace

bool ReadMicroserviceKey(const JsonValue& value, MicroserviceKey* out) {
  return value.ForEachMember([out](std::string_view name, const JsonValue& member) {
    if (Is(name, "tenant")) return member.Read(&out->tenant);
    if (Is(name, "environment")) return member.Read(&out->environment);
    if (Is(name, "appId")) return member.Read(&out->app_id);
    if (Is(name, "serviceName")) return member.Read(&out->name);
    if (Is(name, "alias")) return member.Read(&out->alias);
    if (Is(name, "version")) return member.Read(&out->version);
    return true;
  });
}

namespace {

bool ReadFramework(const JsonValue& value, std::optional<Framework>* out) {
  out->reset();
  if (value.IsNull()) return true;
  Framework& framework = out->emplace();
  return value.ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (Is(name, "name")) return member.Read(&framework.name);
    if (Is(name, "version")) return member.Read(&framework.version);
    return true;
  });
}

bool ReadDataCenter(const JsonValue& value, std::optional<DataCenterInfo>* out) {
  out->reset();
  if (value.IsNull()) return true;
  DataCenterInfo& info = out->emplace();
  return value.ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (Is(name, "name")) return member.Read(&info.name);
    if (Is(name, "region")) return member.Read(&info.region);
    if (Is(name, "availableZone")) return member.Read(&info.available_zone);
    return true;
  });
}

bool ReadMicroservice(const JsonValue& value, Microservice* out) {
  *out = Microservice();
  return value.ForEachMember([out](std::string_view name, const JsonValue& member) {
    if (Is(name, "serviceId")) {
      std::string id;
      if (!member.Read(&id)) return false;
      out->id = ServiceId(std::move(id));
      return true;
    }
    if (Is(name, "appId")) return member.Read(&out->app_id);
    if (Is(name, "serviceName")) return member.Read(&out->name);
    if (Is(name, "version")) return member.Read(&out->version);
    if (Is(name, "description")) return member.Read(&out->description);
    if (Is(name, "level")) {
      using enum ServiceLevel;
      return ReadWord(member, {kUnset, kFront, kMiddle, kBack}, &out->level);
    }
    if (Is(name, "schemas")) return member.Read(&out->schemas);
    if (Is(name, "paths")) return ReadList(member, &out->paths, ReadPath);
    if (Is(name, "status")) {
      using enum ServiceStatus;
      return ReadWord(member, {kUnset, kUp, kDown}, &out->status);
    }
    if (Is(name, "properties")) return member.Read(&out->properties);
    if (Is(name, "providers")) return ReadList(member, &out->providers, ReadMicroserviceKey);
    if (Is(name, "alias")) return member.Read(&out->alias);
    if (Is(name, "LBStrategy")) return member.Read(&out->lb_strategy);
    if (Is(name, "environment")) return member.Read(&out->environment);
    if (Is(name, "registerBy")) return member.Read(&out->register_by);
    if (Is(name, "framework")) return ReadFramework(member, &out->framework);
    return true;
  });
}

bool ReadHealthCheck(const JsonValue& value, std::optional<HealthCheck>* out) {
  out->reset();
  if (value.IsNull()) return true;
  // The API's defaults are for a missing health check; one that is there must say its mode and
  // interval itself (spec 6.1).
  HealthCheck& check = out->emplace();
  check.interval_s = 0;
  check.times = 0;
  bool has_mode = false;
  const bool good = value.ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (Is(name, "mode")) {
      using enum HealthCheckMode;
      has_mode = true;
      return ReadWord(member, {kPush, kPull}, &check.mode);
    }
    if (Is(name, "port")) return member.Read(&check.port);
    if (Is(name, "interval")) return member.Read(&check.interval_s);
    if (Is(name, "times")) return member.Read(&check.times);
    if (Is(name, "url")) return member.Read(&check.url);
    return true;
  });
  if (!good) return false;
  return has_mode || value.Expected("a mode, push or pull");
}

bool ReadInstance(const JsonValue& value, InstanceSpec* out) {
  *out = InstanceSpec();
  return value.ForEachMember([out](std::string_view name, const JsonValue& member) {
    if (Is(name, "instanceId")) {
      std::string_view id;
      if (!member.Read(&id)) return false;
      out->id = InstanceId(id);
      return true;
    }
    if (Is(name, "endpoints")) return member.Read(&out->endpoints);
    if (Is(name, "hostName")) return member.Read(&out->host);
    if (Is(name, "status")) {
      using enum InstanceStatus;
      return ReadWord(member, {kUnset, kUp, kDown, kStarting, kTesting, kOutOfService},
                      &out->status);
    }
    if (Is(name, "properties")) return member.Read(&out->properties);
    if (Is(name, "healthCheck")) return ReadHealthCheck(member, &out->health_check);
    if (Is(name, "dataCenterInfo")) return ReadDataCenter(member, &out->data_center);
    return true;
  });
}

bool ReadInstanceElement(const JsonValue& value, InstanceSpec* out) {
  return value.IsNull() ? value.Expected("an instance") : ReadInstance(value, out);
}

bool ReadEntry(const JsonValue& value, HeartbeatEntry* out) {
  if (value.IsNull()) return value.Expected("a service id and an instance id");
  return value.ForEachMember([out](std::string_view name, const JsonValue& member) {
    if (Is(name, "serviceId")) return member.Read(&out->service_id);
    if (Is(name, "instanceId")) return member.Read(&out->instance_id);
    return true;
  });
}

// Keeps the first of equal entries. A table of our own, since a set of 100 comes with every beat of
// some clients: positions in `entries`, open addressing, at most half full.
void RemoveDuplicates(std::vector<HeartbeatEntry>* entries) {
  // The seed of no table that lives on: whoever sends colliding ids slows only this body down, and
  // its size has a limit.
  const base::Hasher hash(reinterpret_cast<std::uintptr_t>(entries->data()));
  std::vector<std::uint32_t> table(std::bit_ceil(2 * entries->size() + 1), 0);
  const std::size_t mask = table.size() - 1;
  std::size_t kept = 0;
  for (const HeartbeatEntry& entry : *entries) {
    std::size_t slot = hash.Mix(hash(entry.instance_id), entry.service_id) & mask;
    while (table[slot] != 0) {
      const HeartbeatEntry& earlier = (*entries)[table[slot] - 1];
      if (earlier.instance_id == entry.instance_id && earlier.service_id == entry.service_id) break;
      slot = (slot + 1) & mask;
    }
    if (table[slot] != 0) continue;
    (*entries)[kept] = entry;
    table[slot] = static_cast<std::uint32_t>(++kept);
  }
  entries->resize(kept);
}

}  // namespace

Error UnmarshalError(const Error& error) {
  return Invalid(std::string(kUnmarshalError) + ": " + error.detail());
}

Result<ServiceRegistration> ReadServiceRegistration(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return root.error();
  ServiceRegistration registration;
  bool has_service = false;
  const bool good = root->ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (Is(name, "service")) {
      has_service = !member.IsNull();
      return ReadMicroservice(member, &registration.service);
    }
    if (Is(name, "instances")) {
      return ReadList(member, &registration.instances, ReadInstanceElement);
    }
    if (Is(name, "rules")) {
      registration.rules.reset();
      return member.IsNull() || ReadRules(member, &registration.rules.emplace());
    }
    if (Is(name, "tags")) {
      registration.tags.reset();
      return member.IsNull() || member.Read(&registration.tags.emplace());
    }
    return true;
  });
  if (!good) return reader.TypeError();
  if (!has_service) return Invalid("Request body is empty: no 'service'");
  return registration;
}

Result<InstanceSpec> ReadInstanceRegistration(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return UnmarshalError(root.error());
  InstanceSpec spec;
  bool has_instance = false;
  const bool good = root->ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (!Is(name, "instance")) return true;
    has_instance = !member.IsNull();
    return ReadInstance(member, &spec);
  });
  if (!good) return UnmarshalError(reader.TypeError());
  if (!has_instance) return Invalid("Request body is empty: no 'instance'");
  return spec;
}

Result<std::vector<HeartbeatEntry>> ReadHeartbeatSet(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return UnmarshalError(root.error());
  std::vector<HeartbeatEntry> entries;
  const bool good = root->ForEachMember([&](std::string_view name, const JsonValue& member) {
    return Is(name, "instances") ? ReadList(member, &entries, ReadEntry) : true;
  });
  if (!good) return UnmarshalError(reader.TypeError());
  if (entries.empty()) return Invalid("Request format invalid.");
  RemoveDuplicates(&entries);
  return entries;
}

}  // namespace skep::server
