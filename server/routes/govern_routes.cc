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

}  // namespace

void GetServiceDetail(Call& call) {
  Result<ServiceDetail> detail = call.registry().govern().Get(call.service_id());
  if (!detail.ok()) return AnswerError(call, detail.error());
  AnswerSliced(call, [&](std::string* out) { return ServiceDetailText(*std::move(detail), out); });
}

void ListServiceDetails(Call& call) {
  const QueryValues<6> query(call.query,
                             {"options", "countOnly", "env", "appId", "serviceName", "withShared"});
  const std::optional<Counts> counts = ReadCountOnly(query[1]);
  if (!counts.has_value()) return AnswerError(call, BadCountOnly());
  const Wanted wanted = ReadOptions(query[0], *counts);
  const ServiceFilter filter{.environment = query[2],
                             .app_id = query[3],
                             .name = query[4],
                             .properties = ReadProperties(call.query),
                             .shared = ReadShared(query[5])};
  const Govern govern = call.registry().govern();
  ServiceOverview overview{.counts = wanted.counts};
  if (wanted.statistics) overview.statistics = govern.Statistics(filter.shared);
  if (wanted.services) {
    Result<std::vector<ServiceDetail>> services = govern.List(filter, wanted.parts);
    if (!services.ok()) return AnswerError(call, services.error());
    overview.services = *std::move(services);
  }
  AnswerSliced(call,
               [&](std::string* out) { return ServiceOverviewText(std::move(overview), out); });
}

void GetRelations(Call& call) {
  const QueryValues<1> query(call.query, {"withShared"});
  Result<RelationGraph> graph = call.registry().govern().Relations(ReadShared(query[0]));
  if (!graph.ok()) return AnswerError(call, graph.error());
  AnswerSliced(call, [&](std::string* out) { return RelationsText(*std::move(graph), out); });
}

void ListApps(Call& call) {
  const QueryValues<2> query(call.query, {"env", "withShared"});
  const auto apps = call.registry().govern().Apps(query[0], ReadShared(query[1]));
  if (!apps.ok()) return AnswerError(call, apps.error());
  AppendAppsBody(*apps, FillJson(&call.reply));
}

void GetStatistics(Call& call) {
  AppendStatisticsBody(call.registry().govern().Statistics(), FillJson(&call.reply));
}

}  // namespace skep::server
