#include "registry/core/report_table.h"

#include <utility>

namespace skep::core {

bool ReportTable::Put(const LeaseKey& key, MetricReportPtr report, std::size_t max) {
  MetricReportPtr old;  // Ends without the lock.
  base::MutexLock lock(&mu_);
  const auto at = reports_.find(KeyOf(key));
  if (at != reports_.end()) {
    old = std::exchange(at->second, std::move(report));
    return true;
  }
  if (reports_.size() >= max) return false;
  reports_.emplace(KeyOf(key), std::move(report));
  size_.store(reports_.size());
  return true;
}

MetricReportPtr ReportTable::Get(const LeaseKey& key) const {
  base::MutexLock lock(&mu_);
  const auto at = reports_.find(KeyOf(key));
  return at == reports_.end() ? nullptr : at->second;
}

void ReportTable::Remove(const LeaseKey& key) {
  if (size_.load() == 0) return;
  base::MutexLock lock(&mu_);
  reports_.erase(KeyOf(key));
  size_.store(reports_.size());
}

}  // namespace skep::core
