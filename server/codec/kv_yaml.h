// Items of the configuration center as YAML: bodies of requests in, and of replies out.
//
// Read is one document, a map. Texts may be scalars of any type and are taken as they stand
// (`value: 2` is "2"), null is the empty value, members that are not known are passed over, of two
// with one name the last one counts (spec kie 1.3.3). Types are checked here, the rules of the
// field by the configuration center.
//
// What is not taken, and what reading costs, is in yaml_reader.h; merge keys are refused as well.
// All errors are kInvalidParams unless said otherwise. Items are moved out as they end.
#ifndef SKEP_SERVER_CODEC_KV_YAML_H_
#define SKEP_SERVER_CODEC_KV_YAML_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "server/codec/kv_body.h"
#include "skep/kie/import.h"
#include "skep/kie/types.h"
#include "skep/result.h"

namespace skep::server {

/// An item to be created.
Result<KvSpec> ReadKvYaml(std::string_view body);

/// Value and status; an empty value is none (spec kie 5.4.2).
Result<KvUpdate> ReadKvUpdateYaml(std::string_view body);

/// The items of `data`; null items are left out (spec kie 9.1). No data, no items.
/// Errors: also kNotEnoughQuota (more than `items_max`).
Result<std::vector<KvSpec>> ReadImportYaml(std::string_view body, std::size_t items_max);

/// The members of an item that a write answers with (spec kie 2.1.2).
std::string KvYaml(const KeyValue& kv);

/// What an import answers with (spec kie 2.2.3).
std::string ImportResultYaml(const ImportResult& result);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_KV_YAML_H_
