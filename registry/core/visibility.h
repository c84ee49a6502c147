// Who sees which microservice.
#ifndef SKEP_REGISTRY_CORE_VISIBILITY_H_
#define SKEP_REGISTRY_CORE_VISIBILITY_H_

#include <span>
#include <string_view>

#include "registry/core/service_entry.h"
#include "skep/registry/discovery.h"

namespace skep::core {

/// Whether the consumer's app and the provider's rules let it see the provider (spec 7.2, API
/// manual 10.2.4). Environments are the caller's to compare.
bool MaySee(const ServiceEntry& consumer, const ServiceEntry& provider);

/// Whether the service has every one of these tags (spec 7.3).
bool HasTags(const ServiceEntry& service, std::span<const std::string_view> keys);

/// A family's whole list, or that it is what the caller knows.
FindResult WholeUnlessKnown(SnapshotHandle whole, std::string_view known);

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_VISIBILITY_H_
