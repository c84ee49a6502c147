#include "server/routes/self_registration.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <string_view>
#include <utility>
#include <vector>

#include "skep/version.h"

namespace skep::server {
namespace {

// Shared microservices are looked for in RegistryOptions::shared_environment, of which this is the
// default.
constexpr const char* kEnvironment = "development";
constexpr const char* kName = "SERVICECENTER";

std::string HostName() {
  char name[65] = {};  // A hostName has at most 64 characters.
  if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

// The first IPv4 address of an interface that is up and is not the loopback.
std::string ReachableAddress() {
  std::string found = "127.0.0.1";
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return found;
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_INET) continue;
    if ((at->ifa_flags & IFF_UP) == 0 || (at->ifa_flags & IFF_LOOPBACK) != 0) continue;
    char text[INET_ADDRSTRLEN];
    const void* address = &reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr;
    if (inet_ntop(AF_INET, address, text, sizeof text) == nullptr) continue;
    found = text;
    break;
  }
  freeifaddrs(list);
  return found;
}

Microservice Describe() {
  return {.app_id = "default",
          .name = kName,
          .version = SKEP_VERSION_STRING,
          .level = ServiceLevel::kBack,
          .status = ServiceStatus::kUp,
          .properties = {{"allowCrossApp", "true"}},
          .alias = kName,
          .environment = kEnvironment};
}

}  // namespace

std::string EndpointOf(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const std::string_view host = std::string_view(address).substr(0, colon);
  if (host != "0.0.0.0" && host != "[::]") return "rest://" + address + "/";
  return "rest://" + ReachableAddress() + address.substr(colon) + "/";
}

Result<std::unique_ptr<SelfRegistration>> SelfRegistration::Register(
    Engine& engine, std::span<const std::string> addresses) {
  Registry& registry = engine.registry();
  const auto service = registry.microservices().Register(Describe());
  if (!service.ok()) return service.error();
  std::vector<std::string> endpoints;
  for (const std::string& address : addresses) endpoints.push_back(EndpointOf(address));
  const auto instance = registry.instances().Register(*service, {.host = HostName(),
                                                                 .endpoints = std::move(endpoints),
                                                                 .status = InstanceStatus::kUp,
                                                                 .health_check = HealthCheck{},
                                                                 .lease = LeaseMode::kNone});
  if (!instance.ok()) return instance.error();
  return std::unique_ptr<SelfRegistration>(new SelfRegistration(engine, *service, *instance));
}

void SelfRegistration::Withdraw() {
  if (withdrawn_.exchange(true)) return;
  Registry& registry = engine_.registry();
  // Somebody may have removed either before; and while another server is registered, the
  // microservice stays, which the safe mode sees to.
  (void)registry.instances().Unregister(service_id_, instance_id_);
  (void)registry.microservices().Delete(service_id_, DeleteMode::kSafe);
}

}  // namespace skep::server
