// KvListRequest: the query string of a list of items, read as the API does (spec kie 3.3, 5.1.1).
#ifndef SKEP_SERVER_CODEC_KV_REQUEST_H_
#define SKEP_SERVER_CODEC_KV_REQUEST_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "server/codec/query_string.h"
#include "skep/kie/config_center.h"
#include "skep/result.h"

namespace skep::server {

/// `name:value` of a `label` parameter. Errors: kInvalidParams (not two parts).
Result<std::pair<std::string_view, std::string_view>> ReadLabel(std::string_view text);

/// offset and limit. Errors: kInvalidParams (no numbers); what they may be the configuration center
/// knows.
Status ReadOffset(std::string_view text, std::int64_t* offset);
Status ReadLimit(std::string_view text, std::optional<std::int64_t>* limit);

/// A query with a pair that cannot be read: dropping it, as the reference does, would answer
/// another question. Errors: kInvalidParams.
Status CheckPairs(const QueryString& pairs);

/// The same for who looks up names alone (QueryValues).
Status CheckPairs(std::string_view query);

/// Labels of a query that are read; those behind them are passed over. It is one more than a query
/// may have, so one whose labels are cut is one that will be refused.
inline constexpr std::size_t kQueryLabelsReadMax = 9;

class KvListRequest {
 public:
  /// `query` is borrowed.
  explicit KvListRequest(std::string_view query) : pairs_(query) {}

  /// Once, before anything else. Errors: kInvalidParams.
  Status Read();

  /// Views live as long as this request and what it borrows.
  const KvQuery& query() const { return query_; }

  /// The revision that the client knows; any number.
  std::optional<std::int64_t> revision() const { return revision_; }

  /// Zero: none, or none that is worth waiting.
  std::chrono::nanoseconds wait() const { return wait_; }

  // As they were sent; of several labels the first (spec kie 8.2).
  std::string_view label_text() const { return label_text_; }
  std::string_view revision_text() const { return revision_text_; }
  std::string_view wait_text() const { return wait_text_; }

 private:
  Status ReadPair(std::string_view name, std::string_view value);
  Status ReadRevision();
  Status ReadWait();

  QueryString pairs_;
  KvQuery query_;
  std::optional<std::int64_t> revision_;
  std::chrono::nanoseconds wait_{0};
  std::string_view label_text_;
  std::string_view revision_text_;
  std::string_view wait_text_;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_KV_REQUEST_H_
