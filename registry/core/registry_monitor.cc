// RegistryCore: metric reports.
#include <memory>
#include <string>
#include <utility>

#include "registry/core/errors.h"
#include "registry/core/registry_core.h"

namespace skep::core {
namespace {

Status Check(const MetricReport& report) {
  if (report.service_id.empty() != report.instance_id.empty()) {
    return InvalidField("instanceId", report.instance_id,
                        "serviceId and instanceId come together or not at all");
  }
  if (report.functions.size() > kReportFunctionsMax) {
    return InvalidField("interfaces", std::to_string(report.functions.size()) + " items",
                        "at most " + std::to_string(kReportFunctionsMax));
  }
  if (report.memory.size() > kReportMemoryMax) {
    return InvalidField("memory", std::to_string(report.memory.size()) + " items",
                        "at most " + std::to_string(kReportMemoryMax));
  }
  return {};
}

}  // namespace

Status RegistryCore::TakeReport(const TenantHandle& tenant, MetricReport report) {
  if (Status good = Check(report); !good.ok()) return good;
  if (report.instance_id.empty()) return {};
  const auto kept = std::make_shared<const MetricReport>(std::move(report));
  const InstanceIdView id(kept->instance_id);
  const std::optional<LeaseKey> key = KeyOf(tenant, kept->service_id, id);
  if (!key.has_value() || !instances_.Contains(*key)) {
    return InstanceNotExists(kept->service_id, id);
  }
  if (!reports_.Put(*key, kept, options_.reports_max)) {
    return QuotaReached("REPORT", options_.reports_max, tenant.tenant);
  }
  // Whoever ended the instance meanwhile may have looked for its report too early.
  if (instances_.Contains(*key)) return {};
  reports_.Remove(*key);
  return InstanceNotExists(kept->service_id, id);
}

Result<MetricReportPtr> RegistryCore::LatestReport(const TenantHandle& tenant,
                                                   std::string_view service_id,
                                                   InstanceIdView id) const {
  const std::optional<LeaseKey> key = KeyOf(tenant, service_id, id);
  if (!key.has_value() || !instances_.Contains(*key)) return InstanceNotExists(service_id, id);
  return reports_.Get(*key);
}

}  // namespace skep::core
