#include "server/routes/router.h"

#include <cassert>

namespace skep::server {

std::string_view VerbName(Verb verb) {
  switch (verb) {
    case Verb::kGet:
      return "GET";
    case Verb::kPut:
      return "PUT";
    case Verb::kPost:
      return "POST";
    case Verb::kDelete:
      return "DELETE";
    case Verb::kHead:
      return "HEAD";
    case Verb::kOptions:
      return "OPTIONS";
    case Verb::kPatch:
      return "PATCH";
    case Verb::kOther:
      return "OTHER";
  }
  return "OTHER";
}

Router::Router(std::span<const Route> routes) : routes_(routes) {
  for (const Route& route : routes) {
    Path path;
    [[maybe_unused]] const PathKind kind = path.Split(route.path);
    assert(kind == PathKind::kGood);
    Row row{&route, {}};
    for (std::size_t i = 0; i < path.segments().size(); ++i) {
      if (path.segments()[i].front() != '{') row.literals[i] = path.segments()[i];
    }
    rows_by_length_[path.segments().size()].push_back(row);
    if (route.body_bytes_max != 0) own_body_limits_[static_cast<std::size_t>(route.verb)] = true;
  }
}

bool Router::Matches(const Row& row, std::span<const std::string_view> segments) {
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (!row.literals[i].empty() && row.literals[i] != segments[i]) return false;
  }
  return true;
}

RouteMatch Router::Find(Verb verb, const Path& path) const {
  const std::span<const std::string_view> segments = path.segments();
  RouteMatch match;
  for (const Row& row : rows_by_length_[segments.size()]) {
    if (row.route->verb != verb || !Matches(row, segments)) continue;
    match.route = row.route;
    std::size_t count = 0;
    if (row.route->scope == Scope::kV3) match.parameters[count++] = kDefaultProject;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (row.literals[i].empty()) match.parameters[count++] = segments[i];
    }
    return match;
  }
  match.allow = Allowed(rows_by_length_[segments.size()], segments);
  return match;
}

std::string Router::Allowed(std::span<const Row> rows, std::span<const std::string_view> segments) {
  std::string allow;
  for (const Row& row : rows) {
    if (!Matches(row, segments)) continue;
    if (!allow.empty()) allow += ", ";
    allow += VerbName(row.route->verb);
  }
  return allow;
}

}  // namespace skep::server
