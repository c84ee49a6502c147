// Governance rules, kept as items of the configuration center (spec 14; codec/policy.h).
#ifndef SKEP_SERVER_ROUTES_POLICY_ROUTES_H_
#define SKEP_SERVER_ROUTES_POLICY_ROUTES_H_

#include "server/routes/call.h"

namespace skep::server {

/// Of one kind; or, under the name "display", each match group with the policies that are for it.
void ListPolicies(Call& call);

void CreatePolicy(Call& call);
void GetPolicy(Call& call);
void UpdatePolicy(Call& call);

/// Of a match group, also the policies that are for it.
void DeletePolicy(Call& call);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_POLICY_ROUTES_H_
