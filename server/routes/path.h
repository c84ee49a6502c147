// A request's path, cut into its unescaped segments.
#ifndef SKEP_SERVER_ROUTES_PATH_H_
#define SKEP_SERVER_ROUTES_PATH_H_

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace skep::server {

/// No route is longer; a path that is matches nothing.
inline constexpr std::size_t kPathSegmentsMax = 10;

enum class PathKind {
  kGood,
  kBadEscape,   ///< A '%' without two hex digits.
  kUnroutable,  ///< Nothing can match it: see Path::Split.
};

/// Borrows the text that it was split from, and must not move once it was split.
class Path {
 public:
  Path() = default;
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;

  /// Splits `path`, which begins with '/'. Nothing can match an empty segment (a trailing slash is
  /// one), a segment that holds an escaped '/' or NUL, or more segments than the maximum.
  PathKind Split(std::string_view path);

  std::span<const std::string_view> segments() const { return {segments_.data(), count_}; }

 private:
  PathKind SplitEscaped(std::string_view path);
  bool Add(std::string_view segment);

  std::array<std::string_view, kPathSegmentsMax> segments_;
  std::size_t count_ = 0;
  std::string unescaped_;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_PATH_H_
