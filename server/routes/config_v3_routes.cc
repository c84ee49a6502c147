#include "server/routes/config_v3_routes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/codec/json_writer.h"
#include "server/codec/kv_body.h"
#include "server/codec/kv_request.h"
#include "server/codec/query_string.h"
#include "server/routes/reply.h"

namespace skep::server {
namespace {

constexpr std::size_t kDimensionBytesMax = 512;

// "service@app" or "service@app#version", perhaps with "!tag,..." behind, which is not looked at.
struct Caller {
  std::string_view service;
  std::string_view app;
  std::string_view version;  ///< Empty: not said.
};

Result<Caller> ReadCaller(std::string_view text) {
  if (text.empty()) return InvalidKvRequest("query parameter dimensionsInfo is required");
  if (text.size() > kDimensionBytesMax)
    return InvalidKvRequest("dimensionsInfo is longer than 512 bytes");
  constexpr std::string_view kNever = " $%^&+/\\";
  text = text.substr(0, text.find('!'));
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || text.find_first_of(kNever) != text.npos) {
    return InvalidKvRequest(
        "dimensionsInfo is service@app or service@app#version, without blanks and $%^&+/\\");
  }
  Caller caller;
  caller.service = text.substr(0, at);
  const std::string_view rest = text.substr(at + 1);
  const std::size_t hash = rest.find('#');
  caller.app = rest.substr(0, hash);
  if (hash != std::string_view::npos) caller.version = rest.substr(hash + 1);
  if (caller.app.empty()) return InvalidKvRequest("dimensionsInfo names no app");
  return caller;
}

// What is not one of the four counts as none.
std::string_view ReadEnvironment(std::string_view field) {
  constexpr std::array<std::string_view, 4> kEnvironments = {"development", "testing", "acceptance",
                                                             "production"};
  return std::ranges::find(kEnvironments, field) != kEnvironments.end() ? field
                                                                        : std::string_view();
}

using QueryLabels = std::vector<std::pair<std::string_view, std::string_view>>;

// A dimension is the enabled items with exactly these labels, the same sets that the clients of the
// present API poll (spec kie 14.1, 15.5):
//
//   application            app, environment
//   service@app            app, environment, service
//   darklaunch@app         the same of a service of that name
//   service@app#version    app, environment, service, version
struct Dimension {
  std::string name;
  QueryLabels labels;
};

std::vector<Dimension> DimensionsOf(const Caller& caller, std::string_view environment) {
  constexpr std::string_view kDarkLaunch = "darklaunch";
  const QueryLabels app = {{"app", caller.app}, {"environment", environment}};
  QueryLabels service = app;
  service.emplace_back("service", caller.service);
  QueryLabels dark_launch = app;
  dark_launch.emplace_back("service", kDarkLaunch);
  std::string at_app(1, '@');
  at_app += caller.app;
  std::string service_name = std::string(caller.service) + at_app;
  std::vector<Dimension> dimensions = {{"application", app},
                                       {service_name, service},
                                       {std::string(kDarkLaunch) + at_app, dark_launch}};
  if (!caller.version.empty()) {
    service.emplace_back("version", caller.version);
    dimensions.push_back({service_name.append("#").append(caller.version), std::move(service)});
  }
  return dimensions;
}

void AppendItems(const KvList& list, std::string* out) {
  JsonObject items(out);
  for (const KeyValuePtr& kv : list.items()) items.Entry(kv->key(), kv->value);
}

}  // namespace

void GetDimensions(Call& call) {
  call.api = Api::kConfig;
  if (Status good = CheckPairs(call.query); !good.ok()) return AnswerError(call, good.error());
  const QueryValues<3> values(call.query, {"dimensionsInfo", "keyFilter", "revision"});
  const Result<Caller> caller = ReadCaller(values[0]);
  if (!caller.ok()) return AnswerError(call, caller.error());
  const std::string_view known = values[2];
  const ConfigCenter config = call.config();
  // Read before the items, so that these are at least as new.
  const std::string revision = std::to_string(config.revision().number());
  if (known == revision) {
    call.reply.status = 304;
    return;
  }
  std::string text;
  {
    JsonObject body(&text);
    const std::string_view environment = ReadEnvironment(call.request.Field("x-environment"));
    for (const Dimension& dimension : DimensionsOf(*caller, environment)) {
      const Result<KvList> list = config.List({.labels = dimension.labels,
                                               .match = LabelMatch::kExact,
                                               .key_pattern = values[1],
                                               .status = KvStatus::kEnabled,
                                               .order = KvOrder::kKey});
      if (!list.ok()) return AnswerError(call, list.error());
      if (list->items().empty()) continue;
      // The name comes from the client, so it needs escapes.
      body.Member(dimension.name);
      AppendItems(*list, &text);
    }
    if (!known.empty()) {
      body.Key("revision");
      JsonObject(&text).Text("version", revision);
    }
  }
  *FillKieJson(&call.reply) = std::move(text);
}

void GetConfigV3Health(Call& call) { FillEmpty(&call.reply); }

}  // namespace skep::server
