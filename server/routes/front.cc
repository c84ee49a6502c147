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

// A second is enough: load is measured anew twice a second.
void FillOverloaded(const LogSink& log, HttpReply* reply) {
  FillError(Overloaded(), log, reply);
  reply->headers.emplace_back("Retry-After", "1");
}

}  // namespace

Front::Front(ServerContext& context)
    : context_(context), shed_percent_(ShedPercents(context.options)) {}

std::size_t Front::BodyLimit(Verb verb, std::string_view target) const {
  const std::size_t limit = context_.options.body_bytes_max;
  if (!context_.router.HasOwnBodyLimits(verb)) return limit;
  Path path;
  if (path.Split(PathOf(target)) != PathKind::kGood) return limit;
  const RouteMatch match = context_.router.Find(verb, path);
  const bool own = match.route != nullptr && match.route->body_bytes_max != 0;
  return own ? std::min(limit, match.route->body_bytes_max) : limit;
}

void Front::Handle(const HttpRequest& request, HttpExchange& exchange) {
  HttpReply& reply = exchange.reply();
  reply.mark = 0;
  const ClientFields fields = ReadClientFields(request);
  reply.static_fields = fields.origin.empty() ? kFields : kFieldsForOrigin;
  if (!IsAcceptable(request.target)) {
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
  if (match.route == nullptr) return FillNoRoute(std::move(match.allow), &reply);
  reply.mark = static_cast<std::uint16_t>(context_.router.IndexOf(*match.route) + 1);
  const Priority priority = match.route->priority;
  if (Sheds(priority, request.load_percent)) {
    context_.shed[static_cast<std::size_t>(priority)].fetch_add(1, std::memory_order_relaxed);
    return FillOverloaded(context_.options.log, &reply);
  }
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
}

HttpReply Front::Refusal(std::uint16_t status) const {
  HttpReply reply;
  reply.static_fields = kFields;
  switch (status) {
    case 429:
      FillOverloaded(context_.options.log, &reply);
      break;
    case 503:
      FillError(Stopping(), context_.options.log, &reply);
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
