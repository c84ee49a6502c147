// The configuration center's items as JSON (spec kie 2).
#ifndef SKEP_SERVER_CODEC_KV_JSON_H_
#define SKEP_SERVER_CODEC_KV_JSON_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/codec/json_reader.h"
#include "skep/kie/config_center.h"
#include "skep/result.h"

namespace skep::server {

/// How much of an item an answer shows beside its content.
enum class KvDetail : std::uint8_t {
  kPlain,   ///< Lists and what a write yields.
  kFormat,  ///< And the label format: an item got by its id (5.3.1).
  kAll,     ///< And project and domain: history (5.9.1).
};

/// Appends the item. What lists and a get by id show is kept in the item's memo slot.
void AppendKv(const KeyValue& kv, KvDetail detail, std::string* out);

/// {"total":N,"data":[...]}; both are always there.
void AppendKvListBody(std::span<const KeyValuePtr> items, std::size_t total, std::string* out);

/// The same of the states in a history.
void AppendKvHistoryBody(const KvHistory& history, std::string* out);

/// {"success":[...],"failure":[...]} (2.2.2).
void AppendImportBody(const ImportResult& result, std::string* out);

/// {"data":[...],"total":N} (2.2.6).
void AppendPollsBody(std::span<const std::shared_ptr<const PollRecord>> polls, const Tenant& tenant,
                     std::string* out);

struct KieHealth {
  std::string_view version;
  Revision revision;
  std::int64_t unix_seconds = 0;
  std::size_t items = 0;
};

/// 2.2.7.
void AppendKieHealthBody(const KieHealth& health, std::string* out);

// What clients send. Errors: KieErrc::kInvalidParams.

/// An item to be created (5.2.1).
Result<KvSpec> ReadKvSpec(JsonReader& reader, std::string_view body);

/// An item's change (5.4.1).
Result<KvUpdate> ReadKvUpdate(JsonReader& reader, std::string_view body);

/// {"ids":[...]} (2.2.5).
Result<std::vector<std::string>> ReadKvIds(JsonReader& reader, std::string_view body);

/// Reads one item within a body; false: the reader's TypeError() says why not.
bool ReadKv(const JsonValue& value, KvSpec* spec);

/// The same of a map of labels, within kLabelsReadMax.
bool ReadLabels(const JsonValue& value, Labels* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_KV_JSON_H_
