// ReportTable: the latest metric report of each instance that has sent one.
//
// Thread-safety: any thread. Remove costs one load while there is no report at all.
#ifndef SKEP_REGISTRY_CORE_REPORT_TABLE_H_
#define SKEP_REGISTRY_CORE_REPORT_TABLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "base/mutex.h"
#include "registry/core/instance_table.h"
#include "skep/registry/monitor.h"

namespace skep::core {

class ReportTable {
 public:
  /// False: it is of an instance without one, and `max` others have theirs.
  bool Put(const LeaseKey& key, MetricReportPtr report, std::size_t max);
  MetricReportPtr Get(const LeaseKey& key) const;
  void Remove(const LeaseKey& key);

 private:
  using Key = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;

  static Key KeyOf(const LeaseKey& key) { return {key.hi, key.lo, key.owner}; }

  std::atomic<std::size_t> size_{0};
  mutable base::Mutex mu_;
  absl::flat_hash_map<Key, MetricReportPtr> reports_ ABSL_GUARDED_BY(mu_);
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_REPORT_TABLE_H_
