// Items of the configuration center as YAML: bodies of requests in, and of replies out.
//
// Read is one document, a map. Texts may be scalars of any type and are taken as they stand
// (`value: 2` is "2"), null is the empty value, members that are not known are passed over, of two
// with one name the last one counts (spec kie 1.3.3). Types are checked here, the rules of the
// field by the configuration center.
//
// Not taken, each with an error that names the line: anchors and aliases (a few lines of them can
// stand for gigabytes), merge keys, tags other than those of plain types, control characters, text
// that is not UTF-8, a second document, and what exceeds a limit below. All errors are
// kInvalidParams unless said otherwise.
//
// The cost: time grows with the body alone, at some 5 to 20 MB a second. The parser keeps some 40
// bytes for every member and every element that it has passed, and up to 100 MB for what it cannot
// tell of yet; items are moved out as they end.
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

/// Bytes of a body. A quarter of what an import may have as JSON: reading so much takes seconds,
/// for which the connection's thread does nothing else, and at worst takes some 150 MB.
inline constexpr std::size_t kYamlBytesMax = std::size_t{16} << 20;

/// Maps and lists within one another.
inline constexpr std::size_t kYamlDepthMax = 64;

/// Bytes of one scalar, comments before it included, however its characters are escaped.
inline constexpr std::size_t kYamlScalarBytesMax = std::size_t{8} << 20;

/// Characters that mean something to YAML within one scalar, or within one `{...}` or `[...]` that
/// stands where a key could: the parser remembers all of such a one before it says anything of it.
inline constexpr std::size_t kYamlPendingMax = std::size_t{256} << 10;

/// An item to be created.
Result<KvSpec> ReadKvYaml(std::string_view body);

/// Value and status; an empty value is none (spec kie 5.4.2).
Result<KvUpdate> ReadKvUpdateYaml(std::string_view body);

/// The items of `data`; null items are left out (spec kie 9.1). No data, no items.
/// Errors: also kNotEnoughQuota (more than `items_max`).
Result<std::vector<KvSpec>> ReadImportYaml(std::string_view body,
                                           std::size_t items_max = kImportItemsMax);

/// The members of an item that a write answers with (spec kie 2.1.2).
std::string KvYaml(const KeyValue& kv);

/// What an import answers with (spec kie 2.2.3).
std::string ImportResultYaml(const ImportResult& result);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_KV_YAML_H_
