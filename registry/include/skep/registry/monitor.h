/// Monitor: what instances last said of their own load.
///
/// Reached through Registry::monitor(); copying is cheap. The registry keeps the latest report of
/// each instance, for as long as the instance is there, and makes nothing of it. Reports are no
/// changes: no revision moves. Source: API manual 9.3 and 10.1.6 to 10.1.8.
///
/// Thread-safety: any thread.
#ifndef SKEP_REGISTRY_MONITOR_H_
#define SKEP_REGISTRY_MONITOR_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "skep/registry/ids.h"
#include "skep/result.h"

namespace skep {

namespace core {
class RegistryCore;
struct TenantHandle;
}  // namespace core

/// Limits of one report.
inline constexpr std::size_t kReportFunctionsMax = 500;
inline constexpr std::size_t kReportMemoryMax = 64;

/// Figures of one monitored function.
struct FunctionMetric {
  std::string name{};
  std::string type{};
  std::string description{};
  /// By the API's names: qps, latency, rate, failureRate, l99, ... What was not said is absent.
  std::map<std::string, double> figures{};
};

struct MetricReport {
  std::string service_id{};
  std::string instance_id{};
  std::string name{};
  std::string app_id{};
  std::string version{};
  std::string instance{};  ///< The instance's name.
  std::int64_t threads = 0;
  double cpu = 0;
  std::map<std::string, std::int64_t> memory{};  ///< By kind; bytes, as far as clients say.
  std::vector<FunctionMetric> functions{};
};

using MetricReportPtr = std::shared_ptr<const MetricReport>;

class Monitor {
 public:
  Monitor(core::RegistryCore* core, const core::TenantHandle* tenant)
      : core_(core), tenant_(tenant) {}

  /// Takes a report in place of the instance's earlier one. One without both ids is of nobody that
  /// the registry knows: it is checked and not kept.
  /// Errors: kInvalidParams (one id without the other; over the limits); kInstanceNotExists;
  /// kNotEnoughQuota where RegistryOptions::reports_max instances have reports.
  Status Report(MetricReport report);

  /// The latest report of a live instance; null where it has not reported.
  /// Errors: kInstanceNotExists.
  Result<MetricReportPtr> Latest(ServiceIdView service_id, InstanceIdView id) const;

 private:
  core::RegistryCore* core_;
  const core::TenantHandle* tenant_;
};

}  // namespace skep

#endif  // SKEP_REGISTRY_MONITOR_H_
