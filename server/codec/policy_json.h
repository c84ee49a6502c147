// Policies as JSON (spec 14).
#ifndef SKEP_SERVER_CODEC_POLICY_JSON_H_
#define SKEP_SERVER_CODEC_POLICY_JSON_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/codec/json_reader.h"
#include "server/codec/policy.h"
#include "skep/result.h"

namespace skep::server {

/// Errors: RegistryErrc::kInvalidParams (what JsonReader finds; a spec that is no object).
Result<PolicySpec> ReadPolicySpec(JsonReader& reader, std::string_view body);

/// {"id":"..."}: what a new policy is answered with.
void AppendPolicyIdBody(std::string_view id, std::string* out);

/// {"name":...,"id":...,"status":...,"creatTime":...,"updateTime":...,"selector":{...},"kind":...,
/// "spec":{...}}
void AppendPolicy(const Policy& policy, std::string* out);

/// [...]
void AppendPoliciesBody(std::span<const Policy> policies, std::string* out);

/// A match group, and the policies that are for it.
struct PolicyGroup {
  const Policy* group;
  std::vector<const Policy*> policies;
};

/// [{"policies":[...],"matchGroup":{...}}]
void AppendPolicyGroupsBody(std::span<const PolicyGroup> groups, std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_POLICY_JSON_H_
