#include "server/routes/front.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <string>

#include "server/routes/errors.h"
#include "server/routes/http_metrics.h"
#include "server/routes/path.h"
#include "server/routes/reply.h"
#include "skep/version.h"

namespace skep::server {
namespace {

// Fields of every answer (spec 1.4), and those that a browser needs beside.
#define SKEP_FIELDS                            \
  "Server: SERVICECENTER/" SKEP_VERSION_STRING \
  "\r\n"                                       \
  "Vary: Origin, Accept-Encoding\r\n"
#define SKEP_ORIGIN_FIELDS SKEP_FIELDS "Access-Control-Allow-Origin: *\r\n"
constexpr std::string_view kFields = SKEP_FIELDS;
constexpr std::string_view kFieldsForOrigin = SKEP_ORIGIN_FIELDS;
constexpr std::string_view kFieldsForPreflight = SKEP_ORIGIN_FIELDS
    "Access-Control-Allow-Methods: GET, POST, PUT, DELETE, UPDATE\r\n"
    "Access-Control-Allow-Headers: Origin, Accept, Content-Type, X-Domain-Name, X-ConsumerId\r\n";
#undef SKEP_ORIGIN_FIELDS
#undef SKEP_FIELDS

constexpr std::string_view kBadRequest = "400 Bad Request";
constexpr std::string_view kNotAcceptable =
    "406: Not Acceptable\n\nAvailable representations: application/json";

// Without a branch in the loop, so that compilers look at many characters at once.
bool HasTwoSlashes(std::string_view text) {
  int found = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    found |= int{text[i - 1] == '/'} & int{text[i] == '/'};
  }
  return found != 0;
}

// Spec 1.3. Wire compatibility: the reference's list, odd as it is; clients test for parts of it.
bool IsAcceptable(std::string_view target) {
  if (target.empty() || target.size() > kTargetBytesMax || target.front() == '.') return false;
  constexpr std::string_view kNeverLast = ";&?+@";
  return kNeverLast.find(target.back()) == std::string_view::npos && !HasTwoSlashes(target);
}

std::string_view PathOf(std::string_view target) { return target.substr(0, target.find('?')); }

std::string_view QueryOf(std::string_view target) {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

// Fields of every answer of the configuration center.
constexpr std::string_view kKieFields =
    "Server: skep/" SKEP_VERSION_STRING "\r\nVary: Accept-Encoding\r\n";

// "/v1/{project}/kie", what is below it, and "/v1/health": the paths that answer as the
// configuration center does.
bool IsConfigPath(std::string_view path) {
  constexpr std::string_view kVersion = "/v1/";
  if (!path.starts_with(kVersion)) [[likely]]
    return false;
  path.remove_prefix(kVersion.size());
  if (path == "health" || path == "health/") return true;
  const std::size_t slash = path.find('/');
  if (slash == 0 || slash == std::string_view::npos) return false;
  const std::string_view rest = path.substr(slash + 1);
  return rest == "kie" || rest.starts_with("kie/");
}

// Whether "." or ".." or nothing stands between two slashes, or a dot segment at the end.
bool IsClean(std::string_view path) {
  if (HasTwoSlashes(path)) return false;
  for (std::size_t at = path.find("/."); at != std::string_view::npos;
       at = path.find("/.", at + 1)) {
    const std::string_view segment = path.substr(at + 1, path.find('/', at + 1) - at - 1);
    if (segment == "." || segment == "..") return false;
  }
  return true;
}

// The path without empty and dot segments; a slash at its end stays.
std::string Cleaned(std::string_view path) {
  std::string clean;
  const bool has_slash = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (segment == "..") {
      clean.resize(clean.empty() ? 0 : clean.rfind('/'));
    } else if (!segment.empty() && segment != ".") {
      clean.append("/").append(segment);
    }
  }
  if (has_slash || clean.empty()) clean += '/';
  return clean;
}

// Where the path, cleaned, is one of the configuration center: sends the client there (spec kie
// 1.2.2).
bool RedirectToClean(std::string_view target, HttpReply* reply) {
  const std::string_view path = PathOf(target);
  if (IsClean(path)) return false;
  std::string location = Cleaned(path);
  if (!IsConfigPath(location)) return false;
  location += target.substr(path.size());
  reply->static_fields = kKieFields;
  FillKieText(301, "301: Moved Permanently", reply);
  reply->headers.emplace_back("Location", std::move(location));
  return true;
}

void FillNoConfigRoute(std::string allow, HttpReply* reply) {
  if (allow.empty()) return FillKieText(404, "404: Page Not Found", reply);
  FillKieText(405, "405: Method Not Allowed", reply);
  reply->headers.emplace_back("Allow", std::move(allow));
}

// What the route reads and writes against what the client sends and wants (spec kie 1.2.5, 1.2.6).
// kNone: the reply says why not.
MediaType AgreeOnMedia(const skep::server::Route& route, const HttpRequest& request,
                       HttpReply* reply) {
  const MediaType sent = MediaTypeOf(request.Field("Content-Type"));
  const bool may_lack_it = route.verb == Verb::kGet || route.verb == Verb::kDelete;
  const bool is_read =
      (route.consumes & SetOf(sent)) != 0 || (sent == MediaType::kNone && may_lack_it);
  if (!is_read && route.verb == Verb::kGet) {
    FillKieText(406, kNotAcceptable, reply);
    return MediaType::kNone;
  }
  if (!is_read) {
    FillKieText(415, "415: Unsupported Media Type", reply);
    return MediaType::kNone;
  }
  if (route.produces == kAnyMedia) return MediaType::kJson;
  const MediaType wanted = Negotiate(request.Field("Accept"), route.produces);
  if (wanted == MediaType::kNone) FillKieText(406, kNotAcceptable, reply);
  return wanted;
}

void FillNoRoute(std::string allow, HttpReply* reply) {
  if (allow.empty()) return FillNotFound(reply);
  FillText(405, "Method Not Allowed\n", reply);
  reply->headers.emplace_back("Allow", std::move(allow));
}

// The load from which each priority is refused.
std::array<unsigned, kPriorities> ShedPercents(const ServerOptions& options) {
  constexpr unsigned kNever = 101;
  std::array<unsigned, kPriorities> percents{};
  const auto at = [&percents](Priority priority) -> unsigned& {
    return percents[static_cast<std::size_t>(priority)];
  };
  at(Priority::kVital) = kNever;
  at(Priority::kWrite) = options.shed_writes_percent;
  at(Priority::kFind) = options.shed_finds_percent;
  at(Priority::kList) = options.shed_lists_percent;
  at(Priority::kBulk) = options.shed_bulk_percent;
  return percents;
}

void FillOverloaded(Api api, const LogSink& log, HttpReply* reply) {
  FillError(Overloaded(), api, log, reply);
}

}  // namespace

Front::Front(ServerContext& context)
    : context_(context), shed_percent_(ShedPercents(context.options)) {}

std::size_t Front::BodyLimit(Verb verb, std::string_view target) const {
  const std::size_t limit = context_.options.body_bytes_max;
  if (!context_.router.HasOwnBodyLimits(verb)) return limit;
  std::string_view text = PathOf(target);
  if (IsConfigPath(text) && text.ends_with('/')) text.remove_suffix(1);
  Path path;
  if (path.Split(text) != PathKind::kGood) return limit;
  const RouteMatch match = context_.router.Find(verb, path);
  if (match.route == nullptr || match.route->body_bytes_max == 0) return limit;
  if (match.route->body_bytes_max == kImportBody) return context_.options.import_bytes_max;
  return std::min(limit, match.route->body_bytes_max);
}

void Front::Handle(const HttpRequest& request, HttpExchange& exchange) {
  HttpReply& reply = exchange.reply();
  reply.mark = 0;
  if (IsConfigPath(PathOf(request.target))) return RouteConfig(request, exchange);
  const ClientFields fields = ReadClientFields(request);
  reply.static_fields = fields.origin.empty() ? kFields : kFieldsForOrigin;
  if (!IsAcceptable(request.target)) {
    if (RedirectToClean(request.target, &reply)) return;
    return FillText(400, "Invalid Request URI " + std::string(request.target), &reply);
  }
  if (request.verb == Verb::kOptions) {
    if (!fields.origin.empty()) reply.static_fields = kFieldsForPreflight;
    return;
  }
  Route(request, fields, exchange);
}

void Front::Route(const HttpRequest& request, const ClientFields& fields, HttpExchange& exchange) {
  HttpReply& reply = exchange.reply();
  Path path;
  switch (path.Split(PathOf(request.target))) {
    case PathKind::kBadEscape:
      return FillText(400, kBadRequest, &reply);
    case PathKind::kUnroutable:
      return FillNotFound(&reply);
    case PathKind::kGood:
      break;
  }
  RouteMatch match = context_.router.Find(request.verb, path);
  if (match.route == nullptr) {
    if (RedirectToClean(request.target, &reply)) return;
    return FillNoRoute(std::move(match.allow), &reply);
  }
  reply.mark = static_cast<std::uint16_t>(context_.router.IndexOf(*match.route) + 1);
  const Priority priority = match.route->priority;
  if (Sheds(priority, request.load_percent)) return Shed(priority, Api::kRegistry, &reply);
  Call call{.context = context_,
            .request = request,
            .exchange = exchange,
            .reply = reply,
            .query = QueryOf(request.target),
            .fields = fields,
            .parameters = match.parameters};
  if (match.route->scope == Scope::kV3 && !fields.tenant.empty()) {
    call.fields.domain = fields.tenant;
  }
  match.route->handler(call);
  Pack(fields, &reply);
  LimitReply(context_, Api::kRegistry, &reply);
}

void Front::RouteConfig(const HttpRequest& request, HttpExchange& exchange) {
  HttpReply& reply = exchange.reply();
  reply.static_fields = kKieFields;
  if (RedirectToClean(request.target, &reply)) return;
  std::string_view text = PathOf(request.target);
  if (text.ends_with('/')) text.remove_suffix(1);
  Path path;
  switch (path.Split(text)) {
    case PathKind::kBadEscape:
      return FillKieText(400, kBadRequest, &reply);
    case PathKind::kUnroutable:
      return FillNoConfigRoute({}, &reply);
    case PathKind::kGood:
      break;
  }
  RouteMatch match = context_.router.Find(request.verb, path);
  if (match.route == nullptr) return FillNoConfigRoute(std::move(match.allow), &reply);
  reply.mark = static_cast<std::uint16_t>(context_.router.IndexOf(*match.route) + 1);
  const Priority priority = match.route->priority;
  if (Sheds(priority, request.load_percent)) return Shed(priority, Api::kConfig, &reply);
  const MediaType answer_type = AgreeOnMedia(*match.route, request, &reply);
  if (answer_type == MediaType::kNone) return;
  Call call{.context = context_,
            .request = request,
            .exchange = exchange,
            .reply = reply,
            .query = QueryOf(request.target),
            .parameters = match.parameters,
            .api = Api::kConfig,
            .answer_type = answer_type};
  call.fields.encodings = request.Field("Accept-Encoding");
  match.route->handler(call);
  Pack(call.fields, &reply);
  LimitReply(context_, Api::kConfig, &reply);
}

void Front::Shed(Priority priority, Api api, HttpReply* reply) {
  context_.shed[static_cast<std::size_t>(priority)].fetch_add(1, std::memory_order_relaxed);
  FillOverloaded(api, context_.options.log, reply);
}

HttpReply Front::Refusal(std::uint16_t status) const {
  HttpReply reply;
  reply.static_fields = kFields;
  switch (status) {
    case 429:
      FillOverloaded(Api::kRegistry, context_.options.log, &reply);
      break;
    case 503:
      FillError(Stopping(), Api::kRegistry, context_.options.log, &reply);
      break;
    case 408:
      FillText(408, "408 Request Timeout", &reply);
      break;
    case 431:
      FillText(431, "431 Request Header Fields Too Large", &reply);
      break;
    default:
      FillText(400, kBadRequest, &reply);
  }
  return reply;
}

void Front::Finished(const HttpRequest& request, const HttpReply& reply,
                     std::chrono::nanoseconds took) {
  context_.metrics.Count(reply.mark, reply.status, took);
  if (reply.status == 500) [[unlikely]] {
    context_.alarms.RaiseInternalError(VerbName(request.verb), request.target);
  }
  if (!context_.options.access_log) return;
  std::string line(VerbName(request.verb));
  line.append(" ").append(request.target).append(" ");
  line.append(std::to_string(reply.status)).append(" ");
  line.append(std::to_string(reply.body_size())).append(" ");
  line.append(std::to_string(took.count() / 1000)).append("us ").append(request.peer);
  context_.options.access_log(line);
}

}  // namespace skep::server
