#include "server/routes/admin_routes.h"

#include <string>
#include <string_view>
#include <vector>

#include "server/codec/system_json.h"
#include "server/routes/reply.h"
#include "server/routes/self_registration.h"

namespace skep::server {
namespace {

// Where this server listens, as the registry has it: "rest://host:port/" becomes
// "http://host:port".
std::vector<std::string> OwnAddresses(Call& call) {
  std::vector<std::string> addresses;
  const SelfRegistration* self = call.context.self.load(std::memory_order_acquire);
  if (self == nullptr) return addresses;
  const auto found = call.context.engine.registry().instances().List(self->service_id());
  if (!found.ok()) return addresses;
  constexpr std::string_view kScheme = "rest://";
  for (const Instance& instance : found->instances()) {
    for (std::string_view endpoint : instance.endpoints()) {
      if (!endpoint.starts_with(kScheme)) continue;
      endpoint.remove_prefix(kScheme.size());
      addresses.push_back("http://" + std::string(endpoint.substr(0, endpoint.find('/'))));
    }
  }
  return addresses;
}

}  // namespace

void ListAlarms(Call& call) {
  AppendAlarmsBody(call.context.alarms.internal_error(), FillJson(&call.reply));
}

void ClearAlarms(Call& call) {
  call.context.alarms.Clear();
  FillEmpty(&call.reply);
}

void ListClusters(Call& call) { AppendClustersBody(OwnAddresses(call), FillJson(&call.reply)); }

}  // namespace skep::server
