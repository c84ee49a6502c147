/// Schemas: the contracts of one tenant's microservices.
///
/// Reached through Registry::schemas(); copying is cheap. A microservice declares ids
/// (Microservice::schemas) when it registers and uploads contents here, each with a summary that is
/// kept as it is given. Contents may be overwritten in every environment. No change of a schema
/// shows in the lists of Discovery or in the microservice's time of modification. Source of the
/// rules: API manual 8.4 and 10.2.7, spec section 5.
///
/// Thread-safety: any thread.
#ifndef SKEP_REGISTRY_SCHEMAS_H_
#define SKEP_REGISTRY_SCHEMAS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "skep/ack.h"
#include "skep/registry/ids.h"
#include "skep/result.h"

namespace skep {

namespace core {
class RegistryCore;
struct TenantHandle;
}  // namespace core

struct Schema {
  std::string id{};       ///< 1 to 160 letters, digits, '_', '-' and '.'.
  std::string summary{};  ///< At most 128 letters and digits.
  std::string content{};  ///< Empty: the id is declared, and nothing uploaded.
};

using SchemaPtr = std::shared_ptr<const Schema>;

class Schemas {
 public:
  Schemas(core::RegistryCore* core, const core::TenantHandle* tenant)
      : core_(core), tenant_(tenant) {}

  /// One that has a content (5.2); also the answer to whether it exists (3.10).
  /// Errors: kInvalidParams (an id); kServiceNotExists; kSchemaNotExists.
  Result<SchemaPtr> Get(ServiceIdView service_id, std::string_view schema_id) const;

  /// All ids, the declared ones first and in their order, each with what was uploaded (5.3).
  /// Errors: kInvalidParams (the id); kServiceNotExists.
  Result<std::vector<SchemaPtr>> List(ServiceIdView service_id) const;

  /// Uploads one, or overwrites it (5.2). An id that is not declared becomes so. An equal one is no
  /// change. Errors: kInvalidParams; kServiceNotExists; kNotEnoughQuota where
  /// RegistryOptions::schemas_max ids are declared and this is none of them.
  Result<Revision> Put(ServiceIdView service_id, Schema schema, Ack ack = Ack::kDurable);

  /// Uploads all, in the place of whatever there was, declared ids included (5.3). Each needs a
  /// summary here. Errors: kInvalidParams (a field, none, more than RegistryOptions::schemas_max,
  /// an id twice), and then nothing has changed; kServiceNotExists.
  Result<Revision> ReplaceAll(ServiceIdView service_id, std::vector<Schema> schemas,
                              Ack ack = Ack::kDurable);

  /// Deletes content and summary; the id stays declared (5.3).
  /// Errors: kInvalidParams (an id); kServiceNotExists; kSchemaNotExists.
  Result<Revision> Delete(ServiceIdView service_id, std::string_view schema_id,
                          Ack ack = Ack::kDurable);

 private:
  core::RegistryCore* core_;
  const core::TenantHandle* tenant_;
};

}  // namespace skep

#endif  // SKEP_REGISTRY_SCHEMAS_H_
