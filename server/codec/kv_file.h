// The files of imports and exports (API manual 7.2.1 and 7.2.2, spec kie 9): items as JSON. What
// is exported may be imported as it is.
#ifndef SKEP_SERVER_CODEC_KV_FILE_H_
#define SKEP_SERVER_CODEC_KV_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/codec/json_reader.h"
#include "server/codec/kv_body.h"
#include "skep/kie/types.h"
#include "skep/result.h"

namespace skep::server {

/// The items of `data`, by the rules of JsonReader; null items are left out. No data, no items.
/// Errors: kInvalidParams; kNotEnoughQuota (more than `items_max`).
Result<std::vector<KvSpec>> ReadImportJson(JsonReader& reader, std::string_view body,
                                           std::size_t items_max);

/// The text of an export, piece by piece, so that whoever sends it need not have all of it at once:
///
///   KvExport text(list.items());
///   std::string out;
///   while (text.Next(&out)) {
///     if (out.size() > enough) out = Send(std::move(out));
///   }
///
/// {"metadata":{"version":"2.0.0"},"data":[{"id":...},...]}. Items stand in the order in which they
/// are given; listed with KvOrder::kKey, an export of what was imported elsewhere, under the same
/// domain and project, is the same byte for byte. Revisions and times are not in it.
class KvExport {
 public:
  explicit KvExport(std::vector<KeyValuePtr> items) : items_(std::move(items)) {}

  /// Appends the next piece, an item at most. False: that was all, and nothing is appended.
  bool Next(std::string* out);

 private:
  enum class At { kBegin, kItems, kEnd };

  const std::vector<KeyValuePtr> items_;
  At at_ = At::kBegin;
  std::size_t next_ = 0;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_KV_FILE_H_
