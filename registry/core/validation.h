// The rules of spec 3.1, 3.10, 6.1 and 7.1 on what clients send, and the defaults that fill it in.
//
// Patterns are written out as small predicates: they are fixed by the API and run on every request.
// Lengths: minimum in bytes, maximum in characters, as the reference counts them.
#ifndef SKEP_REGISTRY_CORE_VALIDATION_H_
#define SKEP_REGISTRY_CORE_VALIDATION_H_

#include <span>
#include <string_view>

#include "registry/core/environment.h"
#include "skep/registry/dependencies.h"
#include "skep/registry/discovery.h"
#include "skep/registry/microservices.h"
#include "skep/registry/options.h"
#include "skep/registry/rules.h"
#include "skep/registry/schemas.h"
#include "skep/registry/types.h"
#include "skep/result.h"

namespace skep::core {

/// Fills in defaults, then checks every field.
Status CompleteAndCheck(Microservice* service, const RegistryOptions& options);

/// Checks every field, then fills in defaults and raises what is below its floor.
Status CheckAndComplete(InstanceSpec* spec, const RegistryOptions& options);

/// A dependency's fields and the number of its providers; limits of the whole call are the
/// caller's. `providers_min` is 0 where none may be named (spec 8.2).
Status CheckDependency(const Dependency& dependency, std::size_t providers_min);

Status CheckServiceId(std::string_view id);
/// Of a find's consumer, which may be nobody (spec 7.1).
Status CheckConsumerId(std::string_view id);

Result<Environment> CheckEnvironment(std::string_view environment);

/// Checks all but the version, which only an ExistenceQuery has.
Result<Environment> CheckFind(std::string_view environment, std::string_view app_id,
                              std::string_view name);
Status CheckTags(std::span<const std::string_view> tags);
/// Keys, values and their number (spec 4).
Status CheckTagMap(const Properties& tags, const RegistryOptions& options);

/// Spec 5.1. A summary may be missing from a schema, not from one of a batch.
Status CheckSchemaId(std::string_view id);
Status CheckSchema(const Schema& schema, const RegistryOptions& options);
Status CheckSchemaBatch(std::span<const Schema> schemas, const RegistryOptions& options);

/// All but what RE2 says of the patterns (API manual 10.2.4).
Status CheckRules(std::span<const Rule> rules, const RegistryOptions& options);

Result<Environment> CheckExistence(const ExistenceQuery& query);

/// interval * (times + 1).
Millis LeaseOf(const HealthCheck& check);

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_VALIDATION_H_
