#include "kie/core/key_filter.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/text.h"
#include "kie/core/errors.h"

namespace skep::core {
namespace {

constexpr std::size_t kPatternMax = 1024;
constexpr std::int64_t kPatternMemoryMax = std::int64_t{1} << 20;
constexpr std::string_view kPrefixWord = "beginWith(";
constexpr std::string_view kGlobWord = "wildcard(";

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string Folded(std::string_view text) {
  std::string folded(text);
  std::ranges::transform(folded, folded.begin(), Lower);
  return folded;
}

bool EqualFolded(std::string_view key, std::string_view folded) {
  return std::ranges::equal(key, folded, {}, Lower);
}

// What stands between `word` and the closing bracket, where the text has that form.
std::optional<std::string_view> Argument(std::string_view text, std::string_view word) {
  if (!text.starts_with(word) || !text.ends_with(')')) return std::nullopt;
  text.remove_prefix(word.size());
  text.remove_suffix(1);
  return text;
}

std::vector<std::string> SplitAtStars(std::string_view text) {
  std::vector<std::string> pieces;
  while (true) {
    const std::size_t star = text.find('*');
    pieces.push_back(Folded(text.substr(0, star)));
    if (star == std::string_view::npos) return pieces;
    text.remove_prefix(star + 1);
  }
}

}  // namespace

bool IsKeyCharacter(char c) {
  constexpr std::string_view kOthers = "._:-[]";
  return base::IsAlnum(c) || kOthers.find(c) != std::string_view::npos;
}

bool IsKeyFilter(std::string_view text) {
  if (const auto prefix = Argument(text, kPrefixWord)) {
    return std::ranges::all_of(*prefix, IsKeyCharacter);
  }
  if (const auto glob = Argument(text, kGlobWord)) {
    return std::ranges::all_of(*glob, [](char c) { return c == '*' || IsKeyCharacter(c); });
  }
  return std::ranges::all_of(text, IsKeyCharacter);
}

KeyFilter::KeyFilter(std::string_view text) {
  if (const auto prefix = Argument(text, kPrefixWord)) {
    kind_ = Kind::kPrefix;
    text = *prefix;
  } else if (const auto glob = Argument(text, kGlobWord)) {
    kind_ = Kind::kGlob;
    text = *glob;
  } else {
    kind_ = Kind::kWhole;
  }
  if (text.empty()) {
    kind_ =
        Kind::kAll;  // 6.5.3: an empty argument crashes the reference; here it asks for nothing.
  } else if (kind_ == Kind::kGlob) {
    pieces_ = SplitAtStars(text);
  } else {
    pieces_.push_back(Folded(text));
  }
}

bool KeyFilter::Passes(std::string_view key) const {
  switch (kind_) {
    case Kind::kAll:
      return true;
    case Kind::kWhole:
      return EqualFolded(key, pieces_[0]);
    case Kind::kPrefix:
      return EqualFolded(key.substr(0, pieces_[0].size()), pieces_[0]);
    case Kind::kGlob:
      return PassesGlob(Folded(key));
  }
  return false;
}

// The first piece begins the key, the last ends it, and each one between is taken where it occurs
// first, which leaves the most for those after it: nothing has ever to be tried again.
bool KeyFilter::PassesGlob(std::string_view folded) const {
  if (pieces_.size() == 1) return folded == pieces_[0];
  const std::string& first = pieces_.front();
  const std::string& last = pieces_.back();
  if (!folded.starts_with(first)) return false;
  folded.remove_prefix(first.size());
  if (!folded.ends_with(last)) return false;
  folded.remove_suffix(last.size());
  for (std::size_t i = 1; i + 1 < pieces_.size(); ++i) {
    const std::size_t at = folded.find(pieces_[i]);
    if (at == std::string_view::npos) return false;
    folded.remove_prefix(at + pieces_[i].size());
  }
  return true;
}

KvFilter::KvFilter() = default;
KvFilter::KvFilter(KvFilter&&) noexcept = default;
KvFilter& KvFilter::operator=(KvFilter&&) noexcept = default;
KvFilter::~KvFilter() = default;

Result<KvFilter> KvFilter::Make(const KvQuery& query) {
  KvFilter filter;
  filter.keys_ = KeyFilter(query.key);
  filter.value_ = query.value;
  filter.status_ = query.status;
  if (query.key_pattern.empty()) return filter;
  if (query.key_pattern.size() > kPatternMax) {
    return KvInvalid("key pattern: at most " + std::to_string(kPatternMax) + " bytes");
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemoryMax);
  auto pattern = std::make_unique<const re2::RE2>(
      re2::StringPiece(query.key_pattern.data(), query.key_pattern.size()), options);
  if (!pattern->ok()) return KvInvalid("key pattern: " + pattern->error());
  filter.pattern_ = std::move(pattern);
  return filter;
}

bool KvFilter::PassesKey(std::string_view key) const {
  if (!keys_.Passes(key)) return false;
  return pattern_ == nullptr ||
         re2::RE2::PartialMatch(re2::StringPiece(key.data(), key.size()), *pattern_);
}

bool KvFilter::Passes(const KeyValue& kv) const {
  if (status_ != KvStatus::kUnset && kv.status != status_) return false;
  if (!PassesKey(kv.key())) return false;
  return value_.empty() || kv.value.find(value_) != std::string::npos;
}

}  // namespace skep::core
