// One factory for each fact of RegistryErrc: the only place where their words are chosen.
#ifndef SKEP_REGISTRY_CORE_ERRORS_H_
#define SKEP_REGISTRY_CORE_ERRORS_H_

#include <cstddef>
#include <string_view>

#include "registry/core/environment.h"
#include "skep/error.h"
#include "skep/registry/errors.h"
#include "skep/registry/ids.h"
#include "skep/tenant.h"

namespace skep::core {

/// `field` breaks `rule` with `value`, which is cut short where it is long.
Error InvalidField(std::string_view field, std::string_view value, std::string_view rule);
Error MissingBody(std::string_view what);
Error ServiceNotExists(std::string_view id, const Tenant& tenant);
Error ConsumerNotExists(std::string_view id, const Tenant& tenant);
Error ProviderNotExists(std::string_view id, const Tenant& tenant);
/// No microservice of that name or alias.
Error FamilyNotExists(Environment environment, std::string_view app_id, std::string_view name);
Error VersionNotExists(Environment environment, std::string_view app_id, std::string_view name,
                       std::string_view version);
Error ProviderHidden(std::string_view id);
Error ServiceIdConflict(std::string_view wanted, std::string_view existing, Revision rests_on);
Error ServiceHasInstances(std::string_view id, std::size_t count, Revision rests_on);
Error ServiceHasConsumers(std::string_view id, Revision rests_on);
Error ServiceInUseByProcess(std::string_view id);
Error TagNotExists(std::string_view service_id, std::string_view key, Revision rests_on);
Error SchemaNotExists(std::string_view service_id, std::string_view schema_id, Revision rests_on);
Error SchemaTwice(std::string_view schema_id);
Error InstanceNotExists(std::string_view service_id, InstanceIdView id);
/// A status that is none of the API's words.
Error StatusUnset();
/// No microservice with this key in exactly this version.
Error ConsumerKeyNotExists(std::string_view key);
Error DuplicateProvider(std::string_view key);
Error QuotaReached(std::string_view resource, std::size_t limit, const Tenant& tenant);
/// An answer would have more than `limit` parts.
Error AnswerTooLong(std::size_t limit, const Tenant& tenant);
Error TenantInvalid(const Tenant& tenant);
Error TenantsFull(std::size_t limit);
Error WatchesFull(std::size_t limit);

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_ERRORS_H_
