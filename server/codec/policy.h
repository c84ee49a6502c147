// Policies: the governance rules of a console (spec 14), which are items of the configuration
// center, so that clients see them through it.
//
// A policy of kind "rate-limiting" and name "scene-a1b2" is the item with the key
// "servicecomb.rateLimiting.scene-a1b2", the policy's selector as its labels and its spec, as YAML,
// as its value. A match group says which requests are meant; a policy of another kind is for the
// group of its own name.
#ifndef SKEP_SERVER_CODEC_POLICY_H_
#define SKEP_SERVER_CODEC_POLICY_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "server/codec/document.h"
#include "skep/kie/types.h"
#include "skep/result.h"

namespace skep::server {

/// What the keys of all policies begin with.
inline constexpr std::string_view kPolicyKeyPrefix = "servicecomb.";

inline constexpr std::string_view kMatchGroupKind = "match-group";

/// The kinds that are for a match group, as keys spell them, in the order in which they are shown.
inline constexpr std::string_view kGroupedKindsInKeys[] = {
    "retry",          "rateLimiting", "circuitBreaker", "instanceIsolation",
    "faultInjection", "bulkhead",     "loadbalance"};

/// A policy as a client sends it.
struct PolicySpec {
  std::string name{};
  Labels selector{};
  KvStatus status = KvStatus::kUnset;
  Document spec{};
};

/// A policy as it is stored.
struct Policy {
  std::string kind;
  KeyValuePtr kv;
  Document spec;  ///< A map, or null where nothing is specified.
};

/// "rateLimiting" of "rate-limiting": how a key spells a kind.
std::string PolicyKindInKey(std::string_view kind);

/// What the keys of a kind's policies begin with; their names follow.
std::string PolicyKeyPrefix(std::string_view kind);

/// What a key says of its policy; both are empty where it is no policy's.
struct PolicyKey {
  std::string_view kind;  ///< As it is spelled there.
  std::string_view name;
};
PolicyKey ReadPolicyKey(std::string_view key);

/// Whether a policy of this kind may have this spec. Errors: RegistryErrc::kInvalidParams (a kind
/// that is not known; a member that is missing, or not what it should be).
Status CheckPolicySpec(std::string_view kind, const Document& spec);

/// The item that a new policy becomes: enabled, whatever its status says.
KvSpec PolicyItem(std::string_view kind, const PolicySpec& policy);

/// What changing a policy changes: spec and, if given, status. Name and selector are what makes it
/// the policy that it is.
KvUpdate PolicyUpdate(const PolicySpec& policy);

/// "scene-" and four letters or digits made of `random`: the name of a match group that has none.
std::string NewGroupName(std::uint64_t random);

/// Whether an item is a policy of this kind, by its key. Errors: KieErrc::kNotExists.
Status CheckPolicyItem(std::string_view kind, const KeyValue& kv);

/// The policy that an item is. Errors: KieErrc::kNotExists (it is none of this kind, or its value
/// is not a map).
Result<Policy> ReadPolicyItem(std::string_view kind, const KeyValuePtr& kv);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_POLICY_H_
