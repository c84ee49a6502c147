// Rules as they stand in the body of a registration, and in a console's view of a microservice (API
// manual 10.2.4).
#ifndef SKEP_SERVER_CODEC_RULE_JSON_H_
#define SKEP_SERVER_CODEC_RULE_JSON_H_

#include <string>
#include <vector>

#include "server/codec/json_reader.h"
#include "skep/registry/rules.h"

namespace skep::server {

/// An array of rules. False: TypeError() of the reader says why.
bool ReadRules(const JsonValue& value, std::vector<Rule>* out);

void AppendRule(const Rule& rule, std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_RULE_JSON_H_
