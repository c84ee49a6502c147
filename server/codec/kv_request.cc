#include "server/codec/kv_request.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "server/codec/kv_body.h"
#include "server/codec/time_text.h"

namespace skep::server {
namespace {

// What an error shows of what was sent.
constexpr std::size_t kShownMax = 32;

std::string Quoted(std::string_view text) {
  std::string quoted(1, '"');
  return quoted.append(text.substr(0, kShownMax)).append(1, '"');
}

// Base 10 with a sign or without.
std::optional<std::int64_t> ParseInt(std::string_view text) {
  if (text.starts_with('+') && !text.substr(1).starts_with('-')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<std::pair<std::string_view, std::string_view>> ReadLabel(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
    return InvalidKvRequest(
        "label value can not be empty, label can not be duplicated, please check query "
        "parameters");
  }
  return std::pair(text.substr(0, colon), text.substr(colon + 1));
}

Status ReadOffset(std::string_view text, std::int64_t* offset) {
  if (text.empty()) return {};
  const std::optional<std::int64_t> value = ParseInt(text);
  if (!value.has_value()) {
    return InvalidKvRequest("strconv.ParseInt: parsing " + Quoted(text) + ": invalid syntax");
  }
  *offset = *value;
  return {};
}

Status ReadLimit(std::string_view text, std::optional<std::int64_t>* limit) {
  if (text.empty()) return {};
  *limit = ParseInt(text);
  if (!limit->has_value()) return InvalidKvRequest("invalid limit number");
  return {};
}

Status CheckPairs(const QueryString& pairs) {
  if (!pairs.has_bad_pair()) return {};
  return InvalidKvRequest(
      "a query parameter holds a ';' or a bad escape; write %3B, or % and two digits");
}

Status CheckPairs(std::string_view query) {
  QueryString pairs(query);
  std::string_view name;
  std::string_view value;
  while (pairs.Next(&name, &value)) {
  }
  return CheckPairs(pairs);
}

Status KvListRequest::ReadPair(std::string_view name, std::string_view value) {
  if (name == "label") {
    if (label_text_.data() == nullptr) label_text_ = value;
    auto label = ReadLabel(value);
    if (!label.ok()) return label.error();
    // Of a repeated name the last one counts, and takes no place of its own.
    const auto same = std::ranges::find(query_.labels, label->first,
                                        [](const auto& known) { return known.first; });
    if (same != query_.labels.end()) {
      same->second = label->second;
    } else if (query_.labels.size() < kQueryLabelsReadMax) {
      query_.labels.push_back(*label);
    }
    return {};
  }
  if (name == "match") {
    query_.match = value == "exact" ? LabelMatch::kExact : LabelMatch::kSubset;
  } else if (name == "key") {
    query_.key = value;
  } else if (name == "value") {
    query_.value = value;
  } else if (name == "status") {
    query_.status = ParseKvStatus(value);
  } else if (name == "offset") {
    return ReadOffset(value, &query_.offset);
  } else if (name == "limit") {
    return ReadLimit(value, &query_.limit);
  } else if (name == "revision") {
    revision_text_ = value;
  } else if (name == "wait") {
    wait_text_ = value;
  }
  return {};
}

Status KvListRequest::Read() {
  std::string_view name;
  std::string_view value;
  // Of a parameter that may be there once the first one counts.
  enum : unsigned { kOnce = 8 };
  constexpr std::string_view kSingles[kOnce] = {"match",  "key",   "value",    "status",
                                                "offset", "limit", "revision", "wait"};
  unsigned seen = 0;
  while (pairs_.Next(&name, &value)) {
    const auto* single = std::ranges::find(kSingles, name);
    if (single != std::end(kSingles)) {
      const unsigned bit = 1U << static_cast<unsigned>(single - std::begin(kSingles));
      if ((seen & bit) != 0) continue;
      seen |= bit;
    }
    if (Status good = ReadPair(name, value); !good.ok()) return good;
  }
  if (Status good = CheckPairs(pairs_); !good.ok()) return good;
  if (Status good = ReadRevision(); !good.ok()) return good;
  return ReadWait();
}

Status KvListRequest::ReadRevision() {
  if (revision_text_.empty()) return {};
  revision_ = ParseInt(revision_text_);
  if (!revision_.has_value()) {
    return InvalidKvRequest("revision param should be formed with number greater than 0");
  }
  return {};
}

Status KvListRequest::ReadWait() {
  if (wait_text_.empty()) return {};
  std::string_view text = wait_text_;
  // One that is negative is no wait, if it is one at all.
  const bool is_negative = text.size() > 1 && text.front() == '-' && text[1] != '+';
  if (is_negative) text.remove_prefix(1);
  const auto wait = ParseDuration(text);
  if (!wait.has_value()) {
    return InvalidKvRequest("time: invalid duration " + Quoted(wait_text_) +
                            ": say a number and its unit, such as 10s or 500ms");
  }
  if (!is_negative) wait_ = *wait;
  return {};
}

}  // namespace skep::server
