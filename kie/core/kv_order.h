// The orders of lists (spec kie 6.7.1, 9.2).
#ifndef SKEP_KIE_CORE_KV_ORDER_H_
#define SKEP_KIE_CORE_KV_ORDER_H_

#include <vector>

#include "skep/kie/query.h"
#include "skep/kie/types.h"

namespace skep::core {

/// By key, then label format.
bool IsBefore(const KvIdentity& a, const KvIdentity& b);

/// Sorts, and keeps the query's page.
void SortPage(const KvQuery& query, std::vector<KeyValuePtr>* items);

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_KV_ORDER_H_
