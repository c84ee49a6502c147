// What input is accepted (spec kie 3.1 to 3.3). Every function returns kInvalidParams or nothing.
#ifndef SKEP_KIE_CORE_VALIDATION_H_
#define SKEP_KIE_CORE_VALIDATION_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "skep/kie/query.h"
#include "skep/kie/types.h"
#include "skep/result.h"

namespace skep::core {

/// Domain and project keep the rule for names.
bool IsKieTenant(const Tenant& tenant);

Status CheckSpec(const Tenant& tenant, const KvSpec& spec);
Status CheckUpdate(const Tenant& tenant, std::string_view id, const KvUpdate& update);
Status CheckGet(const Tenant& tenant, std::string_view id);
/// All of it but the syntax of key_pattern. `labels` are the query's, each name once.
Status CheckQuery(const Tenant& tenant, const KvQuery& query, const Labels& labels);
/// `limit_max` zero: no upper bound.
Status CheckPage(std::int64_t offset, const std::optional<std::int64_t>& limit,
                 std::int64_t limit_max);

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_VALIDATION_H_
