// Front: the handler that transport talks to. What comes before and after a route's own handler,
// for every request: the check of the URI, CORS, the router, counters and the access log.
//
// Threading: as HttpHandler says; no state is written but counters.
#ifndef SKEP_SERVER_ROUTES_FRONT_H_
#define SKEP_SERVER_ROUTES_FRONT_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/routes/call.h"
#include "server/transport/http_message.h"

namespace skep::server {

/// A longer request target is refused (spec 1.3).
inline constexpr std::size_t kTargetBytesMax = 2047;

class Front final : public HttpHandler {
 public:
  /// `context` must outlive the front, and its metrics have a row for each route and one more.
  explicit Front(ServerContext& context);

  std::size_t BodyLimit(Verb verb, std::string_view target) const override;
  void Handle(const HttpRequest& request, HttpExchange& exchange) override;
  HttpReply Refusal(std::uint16_t status) const override;
  void Finished(const HttpRequest& request, const HttpReply& reply,
                std::chrono::nanoseconds took) override;

 private:
  void Route(const HttpRequest& request, const ClientFields& fields, HttpExchange& exchange);
  void RouteConfig(const HttpRequest& request, HttpExchange& exchange);
  void Shed(Priority priority, Api api, HttpReply* reply);

  bool Sheds(Priority priority, std::uint8_t load_percent) const {
    return load_percent >= shed_percent_[static_cast<std::size_t>(priority)];
  }

  ServerContext& context_;
  const std::array<unsigned, kPriorities> shed_percent_;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_FRONT_H_
