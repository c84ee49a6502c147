// The page that Prometheus reads, with the reference's names where there is one (spec 16).
#ifndef SKEP_SERVER_ROUTES_METRICS_PAGE_H_
#define SKEP_SERVER_ROUTES_METRICS_PAGE_H_

#include <string>
#include <string_view>

#include "server/routes/call.h"

namespace skep::server {

inline constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

std::string MetricsPage(const ServerContext& context);

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_METRICS_PAGE_H_
