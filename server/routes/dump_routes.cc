#include "server/routes/dump_routes.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/codec/dump_json.h"
#include "server/codec/query_string.h"
#include "server/routes/errors.h"
#include "server/routes/record_bytes.h"
#include "server/routes/reply.h"
#include "server/routes/sliced_reply.h"
#include "skep/registry/govern.h"

namespace skep::server {
namespace {

std::size_t ItemsOf(const std::vector<ServiceDetail>& services) {
  std::size_t items = services.size();
  for (const ServiceDetail& detail : services) {
    items += detail.instances.size() + detail.provider_keys.size() + detail.schemas.size();
  }
  return items;
}

Result<std::vector<TenantDump>> CollectTenants(Engine& engine) {
  const ServiceFilter everything{.shared = SharedServices::kShow};
  const DetailParts parts{.instances = InstancePart::kAll,
                          .dependencies = DependencyPart::kKeys,
                          .tags = true,
                          .schemas = true};
  std::vector<TenantDump> tenants;
  std::size_t items = 0;
  for (const Tenant& tenant : engine.registry().govern().Tenants()) {
    Result<std::vector<ServiceDetail>> services =
        engine.registry(tenant).govern().List(everything, parts);
    if (!services.ok()) return services.error();
    items += ItemsOf(*services);
    if (items > kDumpItemsMax) return DumpTooLong(kDumpItemsMax);
    tenants.push_back({tenant, *std::move(services)});
  }
  return tenants;
}

Result<View> TakeDump(Engine& engine, std::string_view text) {
  const QueryValues<1> query(text, {"options"});
  const std::vector<std::string_view> options = SplitAtCommas(query[0]);
  const auto has = [&options](std::string_view word) {
    return std::ranges::find(options, word) != options.end();
  };
  const bool all = has("all");
  View view;
  Dump dump;
  if (all || has("info")) dump.info = BuildInfo::kShow;
  if (all || has("cache") || options.empty()) {
    Result<std::vector<TenantDump>> tenants = CollectTenants(engine);
    if (!tenants.ok()) return tenants.error();
    for (const TenantDump& tenant : *tenants) view.bytes += RecordBytes(tenant.services);
    dump.cache = *std::move(tenants);
  }
  view.begin = [dump = std::move(dump)](std::string* out) mutable {
    return DumpText(std::move(dump), out);
  };
  return view;
}

}  // namespace

void GetDump(Call& call) {
  if (!call.is_default_tenant()) return AnswerError(call, AdminOnly());
  AnswerView(call, [&engine = call.context.engine, query = std::string(call.query)] {
    return TakeDump(engine, query);
  });
}

}  // namespace skep::server
