// RegistryWorkloads: requests to a service registry. Each function registers what its requests ask
// for, and ends the process where an answer is wrong.
#ifndef SKEP_BENCH_LOAD_REGISTRY_WORKLOADS_H_
#define SKEP_BENCH_LOAD_REGISTRY_WORKLOADS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/load/http_client.h"
#include "bench/load/records.h"
#include "bench/load/scenario.h"
#include "bench/load/workload.h"

namespace skep::bench {

class RegistryWorkloads {
 public:
  /// The options must outlive it.
  explicit RegistryWorkloads(const ScenarioOptions& options);

  Workload Heartbeat();
  Workload HeartbeatSet();

  /// Finds by a consumer of microservices with so many instances each.
  Workload Find(std::size_t instances);

  /// The same of microservices whose instances Changes changes: their bytes, not their sizes.
  Workload FindChanging(std::size_t instances);

  /// Other properties of the instances that FindChanging looks for. A registration would not do: a
  /// service-center takes it for a heartbeat where the instance is there.
  Workload Changes(std::size_t instances);

  /// The finds of 100 instances with the revision that is known already.
  Workload NotModified();

  /// Registrations of instances that never were there.
  Workload Register();

  /// Instances of microservices with so many each that go and come back, by turns. In their order
  /// on one connection, so that one at most is missing at a time.
  Workload Churn(std::size_t instances);

  /// Finds of the same microservices, with the revision that the last one told: 304, or all again,
  /// of which `missing` at most have gone and not come back.
  Workload Polls(std::size_t instances, std::size_t missing);

  /// The same without a revision, as of a consumer that was told of a change.
  Workload FindChurning(std::size_t instances, std::size_t missing);

  /// The path at which the consumer of all finds is told of its providers' changes.
  std::string WatchTarget();

  /// GET of `path`.
  Workload Raw(const std::string& path);

 private:
  using Beaters = std::vector<std::pair<std::string, std::string>>;  // Service id, instance id.

  Beaters RegisterBeaters();
  void AwaitLease(const Beaters::value_type& beater);
  Workload FindOf(std::string_view kind, std::size_t instances, const std::string& color);

  const ScenarioOptions& options_;
  HttpClient client_;
  Records records_;
};

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_REGISTRY_WORKLOADS_H_
