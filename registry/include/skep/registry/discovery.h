/// Discovery: which instances offer a microservice, now.
///
/// Reached through Registry::discovery(); copying is cheap. A find is a few hash look-ups: the
/// instances of an (environment, app, name) are kept as one immutable list, which all answers share
/// until something changes. Source of the rules: API manual 8.5.9, spec sections 7.1 to 7.6.
///
///   auto found = registry.discovery().Find(consumer, {.app_id = "shop", .name = "cart"}).value();
///   for (const Instance& instance : found.instances()) Use(*instance.endpoints().begin());
///
/// Thread-safety: any thread. Finds never wait for a writer's work, only for its swap.
#ifndef SKEP_REGISTRY_DISCOVERY_H_
#define SKEP_REGISTRY_DISCOVERY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/memo.h"
#include "skep/registry/types.h"
#include "skep/result.h"

namespace skep {

namespace core {
class RegistryCore;
struct SnapshotStripe;
struct TenantHandle;
}  // namespace core

/// Names the state of an answer: equal versions, equal answers. Opaque; compare for equality.
class ListVersion {
 public:
  ListVersion() = default;
  ListVersion(Revision revision, std::uint64_t selection)
      : revision_(revision), selection_(selection) {}

  /// The change that the list was last altered by.
  Revision revision() const { return revision_; }

  /// As on the wire (X-Resource-Revision); at most 37 characters, never empty.
  std::string str() const;

  /// True where `text` is this version's str(). An empty or foreign text is not.
  bool Is(std::string_view text) const;

  friend bool operator==(const ListVersion&, const ListVersion&) = default;

 private:
  std::size_t Write(char* out) const;

  Revision revision_;
  std::uint64_t selection_ = 0;  ///< Zero: all of the family; else a hash of what was selected.
};

/// All views are borrowed for the call.
struct FindQuery {
  /// Empty: the empty environment, not "any". One of the five also where another counts: see Find.
  std::string_view environment{};
  std::string_view app_id{};
  std::string_view name{};  ///< The name, or the alias where nothing has that name.
  /// Only microservices that have every one of these tag keys.
  std::span<const std::string_view> tags{};
  /// ListVersion::str() of an earlier answer; where it still holds, the answer has no instances.
  std::string_view known{};
};

struct ListQuery {
  ServiceIdView consumer{std::string_view()};  ///< Empty: nobody.
  std::span<const std::string_view> tags{};
  std::string_view known{};
};

/// A shared reference to one immutable list of instances.
class SnapshotHandle {
 public:
  SnapshotHandle() = default;
  /// Takes over one reference that was taken on `stripe`.
  explicit SnapshotHandle(const core::SnapshotStripe* stripe) : stripe_(stripe) {}
  SnapshotHandle(const SnapshotHandle& other);
  SnapshotHandle(SnapshotHandle&& other) noexcept
      : stripe_(std::exchange(other.stripe_, nullptr)) {}
  SnapshotHandle& operator=(SnapshotHandle other) noexcept {
    std::swap(stripe_, other.stripe_);
    return *this;
  }
  ~SnapshotHandle() {
    if (stripe_ != nullptr) Release();
  }

  explicit operator bool() const { return stripe_ != nullptr; }

  /// Empty for an empty handle, which has no revision and no memo.
  std::span<const Instance> instances() const;
  Revision revision() const;
  const MemoSlot& memo() const;

 private:
  void Release();

  const core::SnapshotStripe* stripe_ = nullptr;
};

class FindResult {
 public:
  /// All instances of a family.
  explicit FindResult(SnapshotHandle whole) : whole_(std::move(whole)) {}
  /// Some of them.
  FindResult(std::vector<Instance> some, ListVersion version)
      : some_(std::make_unique<Some>(Some{std::move(some), version})) {}
  /// Nothing new for who knows `version`.
  static FindResult NotModified(ListVersion version) {
    FindResult result({}, version);
    result.some_->not_modified = true;
    return result;
  }

  /// True: what the caller knows still holds, and instances() is empty.
  bool not_modified() const { return some_ != nullptr && some_->not_modified; }

  /// Lives as long as this result.
  std::span<const Instance> instances() const {
    return some_ != nullptr ? std::span<const Instance>(some_->instances) : whole_.instances();
  }

  ListVersion version() const {
    return some_ != nullptr ? some_->version : ListVersion(whole_.revision(), 0);
  }

  /// The family's shared list where the answer is all of it, else an empty handle.
  const SnapshotHandle& whole() const { return whole_; }

 private:
  struct Some {
    std::vector<Instance> instances;
    ListVersion version;
    bool not_modified = false;
  };

  SnapshotHandle whole_;
  std::unique_ptr<Some> some_;
};

/// The state of one instance as a version; the same wherever one instance is answered with.
inline ListVersion VersionOf(const Instance& instance) { return {instance.revision(), 1}; }

/// Elements of one batch find, both kinds together.
inline constexpr std::size_t kBatchFindElementsMax = 1'000;

/// Names one instance.
struct InstanceQuery {
  ServiceIdView service_id{std::string_view()};
  InstanceIdView instance_id{std::string_view()};
  std::string_view known{};  ///< ListVersion::str() of an earlier answer.
};

struct BatchQuery {
  std::span<const FindQuery> services{};
  std::span<const InstanceQuery> instances{};
};

/// One answer for each element, in the order asked.
struct BatchFound {
  std::vector<Result<FindResult>> services{};
  std::vector<Result<FindResult>> instances{};
};

class Discovery {
 public:
  Discovery(core::RegistryCore* core, const core::TenantHandle* tenant)
      : core_(core), tenant_(tenant) {}

  /// Finds for nobody in particular: every provider is visible. Instances of all versions and of
  /// every status are in the answer; none is an empty answer, not an error.
  /// Errors: kInvalidParams; kServiceNotExists where nothing has this name or alias.
  Result<FindResult> Find(const FindQuery& query) const;

  /// Finds for a consumer: the environment is the consumer's, whatever the query says; providers of
  /// another app are visible only with the property allowCrossApp=true, and what a provider's Rules
  /// say counts; hidden ones are left out of the answer. The consumer is recorded as depending on
  /// the provider. Shared microservices (RegistryOptions) are found whoever asks, and no dependency
  /// is recorded. Errors: as above, and kServiceNotExists for an unknown consumer. An empty id is
  /// nobody.
  Result<FindResult> Find(ServiceIdView consumer, const FindQuery& query) const;

  /// Many finds in one call (7.6), for a consumer or, with an empty id, for nobody. An element of
  /// `services` is answered as by Find, but a name that is only an alias finds nothing; one of
  /// `instances` as by Instances::Get. An element may fail by itself; all fail with kInvalidParams
  /// where there is none, there are more than the limit, or one breaks a rule of its fields.
  Result<BatchFound> BatchFind(ServiceIdView consumer, const BatchQuery& query) const;

 private:
  core::RegistryCore* core_;
  const core::TenantHandle* tenant_;
};

}  // namespace skep

#endif  // SKEP_REGISTRY_DISCOVERY_H_
