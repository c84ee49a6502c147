#include "registry/core/validation.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "base/text.h"
#include "registry/core/errors.h"
#include "registry/core/version_rule.h"

namespace skep::core {
namespace {

using base::IsAlnum;

constexpr std::size_t kIdMax = 64;
constexpr std::size_t kAppMax = 160;
constexpr std::size_t kNameMax = 128;
constexpr std::size_t kFindNameMax = 289;  // Room for app:name aliases.
constexpr std::size_t kVersionMax = 64;
constexpr std::size_t kDescriptionMax = 256;
constexpr std::size_t kSchemaIdMax = 160;
constexpr std::size_t kTagMax = 64;

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r';
}

bool Has(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

bool HasNoSpace(std::string_view text) { return std::ranges::none_of(text, IsSpace); }

bool HasNonSpace(std::string_view text) { return !std::ranges::all_of(text, IsSpace); }

// Letters, digits and `inner`, with a letter or digit at both ends; or nothing.
bool IsName(std::string_view text, std::string_view inner) {
  if (text.empty()) return true;
  if (!IsAlnum(text.front()) || !IsAlnum(text.back())) return false;
  return std::ranges::all_of(text, [inner](char c) { return IsAlnum(c) || Has(inner, c); });
}

std::size_t Characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !base::IsContinuation(c); }));
}

bool IsLongerThan(std::string_view text, std::size_t characters) {
  return text.size() > characters && Characters(text) > characters;
}

constexpr std::string_view kNameInner = "_-.";
constexpr std::string_view kAliasInner = "_-.:";
constexpr std::string_view kNameRule =
    "letters, digits, '_', '-' and '.', a letter or digit at both ends";

bool IsPath(std::string_view text) {
  static constexpr std::string_view kOthers = ".,?'\\/+&;%$#=~_-@{}";
  return std::ranges::all_of(text, [](char c) { return IsAlnum(c) || Has(kOthers, c); });
}

bool IsTag(std::string_view text) {
  if (text.empty() || text.size() > kTagMax) return false;
  if (!IsAlnum(text.front()) || (text.front() >= '0' && text.front() <= '9')) return false;
  return std::ranges::all_of(text, [](char c) { return IsAlnum(c) || Has(kNameInner, c); });
}

Error TooLong(std::string_view field, std::string_view value, std::size_t max) {
  return InvalidField(field, value, "at most " + std::to_string(max) + " characters");
}

Status CheckName(std::string_view field, std::string_view value, std::size_t max) {
  if (IsLongerThan(value, max)) return TooLong(field, value, max);
  if (!IsName(value, kNameInner)) return InvalidField(field, value, kNameRule);
  return {};
}

Error BadEnvironment(std::string_view environment) {
  return InvalidField("env", environment, "development, testing, acceptance, production or empty");
}

Status CheckVersion(std::string_view version) {
  if (version.size() > kVersionMax || !IsExactVersion(version)) {
    return InvalidField("version", version,
                        "1 to 4 numbers of 0 to 32767 between dots, as in 1.0.3");
  }
  return {};
}

Status CheckSchemaIds(const Microservice& service, const RegistryOptions& options) {
  if (service.schemas.size() > options.schemas_max) {
    return InvalidField("schemas", std::to_string(service.schemas.size()) + " ids",
                        "at most " + std::to_string(options.schemas_max));
  }
  for (const std::string& id : service.schemas) {
    if (Status good = CheckSchemaId(id); !good.ok()) return good;
  }
  return {};
}

Status CheckRest(const Microservice& service) {
  for (const ServicePath& path : service.paths) {
    if (!IsPath(path.path)) return InvalidField("path", path.path, "a character is not allowed");
  }
  if (IsLongerThan(service.alias, kNameMax)) return TooLong("alias", service.alias, kNameMax);
  const bool alias_good =
      std::ranges::all_of(service.alias, [](char c) { return IsAlnum(c) || Has(kAliasInner, c); });
  if (!alias_good) {
    return InvalidField("alias", service.alias, "letters, digits, '_', '-', '.' and ':'");
  }
  constexpr std::string_view kRegisterBy[] = {"", "SDK", "SIDECAR", "PLATFORM", "UNKNOWN"};
  if (std::ranges::find(kRegisterBy, service.register_by) == std::end(kRegisterBy)) {
    return InvalidField("registerBy", service.register_by, "SDK, SIDECAR, PLATFORM or UNKNOWN");
  }
  if (!service.framework.has_value()) return {};
  if (Status name = CheckName("framework.name", service.framework->name, kIdMax); !name.ok()) {
    return name;
  }
  if (IsLongerThan(service.framework->version, kIdMax)) {
    return TooLong("framework.version", service.framework->version, kIdMax);
  }
  return {};
}

bool IsDataCenterText(std::string_view text) {
  constexpr std::size_t kMax = 128;
  return !text.empty() && text.size() <= kMax &&
         std::ranges::all_of(text, [](char c) { return IsAlnum(c) || Has(kNameInner, c); });
}

Status CheckHealthCheck(const HealthCheck& check) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  if (check.port < 0 || check.port > 65535) {
    return InvalidField("healthCheck.port", std::to_string(check.port), "0 to 65535");
  }
  if (check.interval_s < 1 || check.interval_s > kMax) {
    return InvalidField("healthCheck.interval", std::to_string(check.interval_s),
                        "1 to 2147483647 seconds");
  }
  if (check.times < 0 || check.times > kMax) {
    return InvalidField("healthCheck.times", std::to_string(check.times), "0 to 2147483647");
  }
  if (!HasNoSpace(check.url)) {
    return InvalidField("healthCheck.url", check.url, "no white space");
  }
  return {};
}

Status CheckInstance(const InstanceSpec& spec) {
  const std::string id = spec.id.str();
  const bool id_good = id.size() <= kIdMax && std::ranges::all_of(id, [](char c) {
                         return IsAlnum(c) || Has(kNameInner, c);
                       });
  if (!id_good) {
    return InvalidField("instanceId", id, "at most 64 letters, digits, '_', '-' and '.'");
  }
  for (const std::string& endpoint : spec.endpoints) {
    if (!HasNonSpace(endpoint)) return InvalidField("endpoint", endpoint, "must not be blank");
  }
  if (!HasNonSpace(spec.host) || IsLongerThan(spec.host, kIdMax)) {
    return InvalidField("hostName", spec.host, "1 to 64 characters, not all blank");
  }
  if (spec.health_check.has_value()) {
    if (Status check = CheckHealthCheck(*spec.health_check); !check.ok()) return check;
  }
  if (spec.data_center.has_value()) {
    for (std::string_view text :
         {spec.data_center->name, spec.data_center->region, spec.data_center->available_zone}) {
      if (!IsDataCenterText(text)) {
        return InvalidField("dataCenterInfo", text,
                            "name, region and availableZone have 1 to 128 letters, digits, '_', "
                            "'-' and '.' each");
      }
    }
  }
  return {};
}

}  // namespace

Status CompleteAndCheck(Microservice* service, const RegistryOptions& options) {
  if (service->app_id.empty()) service->app_id = "default";
  if (service->version.empty()) service->version = "0.0.1";
  if (service->level == ServiceLevel::kUnset) service->level = ServiceLevel::kBack;
  if (service->status == ServiceStatus::kUnset) service->status = ServiceStatus::kUp;

  if (!ParseEnvironment(service->environment).has_value()) {
    return InvalidField("environment", service->environment,
                        "development, testing, acceptance, production or empty");
  }
  if (Status app = CheckName("appId", service->app_id, kAppMax); !app.ok()) return app;
  if (service->name.empty()) return InvalidField("serviceName", "", "must not be empty");
  if (Status name = CheckName("serviceName", service->name, kNameMax); !name.ok()) return name;
  if (Status version = CheckVersion(service->version); !version.ok()) return version;
  const std::string& id = service->id.str();
  if (IsLongerThan(id, kIdMax) || !HasNoSpace(id)) {
    return InvalidField("serviceId", id, "at most 64 characters, no white space");
  }
  if (IsLongerThan(service->description, kDescriptionMax)) {
    return TooLong("description", service->description, kDescriptionMax);
  }
  if (Status schemas = CheckSchemaIds(*service, options); !schemas.ok()) return schemas;
  return CheckRest(*service);
}

Status CheckAndComplete(InstanceSpec* spec, const RegistryOptions& options) {
  if (Status good = CheckInstance(*spec); !good.ok()) return good;
  if (spec->status == InstanceStatus::kUnset) spec->status = InstanceStatus::kUp;
  if (!spec->health_check.has_value()) spec->health_check.emplace();
  HealthCheck& check = *spec->health_check;
  if (check.mode == HealthCheckMode::kPull) {
    const HealthCheck defaults;
    check.interval_s = defaults.interval_s;
    check.times = defaults.times;
  } else {
    check.interval_s = std::max(check.interval_s, options.interval_s_min);
    check.times = std::max(check.times, options.times_min);
  }
  return {};
}

namespace {

constexpr std::size_t kVersionRuleMax = 128;

Status CheckKey(const MicroserviceKey& key) {
  if (!ParseEnvironment(key.environment).has_value()) return BadEnvironment(key.environment);
  if (Status app = CheckName("appId", key.app_id, kAppMax); !app.ok()) return app;
  if (key.name.empty()) return InvalidField("serviceName", "", "must not be empty");
  return CheckName("serviceName", key.name, kNameMax);
}

}  // namespace

Status CheckDependency(const Dependency& dependency, std::size_t providers_min) {
  const MicroserviceKey& consumer = dependency.consumer;
  if (Status key = CheckKey(consumer); !key.ok()) return key;
  if (consumer.app_id.empty()) return InvalidField("appId", "", "must not be empty");
  if (Status version = CheckVersion(consumer.version); !version.ok()) return version;
  if (dependency.providers.size() < providers_min) {
    return InvalidField("providers", "", "at least one");
  }
  for (const MicroserviceKey& provider : dependency.providers) {
    if (Status key = CheckKey(provider); !key.ok()) return key;
    if (provider.version.size() > kVersionRuleMax || !IsVersionRule(provider.version)) {
      return InvalidField("provider version", provider.version,
                          "as in 1.0.0, 1.0.0+, 1.0.0-2.0.0 or latest, or empty");
    }
  }
  return {};
}

Status CheckServiceId(std::string_view id) {
  if (id.empty() || IsLongerThan(id, kIdMax) || !HasNoSpace(id)) {
    return InvalidField("serviceId", id, "1 to 64 characters, no white space");
  }
  return {};
}

Status CheckConsumerId(std::string_view id) {
  if (IsLongerThan(id, kIdMax)) return TooLong("consumer id", id, kIdMax);
  return {};
}

Result<Environment> CheckEnvironment(std::string_view environment) {
  if (const auto parsed = ParseEnvironment(environment)) return *parsed;
  return BadEnvironment(environment);
}

Result<Environment> CheckFind(std::string_view environment, std::string_view app_id,
                              std::string_view name) {
  const std::optional<Environment> parsed = ParseEnvironment(environment);
  if (!parsed.has_value()) return BadEnvironment(environment);
  if (app_id.empty()) return InvalidField("appId", "", "must not be empty");
  if (Status app = CheckName("appId", app_id, kAppMax); !app.ok()) return app.error();
  if (name.empty()) return InvalidField("serviceName", "", "must not be empty");
  if (IsLongerThan(name, kFindNameMax)) return TooLong("serviceName", name, kFindNameMax);
  if (!IsName(name, kAliasInner)) {
    return InvalidField("serviceName", name, "a name, or an alias, which may have ':'");
  }
  return *parsed;
}

Status CheckTags(std::span<const std::string_view> tags) {
  for (std::string_view tag : tags) {
    if (!IsTag(tag)) {
      return InvalidField("tag", tag, "a letter, then up to 63 letters, digits, '_', '-' and '.'");
    }
  }
  return {};
}

Status CheckTagMap(const Properties& tags, const RegistryOptions& options) {
  if (tags.size() > options.tags_max) {
    return InvalidField("tags", std::to_string(tags.size()) + " tags",
                        "at most " + std::to_string(options.tags_max));
  }
  for (const auto& [key, value] : tags) {
    const std::string_view both[] = {key, value};
    if (Status good = CheckTags(both); !good.ok()) return good;
  }
  return {};
}

Status CheckSchemaId(std::string_view id) {
  if (id.empty() || id.size() > kSchemaIdMax || !IsName(id, kNameInner)) {
    return InvalidField("schemaId", id, kNameRule);
  }
  return {};
}

Status CheckSchema(const Schema& schema, const RegistryOptions& options) {
  if (Status id = CheckSchemaId(schema.id); !id.ok()) return id;
  if (schema.summary.size() > kNameMax || !std::ranges::all_of(schema.summary, IsAlnum)) {
    return InvalidField("summary", schema.summary, "at most 128 letters and digits");
  }
  if (schema.content.empty()) return InvalidField("schema", "", "must not be empty");
  if (schema.content.size() > options.schema_bytes_max) {
    return InvalidField("schema", std::to_string(schema.content.size()) + " bytes",
                        "at most " + std::to_string(options.schema_bytes_max));
  }
  return {};
}

Status CheckSchemaBatch(std::span<const Schema> schemas, const RegistryOptions& options) {
  if (schemas.empty() || schemas.size() > options.schemas_max) {
    return InvalidField("schemas", std::to_string(schemas.size()) + " schemas",
                        "1 to " + std::to_string(options.schemas_max));
  }
  for (const Schema& schema : schemas) {
    if (Status good = CheckSchema(schema, options); !good.ok()) return good;
    if (schema.summary.empty()) {
      return InvalidField("summary", "", "each schema of a batch must have one");
    }
  }
  return {};
}

namespace {

bool IsRuleAttribute(std::string_view attribute) {
  constexpr std::string_view kTagPrefix = "tag_";
  if (attribute.starts_with(kTagPrefix)) {
    // The manual's own example, 8.3.4, asks for tag_123, which is no tag's key.
    const std::string_view key = attribute.substr(kTagPrefix.size());
    return !key.empty() && key.size() <= kTagMax &&
           std::ranges::all_of(key, [](char c) { return IsAlnum(c) || Has(kNameInner, c); });
  }
  constexpr std::string_view kKnown[] = {"ServiceId",   "AppId", "ServiceName", "Version",
                                         "Description", "Level", "Status"};
  return std::ranges::find(kKnown, attribute) != std::end(kKnown);
}

Status CheckRule(const Rule& rule) {
  constexpr std::size_t kPatternMax = 64;
  if (IsLongerThan(rule.id, kIdMax)) return TooLong("ruleId", rule.id, kIdMax);
  if (rule.type == RuleType::kUnset) return InvalidField("ruleType", "", "WHITE or BLACK");
  if (!IsRuleAttribute(rule.attribute)) {
    return InvalidField("attribute", rule.attribute,
                        "ServiceId, AppId, ServiceName, Version, Description, Level, Status or "
                        "tag_ and up to 64 letters, digits, '_', '-' and '.'");
  }
  if (rule.pattern.empty() || IsLongerThan(rule.pattern, kPatternMax)) {
    return InvalidField("pattern", rule.pattern, "1 to 64 characters");
  }
  if (IsLongerThan(rule.description, kDescriptionMax)) {
    return TooLong("description", rule.description, kDescriptionMax);
  }
  return {};
}

}  // namespace

Status CheckRules(std::span<const Rule> rules, const RegistryOptions& options) {
  if (rules.size() > options.rules_max) {
    return InvalidField("rules", std::to_string(rules.size()) + " rules",
                        "at most " + std::to_string(options.rules_max));
  }
  absl::flat_hash_set<std::string_view> ids;
  for (const Rule& rule : rules) {
    if (Status good = CheckRule(rule); !good.ok()) return good;
    if (!rule.id.empty() && !ids.insert(rule.id).second) {
      return InvalidField("ruleId", rule.id, "another rule has it already");
    }
  }
  return {};
}

Result<Environment> CheckExistence(const ExistenceQuery& query) {
  Result<Environment> environment = CheckFind(query.environment, query.app_id, query.name);
  if (!environment.ok()) return environment;
  if (Status version = CheckVersion(query.version); !version.ok()) return version.error();
  return environment;
}

Millis LeaseOf(const HealthCheck& check) {
  // Wire compatibility: times + 1 intervals. Both factors are below 2^31, so nothing overflows
  // where the reference's 32 bits would wrap; a lease is at most ten years, which is what "for
  // ever" means.
  constexpr std::int64_t kSecondsMax = 10LL * 365 * 24 * 3600;
  const std::int64_t seconds = check.interval_s * (check.times + 1);
  return std::chrono::seconds(std::min(seconds, kSecondsMax));
}

}  // namespace skep::core
