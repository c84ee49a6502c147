#include "server/routes/path.h"

#include "server/codec/query_string.h"

namespace skep::server {

bool Path::Add(std::string_view segment) {
  if (segment.empty() || count_ == kPathSegmentsMax) return false;
  segments_[count_++] = segment;
  return true;
}

PathKind Path::Split(std::string_view path) {
  count_ = 0;
  if (path.empty() || path.front() != '/') return PathKind::kUnroutable;
  path.remove_prefix(1);
  if (path.find('%') != std::string_view::npos) return SplitEscaped(path);
  while (true) {
    const std::size_t slash = path.find('/');
    if (!Add(path.substr(0, slash))) return PathKind::kUnroutable;
    if (slash == std::string_view::npos) return PathKind::kGood;
    path.remove_prefix(slash + 1);
  }
}

PathKind Path::SplitEscaped(std::string_view path) {
  unescaped_.clear();
  unescaped_.reserve(path.size());  // Segments point into it, so it must not move.
  bool routable = true;
  while (true) {
    const std::size_t slash = path.find('/');
    const std::size_t begin = unescaped_.size();
    if (!AppendUnescaped(path.substr(0, slash), Plus::kIsItself, &unescaped_)) {
      return PathKind::kBadEscape;
    }
    const std::string_view segment = std::string_view(unescaped_).substr(begin);
    constexpr std::string_view kNeverInSegment("/\0", 2);
    routable = routable && segment.find_first_of(kNeverInSegment) == std::string_view::npos &&
               Add(segment);
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return routable ? PathKind::kGood : PathKind::kUnroutable;
}

}  // namespace skep::server
