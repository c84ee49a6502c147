// Percent escapes and query strings, as the reference's HTTP library reads them.
#ifndef SKEP_SERVER_CODEC_QUERY_STRING_H_
#define SKEP_SERVER_CODEC_QUERY_STRING_H_

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace skep::server {

/// Whether '+' is a blank: in a query it is, in a path it is not.
enum class Plus { kIsBlank, kIsItself };

/// Appends `text` with its escapes undone. False, with a part of it appended, at a '%' without two
/// hex digits.
[[nodiscard]] bool AppendUnescaped(std::string_view text, Plus plus, std::string* out);

/// Steps through the pairs of a query string. Pairs that the reference drops are passed over: empty
/// ones, ones with ';' in them, ones with a bad escape.
class QueryString {
 public:
  /// `query` is what follows the '?'; borrowed.
  explicit QueryString(std::string_view query) : rest_(query), size_(query.size()) {}
  QueryString(const QueryString&) = delete;
  QueryString& operator=(const QueryString&) = delete;

  /// The next pair; false at the end. The views live as long as this object and what it borrows.
  bool Next(std::string_view* name, std::string_view* value);

  /// The same in two steps, for who does not want every value: after NextName, Value() undoes the
  /// escapes of that pair's. False: the pair is one to be passed over after all.
  bool NextName(std::string_view* name);
  bool Value(std::string_view* value);

  /// Whether a pair was passed over that was not empty. Only of those that were stepped over.
  bool has_bad_pair() const { return has_bad_pair_; }

 private:
  struct Text {
    std::string_view text;
    bool escaped = false;
  };

  bool Unescape(const Text& raw, std::string_view* out);

  std::string_view rest_;
  const std::size_t size_;
  Text value_;
  bool has_bad_pair_ = false;
  // Holds every text that had escapes. Reserved once for all of them, so that it never moves.
  std::string unescaped_;
};

/// The values of some names, each with the first one sent.
///
///   const QueryValues<2> values(query, {"appId", "serviceName"});
///   Find(values[0], values[1]);
template <std::size_t kNames>
class QueryValues {
 public:
  QueryValues(std::string_view query, const std::array<std::string_view, kNames>& names)
      : pairs_(query) {
    std::string_view name;
    while (pairs_.NextName(&name)) {
      for (std::size_t i = 0; i < kNames; ++i) {
        // A value that is there is never null, though it may be empty.
        if (name != names[i] || values_[i].data() != nullptr) continue;
        if (!pairs_.Value(&values_[i])) values_[i] = {};
      }
    }
  }

  /// Empty where the name is absent.
  std::string_view operator[](std::size_t i) const { return values_[i]; }

 private:
  QueryString pairs_;
  std::array<std::string_view, kNames> values_{};
};

/// The texts between the commas; none of an empty text.
std::vector<std::string_view> SplitAtCommas(std::string_view text);

/// Whether a flag is set: "1" or "true" in any case (spec 1.8).
bool IsTruthy(std::string_view value);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_QUERY_STRING_H_
