#include "registry/core/errors.h"

#include <string>

#include "base/text.h"

namespace skep {
namespace {

class RegistryCategoryImpl final : public std::error_category {
 public:
  const char* name() const noexcept override { return "skep.registry"; }

  std::string message(int code) const override {
    switch (static_cast<RegistryErrc>(code)) {
      case RegistryErrc::kInvalidParams:
        return "Invalid parameter(s)";
      case RegistryErrc::kUnhealthy:
        return "Server is Unhealthy";
      case RegistryErrc::kServiceAlreadyExists:
        return "Micro-service already exists";
      case RegistryErrc::kServiceNotExists:
        return "Micro-service does not exist";
      case RegistryErrc::kServiceHasInstances:
        return "Micro-service has deployed instance(s)";
      case RegistryErrc::kSchemaNotExists:
        return "Schema does not exist";
      case RegistryErrc::kInstanceNotExists:
        return "Instance does not exist";
      case RegistryErrc::kTagNotExists:
        return "Tag does not exist";
      case RegistryErrc::kServiceHasConsumers:
        return "Consumer(s) depends on this micro-service";
      case RegistryErrc::kServiceVersionNotExists:
        return "Micro-service version does not exist";
      case RegistryErrc::kNotEnoughQuota:
        return "Not enough quota";
      case RegistryErrc::kForbidden:
        return "Forbidden";
      case RegistryErrc::kTooManyRequests:
        return "Too many requests";
      case RegistryErrc::kInternal:
        return "Internal server error";
      case RegistryErrc::kUnavailable:
        return "Service is unavailable";
    }
    return "Unknown error";
  }
};

}  // namespace

const std::error_category& RegistryCategory() {
  static const RegistryCategoryImpl category;
  return category;
}

std::error_code make_error_code(RegistryErrc code) {
  return {static_cast<int>(code), RegistryCategory()};
}

namespace core {
namespace {

constexpr std::size_t kQuotedBytesMax = 80;

// A client's text inside a message: quoted and cut at a character, so that no answer grows with a
// bad request and none is cut within a character.
std::string Quoted(std::string_view text) {
  const std::string_view shown = base::CutAtCharacter(text, kQuotedBytesMax);
  std::string out = "\"";
  out.append(shown);
  if (shown.size() < text.size()) out += "...";
  return out += '"';
}

std::string In(const Tenant& tenant) { return " in " + tenant.domain + "/" + tenant.project; }

std::string Key(Environment environment, std::string_view app_id, std::string_view name) {
  return std::string(ToString(environment)) + "/" + std::string(app_id) + "/" + std::string(name);
}

}  // namespace

Error InvalidField(std::string_view field, std::string_view value, std::string_view rule) {
  return {RegistryErrc::kInvalidParams,
          "invalid " + std::string(field) + " " + Quoted(value) + ": " + std::string(rule)};
}

Error MissingBody(std::string_view what) {
  return {RegistryErrc::kInvalidParams, "Request body is empty: no " + std::string(what)};
}

Error ServiceNotExists(std::string_view id, const Tenant& tenant) {
  return {RegistryErrc::kServiceNotExists,
          "Service does not exist: " + Quoted(id) + In(tenant) + "; register it first"};
}

Error ConsumerNotExists(std::string_view id, const Tenant& tenant) {
  return {RegistryErrc::kServiceNotExists,
          "Consumer[" + std::string(id) + "] does not exist" + In(tenant) + "; register it first"};
}

Error ProviderNotExists(std::string_view id, const Tenant& tenant) {
  return {RegistryErrc::kServiceNotExists,
          "Provider[" + std::string(id) + "] does not exist" + In(tenant)};
}

Error FamilyNotExists(Environment environment, std::string_view app_id, std::string_view name) {
  return {RegistryErrc::kServiceNotExists,
          "provider[" + Key(environment, app_id, name) + "] does not exist"};
}

Error VersionNotExists(Environment environment, std::string_view app_id, std::string_view name,
                       std::string_view version) {
  return {RegistryErrc::kServiceVersionNotExists,
          Key(environment, app_id, name) + "/" + std::string(version) + " version mismatch"};
}

Error ProviderHidden(std::string_view id) {
  return {RegistryErrc::kServiceNotExists,
          "Provider[" + std::string(id) +
              "] has no instances for this consumer: another app or "
              "environment, a rule, or a tag that it lacks"};
}

Error ServiceIdConflict(std::string_view wanted, std::string_view existing, Revision rests_on) {
  return {RegistryErrc::kServiceAlreadyExists,
          "ServiceID conflict or found the same service with different id: wanted " +
              Quoted(wanted) + ", there is " + Quoted(existing),
          rests_on};
}

Error ServiceHasInstances(std::string_view id, std::size_t count, Revision rests_on) {
  return {RegistryErrc::kServiceHasInstances,
          "Can not delete " + Quoted(id) + ": it has " + std::to_string(count) +
              " instance(s); unregister them or delete by force",
          rests_on};
}

Error ServiceHasConsumers(std::string_view id, Revision rests_on) {
  return {RegistryErrc::kServiceHasConsumers,
          "Can not delete " + Quoted(id) +
              ": other services rely on it; delete by force to ignore "
              "them",
          rests_on};
}

Error ServiceInUseByProcess(std::string_view id) {
  return {RegistryErrc::kInvalidParams,
          "not allowed to delete " + Quoted(id) + ": it stands for this process itself"};
}

Error TagNotExists(std::string_view service_id, std::string_view key, Revision rests_on) {
  return {RegistryErrc::kTagNotExists,
          "Tag " + Quoted(key) + " of " + Quoted(service_id) + " does not exist; add it first",
          rests_on};
}

Error SchemaNotExists(std::string_view service_id, std::string_view schema_id, Revision rests_on) {
  return {RegistryErrc::kSchemaNotExists,
          "schema " + Quoted(schema_id) + " of " + Quoted(service_id) +
              " does not exist, or has no content yet; upload it first",
          rests_on};
}

Error SchemaTwice(std::string_view schema_id) {
  return InvalidField("schemaId", schema_id, "twice in one batch");
}

Error InstanceNotExists(std::string_view service_id, InstanceIdView id) {
  return {RegistryErrc::kInstanceNotExists,
          "instance " + Quoted(id.str()) + " of " + Quoted(service_id) +
              " does not exist, or its lease has ended; register it again"};
}

Error StatusUnset() {
  return InvalidField("status", "", "UP, DOWN, STARTING, TESTING or OUTOFSERVICE");
}

Error ConsumerKeyNotExists(std::string_view key) {
  return {RegistryErrc::kServiceNotExists,
          "Consumer " + std::string(key) + " does not exist; register it first"};
}

Error DuplicateProvider(std::string_view key) {
  return {RegistryErrc::kInvalidParams,
          "provider " + Quoted(key) + " is there twice under one consumer; name it once"};
}

Error QuotaReached(std::string_view resource, std::size_t limit, const Tenant& tenant) {
  return {RegistryErrc::kNotEnoughQuota, "no quota to create " + std::string(resource) +
                                             ", max num is " + std::to_string(limit) + In(tenant) +
                                             "; delete some or raise the limit"};
}

Error AnswerTooLong(std::size_t limit, const Tenant& tenant) {
  return {RegistryErrc::kNotEnoughQuota, "the answer would have more than " +
                                             std::to_string(limit) + " items" + In(tenant) +
                                             "; ask for fewer microservices or fewer parts"};
}

Error TenantInvalid(const Tenant& tenant) {
  return InvalidField("tenant", tenant.domain + "/" + tenant.project,
                      "domain and project have 1 to 256 bytes each");
}

Error TenantsFull(std::size_t limit) {
  return {RegistryErrc::kNotEnoughQuota, "no quota for another tenant, max num is " +
                                             std::to_string(limit) +
                                             "; raise the limit tenants_max"};
}

Error WatchesFull(std::size_t limit) {
  return {RegistryErrc::kTooManyRequests, "no room for another watch, max num is " +
                                              std::to_string(limit) +
                                              "; end some or raise the limit watches_max"};
}

}  // namespace core
}  // namespace skep
