#include "server/codec/dependency_json.h"

#include <utility>

#include "server/codec/ascii_case.h"
#include "server/codec/registry_json.h"
#include "server/codec/registry_json_reader.h"

namespace skep::server {
namespace {

bool ReadKeys(const JsonValue& value, std::vector<MicroserviceKey>* out) {
  out->clear();
  return value.ForEachElement([out](const JsonValue& element) {
    if (element.IsNull()) return element.Expected("a provider");
    return ReadMicroserviceKey(element, &out->emplace_back());
  });
}

bool ReadDependency(const JsonValue& value, Dependency* out) {
  bool has_consumer = false;
  const bool good = value.ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (EqualsIgnoringCase(name, "consumer")) {
      has_consumer = !member.IsNull();
      out->consumer = {};
      return ReadMicroserviceKey(member, &out->consumer);
    }
    if (EqualsIgnoringCase(name, "providers")) return ReadKeys(member, &out->providers);
    return true;
  });
  return good && (has_consumer || value.Expected("a consumer"));
}

}  // namespace

Result<std::vector<Dependency>> ReadDependencies(JsonReader& reader, std::string_view body) {
  const Result<JsonValue> root = reader.Parse(body);
  if (!root.ok()) return root.error();
  std::vector<Dependency> dependencies;
  const bool good = root->ForEachMember([&](std::string_view name, const JsonValue& member) {
    if (!EqualsIgnoringCase(name, "dependencies")) return true;
    dependencies.clear();
    return member.ForEachElement([&](const JsonValue& element) {
      return ReadDependency(element, &dependencies.emplace_back());
    });
  });
  if (!good) return reader.TypeError();
  return dependencies;
}

SlicedText ProvidersText(std::vector<MicroservicePtr> providers, std::string* out) {
  return MicroservicesText("providers", std::move(providers), out);
}

SlicedText ConsumersText(std::vector<MicroservicePtr> consumers, std::string* out) {
  return MicroservicesText("consumers", std::move(consumers), out);
}

}  // namespace skep::server
