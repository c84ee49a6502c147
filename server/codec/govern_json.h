// Bodies of the views of a console (spec 11).
#ifndef SKEP_SERVER_CODEC_GOVERN_JSON_H_
#define SKEP_SERVER_CODEC_GOVERN_JSON_H_

#include <optional>
#include <string>
#include <vector>

#include "server/codec/sliced_text.h"
#include "skep/registry/govern.h"

namespace skep::server {

/// {"service":{...}}, with all that the detail has.
SlicedText ServiceDetailText(ServiceDetail detail, std::string* out);

/// Whether the entries of a list have counts in the place of their instances.
enum class Counts { kHide, kShow };

/// What a list of microservices is made of.
struct ServiceOverview {
  std::vector<ServiceDetail> services{};
  std::optional<RegistryStatistics> statistics{};
  Counts counts = Counts::kHide;
};

/// {"allServicesDetail":[...],"statistics":{...}}, each left out where there is none. Entries have
/// no schema ids, their instances no properties: it is what a console shows in a table.
SlicedText ServiceOverviewText(ServiceOverview overview, std::string* out);

/// {"nodes":[...],"lines":[...],"circles":null}; null for a list without items.
SlicedText RelationsText(RelationGraph graph, std::string* out);

/// {"appIds":[...]}, or {} where there is none.
SlicedText AppsText(std::vector<std::string> apps, std::string* out);

/// {"statistics":{...}}
SlicedText StatisticsText(RegistryStatistics statistics, std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_GOVERN_JSON_H_
