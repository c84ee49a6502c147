// KvFilter: what of a query an item must pass beside its labels (spec kie 6.5, 6.6).
#ifndef SKEP_KIE_CORE_KEY_FILTER_H_
#define SKEP_KIE_CORE_KEY_FILTER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "skep/kie/query.h"
#include "skep/kie/types.h"
#include "skep/result.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace skep::core {

/// Letters, digits and ._:-[].
bool IsKeyCharacter(char c);

/// A key, beginWith(x) or wildcard(a*b), of any length; or nothing.
bool IsKeyFilter(std::string_view text);

/// The filter on keys alone. Letters of either case are equal.
class KeyFilter {
 public:
  KeyFilter() = default;
  /// REQUIRES: IsKeyFilter(text).
  explicit KeyFilter(std::string_view text);

  bool passes_all() const { return kind_ == Kind::kAll; }

  /// Takes time in the length of the key times that of the longest piece between stars, at most.
  bool Passes(std::string_view key) const;

 private:
  enum class Kind : std::uint8_t { kAll, kWhole, kPrefix, kGlob };

  bool PassesGlob(std::string_view folded) const;

  Kind kind_ = Kind::kAll;
  std::vector<std::string> pieces_;  ///< In lower case; those of a glob lie between its stars.
};

class KvFilter {
 public:
  /// Passes everything.
  KvFilter();
  KvFilter(KvFilter&&) noexcept;
  KvFilter& operator=(KvFilter&&) noexcept;
  ~KvFilter();

  /// REQUIRES: CheckQuery is content. Errors: kInvalidParams, where key_pattern is none.
  static Result<KvFilter> Make(const KvQuery& query);

  bool passes_all() const {
    return keys_.passes_all() && pattern_ == nullptr && value_.empty() &&
           status_ == KvStatus::kUnset;
  }

  bool PassesKey(std::string_view key) const;
  bool Passes(const KeyValue& kv) const;

 private:
  KeyFilter keys_;
  std::unique_ptr<const re2::RE2> pattern_;
  std::string value_;
  KvStatus status_ = KvStatus::kUnset;
};

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_KEY_FILTER_H_
