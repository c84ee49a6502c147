// RegistryCore: the daily retirement of old versions (spec 15.2).
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <map>
#include <tuple>
#include <utility>

#include "registry/core/registry_core.h"

namespace skep::core {
namespace {

constexpr std::chrono::hours kTimeOfDay{1};

using Version = std::array<int, 4>;

// Missing parts count as zero. REQUIRES: the text is an exact version (version_rule.h).
Version Parse(std::string_view text) {
  Version version{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int& part : version) {
    if (at >= end) break;
    at = std::from_chars(at, end, part).ptr + 1;
  }
  return version;
}

// Newest first; of equal versions (1.0 and 1.0.0) the one that registered last.
bool IsNewer(const ServiceRef& a, const ServiceRef& b) {
  return std::pair(Parse(a->version), a->serial) > std::pair(Parse(b->version), b->serial);
}

// Those of one tenant's services that have `kept` newer versions.
std::vector<ServiceRef> OldVersions(const std::vector<ServiceRef>& services, std::size_t kept) {
  using Key = std::tuple<Environment, std::string_view, std::string_view>;
  std::map<Key, std::vector<ServiceRef>> families;
  for (const ServiceRef& service : services) {
    families[{service->environment, service->app_id, service->name}].push_back(service);
  }
  std::vector<ServiceRef> old;
  for (auto& [key, versions] : families) {
    if (versions.size() <= kept) continue;
    std::ranges::sort(versions, IsNewer);
    old.insert(old.end(), versions.begin() + static_cast<std::ptrdiff_t>(kept), versions.end());
  }
  return old;
}

}  // namespace

void RegistryCore::ArmRetirement() {
  if (options_.versions_kept == 0 || stopped_) return;
  const WallTime now = clock_->WallNow();
  WallTime next = std::chrono::floor<std::chrono::days>(now) + kTimeOfDay;
  if (next <= now) next += std::chrono::days(1);
  timers_.Schedule(clock_->Now() + (next - now), [this] { RunRetirement(); });
}

void RegistryCore::RunRetirement() {
  std::vector<TenantEntry*> tenants;
  {
    base::MutexLock lock(&writer_mu_);
    if (stopped_) return;
    for (std::size_t number = 1; number <= tenants_.size(); ++number) {
      tenants.push_back(tenants_.ByNumber(static_cast<std::uint32_t>(number)));
    }
  }
  for (TenantEntry* tenant : tenants) {
    for (const ServiceRef& service : OldVersions(ServicesOf(*tenant), options_.versions_kept)) {
      if (!RetireUnlessUsed(tenant, service)) continue;
      log_(LogLevel::kInfo, "retired version " + service->version + " of " + service->app_id + "/" +
                                service->name + " (" + service->id + " in " + tenant->name.domain +
                                "/" + tenant->name.project + "): it has no instances and " +
                                std::to_string(options_.versions_kept) + " newer versions");
    }
  }
  base::MutexLock lock(&writer_mu_);
  ArmRetirement();
}

bool RegistryCore::RetireUnlessUsed(TenantEntry* tenant, const ServiceRef& service) {
  base::MutexLock lock(&writer_mu_);
  if (stopped_ || service->deleted || service->instance_count > 0) return false;
  if (!Writable().ok()) return false;
  RemoveService(tenant, service, revisions_->Next());
  return true;
}

}  // namespace skep::core
