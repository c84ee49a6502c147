#include "server/routes/govern_routes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/codec/govern_json.h"
#include "server/codec/query_string.h"
#include "server/routes/errors.h"
#include "server/routes/parameters.h"
#include "server/routes/record_bytes.h"
#include "server/routes/reply.h"
#include "server/routes/sliced_reply.h"
#include "skep/registry/govern.h"

namespace skep::server {
namespace {

constexpr std::string_view kStatistics = "statistics";

// What `options` and `countOnly` ask for.
struct Wanted {
  bool services = true;
  bool statistics = false;
  Counts counts = Counts::kHide;
  DetailParts parts{};
};

// Nothing where it is none of its three spellings.
std::optional<Counts> ReadCountOnly(std::string_view count_only) {
  if (count_only == "1") return Counts::kShow;
  const bool is_blank = count_only.find_first_not_of(" \t") == std::string_view::npos;
  if (is_blank || count_only == "0") return Counts::kHide;
  return std::nullopt;
}

// Options that nobody knows ask for nothing, but "statistics" is then not alone.
Wanted ReadOptions(std::string_view options, Counts counts) {
  const std::vector<std::string_view> words = SplitAtCommas(options);
  const auto has = [&words](std::string_view word) {
    return std::ranges::find(words, word) != words.end();
  };
  const bool all = has("all");
  const bool others =
      std::ranges::any_of(words, [](std::string_view word) { return word != kStatistics; });
  Wanted wanted{
      .services = words.empty() || others, .statistics = all || has(kStatistics), .counts = counts};
  if (all || has("instances")) {
    wanted.parts.instances = counts == Counts::kShow ? InstancePart::kCount : InstancePart::kAll;
  }
  if (all || has("dependencies")) wanted.parts.dependencies = DependencyPart::kOthers;
  wanted.parts.tags = all || has("tags");
  wanted.parts.schemas = all || has("schemas");
  return wanted;
}

// property=key:value, any number of times; of one key the last counts.
Properties ReadProperties(std::string_view query) {
  Properties properties;
  QueryString pairs(query);
  std::string_view name;
  std::string_view value;
  while (pairs.Next(&name, &value)) {
    if (name != "property") continue;
    const std::string_view key = value.substr(0, value.find(':'));
    value.remove_prefix(std::min(key.size() + 1, value.size()));
    properties[std::string(key)] = value;
  }
  return properties;
}

Result<View> TakeOverview(const Registry& registry, std::string_view text) {
  const QueryValues<6> query(text,
                             {"options", "countOnly", "env", "appId", "serviceName", "withShared"});
  const std::optional<Counts> counts = ReadCountOnly(query[1]);
  if (!counts.has_value()) return BadCountOnly();
  const Wanted wanted = ReadOptions(query[0], *counts);
  const ServiceFilter filter{.environment = query[2],
                             .app_id = query[3],
                             .name = query[4],
                             .properties = ReadProperties(text),
                             .shared = ReadShared(query[5])};
  const Govern govern = registry.govern();
  ServiceOverview overview{.counts = wanted.counts};
  if (wanted.statistics) overview.statistics = govern.Statistics(filter.shared);
  if (wanted.services) {
    Result<std::vector<ServiceDetail>> services = govern.List(filter, wanted.parts);
    if (!services.ok()) return services.error();
    overview.services = *std::move(services);
  }
  const std::size_t bytes = RecordBytes(overview.services);
  return View{[overview = std::move(overview)](std::string* out) mutable {
                return ServiceOverviewText(std::move(overview), out);
              },
              bytes};
}

Result<View> TakeRelations(const Registry& registry, SharedServices shared) {
  Result<RelationGraph> graph = registry.govern().Relations(shared);
  if (!graph.ok()) return graph.error();
  const std::size_t bytes = RecordBytes(graph->services) + RecordBytes(graph->relations);
  return View{[graph = *std::move(graph)](std::string* out) mutable {
                return RelationsText(std::move(graph), out);
              },
              bytes};
}

Result<View> TakeApps(const Registry& registry, std::string_view environment,
                      SharedServices shared) {
  Result<std::vector<std::string>> apps = registry.govern().Apps(environment, shared);
  if (!apps.ok()) return apps.error();
  const std::size_t bytes = RecordBytes(*apps);
  return View{[apps = *std::move(apps)](std::string* out) mutable {
                return AppsText(std::move(apps), out);
              },
              bytes};
}

}  // namespace

void GetServiceDetail(Call& call) {
  Result<ServiceDetail> detail = call.registry().govern().Get(call.service_id());
  if (!detail.ok()) return AnswerError(call, detail.error());
  const std::size_t bytes = RecordBytes(*detail);
  AnswerSliced(
      call, {[&](std::string* out) { return ServiceDetailText(*std::move(detail), out); }, bytes});
}

void ListServiceDetails(Call& call) {
  AnswerView(call, [registry = call.registry(), query = std::string(call.query)] {
    return TakeOverview(registry, query);
  });
}

void GetRelations(Call& call) {
  const QueryValues<1> query(call.query, {"withShared"});
  AnswerView(call, [registry = call.registry(), shared = ReadShared(query[0])] {
    return TakeRelations(registry, shared);
  });
}

void ListApps(Call& call) {
  const QueryValues<2> query(call.query, {"env", "withShared"});
  AnswerView(call,
             [registry = call.registry(), environment = std::string(query[0]),
              shared = ReadShared(query[1])] { return TakeApps(registry, environment, shared); });
}

void GetStatistics(Call& call) {
  AnswerView(call, [registry = call.registry()]() -> Result<View> {
    return View{[statistics = registry.govern().Statistics()](std::string* out) {
      return StatisticsText(statistics, out);
    }};
  });
}

}  // namespace skep::server
