// The v3 aliases (spec 17): which rows of the route table have one, and the rows made from them
// when the program is compiled. An alias has the row's handler, name and limits; its path lacks the
// project.
#ifndef SKEP_SERVER_ROUTES_V3_ALIAS_H_
#define SKEP_SERVER_ROUTES_V3_ALIAS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "server/routes/router.h"

namespace skep::server {

inline constexpr std::string_view kV4Prefix = "/v4/{project}/registry";
inline constexpr std::string_view kV3Prefix = "/registry/v3";

/// All of microservices but the heartbeat socket; of the rest what old clients know.
constexpr bool HasV3Alias(const Route& route) {
  if (!route.path.starts_with(kV4Prefix)) return false;
  const std::string_view rest = route.path.substr(kV4Prefix.size());
  if (rest == "/existence" || rest == "/heartbeats" || rest == "/instances") return true;
  if (rest != "/microservices" && !rest.starts_with("/microservices/")) return false;
  return route.verb != Verb::kGet || !rest.ends_with("/heartbeat");
}

/// The text of an alias's path.
struct AliasPath {
  std::array<char, 128> chars{};
  std::size_t size = 0;

  constexpr std::string_view view() const { return {chars.data(), size}; }
};

constexpr AliasPath MakeAliasPath(const Route& route) {
  AliasPath path;
  const std::string_view rest = route.path.substr(kV4Prefix.size());
  auto end = std::copy(kV3Prefix.begin(), kV3Prefix.end(), path.chars.begin());
  end = std::copy(rest.begin(), rest.end(), end);
  path.size = static_cast<std::size_t>(end - path.chars.begin());
  return path;
}

/// The paths of all aliases, in the order of their rows.
template <std::size_t kAliases, std::size_t kRows>
constexpr std::array<AliasPath, kAliases> AliasPaths(const Route (&rows)[kRows]) {
  std::array<AliasPath, kAliases> paths{};
  std::size_t count = 0;
  for (const Route& row : rows) {
    if (HasV3Alias(row)) paths[count++] = MakeAliasPath(row);
  }
  return paths;
}

/// `rows`, then their aliases. `paths` is borrowed.
template <std::size_t kAliases, std::size_t kRows>
constexpr std::array<Route, kRows + kAliases> WithAliases(
    const Route (&rows)[kRows], const std::array<AliasPath, kAliases>& paths) {
  std::array<Route, kRows + kAliases> all{};
  std::copy(std::begin(rows), std::end(rows), all.begin());
  std::size_t count = 0;
  for (const Route& row : rows) {
    if (!HasV3Alias(row)) continue;
    Route& alias = all[kRows + count];
    alias = row;
    alias.path = paths[count++].view();
    alias.scope = Scope::kV3;
  }
  return all;
}

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_V3_ALIAS_H_
