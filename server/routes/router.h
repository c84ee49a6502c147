// Router: finds the row of the route table that a request is for.
//
// The rows are fixed when the router is made. A template's segments are literal or "{name}", which
// matches one segment. Rows are looked at in their order among those with the same number of
// segments, so the ones that are asked for most come first.
//
// Thread-safety: immutable once made.
#ifndef SKEP_SERVER_ROUTES_ROUTER_H_
#define SKEP_SERVER_ROUTES_ROUTER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/codec/media_type.h"
#include "server/routes/path.h"
#include "server/transport/http_message.h"

namespace skep::server {

struct Call;
using Handler = void (*)(Call& call);

/// Who may call, once authentication is on.
enum class Permission : std::uint8_t {
  kEveryone,  ///< Without a token, too.
  kService,   ///< Reading or changing services; which of the two the verb says.
  kOperator,
  kConfig,  ///< Reading or changing configuration; which of the two the verb says.
};

/// What is refused first when the server has too much to do.
enum class Priority : std::uint8_t {
  kVital,  ///< Never: clients die of a refused heartbeat.
  kWrite,
  kFind,
  kList,
  kBulk,  ///< First.
};

inline constexpr std::size_t kPriorities = 5;

/// Where a request says whose registry it means (spec 1.7).
enum class Scope : std::uint8_t {
  kV4,   ///< The project is the path's first parameter, the domain X-Domain-Name.
  kV3,   ///< The project is "default", the domain X-Tenant-Name or else X-Domain-Name.
  kKie,  ///< The project is the path's first parameter, the domain the token's (spec kie 5).
};

/// As a route's body limit: ServerOptions::import_bytes_max.
inline constexpr std::size_t kImportBody = SIZE_MAX;

struct Route {
  Verb verb;
  std::string_view path;  ///< The template.
  std::string_view name;  ///< In metrics.
  Handler handler;
  Permission permission;
  Priority priority;
  std::size_t body_bytes_max = 0;  ///< Zero: the server's own limit.
  Scope scope = Scope::kV4;
  // Of kKie alone.
  MediaTypes consumes = kAnyMedia;
  MediaTypes produces = kJsonOnly;  ///< kAnyMedia: whatever the client wants is fine.
};

/// "GET"; "OTHER" for what has no name.
std::string_view VerbName(Verb verb);

inline constexpr std::string_view kDefaultProject = "default";

/// What "{name}" segments of a path stood for, in order. A v3 path has no project segment; its
/// parameters begin with kDefaultProject, so that each stands where it does for v4.
using PathParameters = std::array<std::string_view, 4>;

struct RouteMatch {
  const Route* route = nullptr;  ///< Null: no such path, or not with this verb.
  PathParameters parameters{};
  /// Where no route was found: the verbs that the path does have, as an Allow header has them.
  /// Empty: no such path.
  std::string allow{};
};

class Router {
 public:
  /// `routes` is borrowed.
  explicit Router(std::span<const Route> routes);

  RouteMatch Find(Verb verb, const Path& path) const;

  std::span<const Route> routes() const { return routes_; }
  /// Of a route of this router.
  std::size_t IndexOf(const Route& route) const {
    return static_cast<std::size_t>(&route - routes_.data());
  }
  /// Whether some route of this verb has a body limit of its own.
  bool HasOwnBodyLimits(Verb verb) const {
    return own_body_limits_[static_cast<std::size_t>(verb)];
  }

 private:
  struct Row {
    const Route* route;
    std::array<std::string_view, kPathSegmentsMax> literals;  ///< Empty: a parameter.
  };

  static bool Matches(const Row& row, std::span<const std::string_view> segments);
  static std::string Allowed(std::span<const Row> rows, std::span<const std::string_view> segments);

  std::span<const Route> routes_;
  std::array<std::vector<Row>, kPathSegmentsMax + 1> rows_by_length_;
  std::array<bool, static_cast<std::size_t>(Verb::kOther) + 1> own_body_limits_{};
};

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_ROUTER_H_
