/// KvQuery: which items, and KvList: the answer.
///
/// Thread-safety: values.
#ifndef SKEP_KIE_QUERY_H_
#define SKEP_KIE_QUERY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/kie/types.h"

namespace skep {

enum class LabelMatch : std::uint8_t {
  kSubset,  ///< Items that have every one of these labels, and perhaps more (6.4.2).
  kExact,   ///< Items that have these labels and no others (6.4.3).
};

enum class KvOrder : std::uint8_t {
  kPriority,  ///< Higher priority first, then the newest change first (6.7.1).
  kKey,       ///< By key, then by label format; an export's order.
};

/// All views are borrowed for the call. Filters that are not given let everything pass.
struct KvQuery {
  /// Name and value. Where a name is repeated the last one counts (3.3.1). At most 8 names.
  std::vector<std::pair<std::string_view, std::string_view>> labels{};
  LabelMatch match = LabelMatch::kSubset;

  /// As on the wire (6.5): a key, beginWith(x) or wildcard(a*b); letters of either case are equal.
  /// At most 128 characters. An empty argument passes everything.
  std::string_view key{};

  /// A regular expression (RE2) that is found somewhere in the key; case counts. At most 1,024
  /// bytes. The filter of the v3 API (15.1.2).
  std::string_view key_pattern{};

  std::string_view value{};  ///< A part of the value; case counts (6.6.1). At most 128 characters.
  KvStatus status = KvStatus::kUnset;

  /// The state that held at this revision, instead of the present one; zero: before all changes.
  std::optional<Revision> as_of{};

  KvOrder order = KvOrder::kPriority;
  std::int64_t offset = 0;              ///< Counts only with a limit (6.7.2).
  std::optional<std::int64_t> limit{};  ///< 1 to 100.
};

class KvList {
 public:
  KvList(std::vector<KeyValuePtr> items, std::size_t total, Revision revision)
      : items_(std::move(items)), total_(total), revision_(revision) {}

  /// The page.
  const std::vector<KeyValuePtr>& items() const { return items_; }

  /// How many match, on all pages.
  std::size_t total() const { return total_; }

  /// X-Kie-Revision: the newest change of the domain that the answer knows of; everything up to it
  /// is in the answer. Of a list with as_of, that revision.
  Revision revision() const { return revision_; }

 private:
  std::vector<KeyValuePtr> items_;
  std::size_t total_;
  Revision revision_;
};

}  // namespace skep

#endif  // SKEP_KIE_QUERY_H_
