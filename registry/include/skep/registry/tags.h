/// Tags: the labels of one tenant's microservices, and what a consumer can ask for by them.
///
/// Reached through Registry::tags(); copying is cheap. A tag belongs to the microservice, not to
/// its instances; the filter of Discovery and Instances looks at the keys alone. Every change moves
/// the versions of the lists that the microservice is found in; the microservice's own time of
/// modification stays. Source of the rules: spec section 4.
///
/// A key is a letter, then up to 63 letters, digits, '_', '-' and '.'; so is a value.
///
/// Thread-safety: any thread.
#ifndef SKEP_REGISTRY_TAGS_H_
#define SKEP_REGISTRY_TAGS_H_

#include <memory>
#include <span>
#include <string_view>

#include "skep/ack.h"
#include "skep/registry/ids.h"
#include "skep/registry/types.h"
#include "skep/result.h"

namespace skep {

namespace core {
class RegistryCore;
struct TenantHandle;
}  // namespace core

/// Key to value. Immutable.
using TagsPtr = std::shared_ptr<const Properties>;

class Tags {
 public:
  Tags(core::RegistryCore* core, const core::TenantHandle* tenant) : core_(core), tenant_(tenant) {}

  /// All of them; never null. Errors: kInvalidParams (the id); kServiceNotExists.
  Result<TagsPtr> Get(ServiceIdView service_id) const;

  /// Puts `tags` in the place of all that there are; none clears them. Equal ones are no change.
  /// Errors: kInvalidParams, also for more than RegistryOptions::tags_max; kServiceNotExists.
  Result<Revision> Replace(ServiceIdView service_id, Properties tags, Ack ack = Ack::kDurable);

  /// Gives one that is there another value.
  /// Errors: kInvalidParams; kServiceNotExists; kTagNotExists.
  Result<Revision> Set(ServiceIdView service_id, std::string_view key, std::string_view value,
                       Ack ack = Ack::kDurable);

  /// Removes all of `keys`, or none where one of them is not there.
  /// Errors: kInvalidParams, also for no key; kServiceNotExists; kTagNotExists.
  Result<Revision> Delete(ServiceIdView service_id, std::span<const std::string_view> keys,
                          Ack ack = Ack::kDurable);

 private:
  core::RegistryCore* core_;
  const core::TenantHandle* tenant_;
};

}  // namespace skep

#endif  // SKEP_REGISTRY_TAGS_H_
