// KvWorkloads: requests to a configuration center that speaks kie's API. Each function puts the
// items there that its requests ask for, and ends the process where an answer is wrong.
//
// Items are those of microservices, 100 of each with one set of labels, and a few words long: a
// list of them is as long as a find of 100 instances.
#ifndef SKEP_BENCH_LOAD_KV_WORKLOADS_H_
#define SKEP_BENCH_LOAD_KV_WORKLOADS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/load/http_client.h"
#include "bench/load/scenario.h"
#include "bench/load/workload.h"

namespace skep::bench {

inline constexpr std::size_t kItemsOfService = 100;
/// An item shows two revisions and two times, whose lengths may grow.
inline constexpr std::size_t kNumbersSlack = 32;
inline constexpr std::size_t kListSlack = kNumbersSlack * kItemsOfService;

class KvWorkloads {
 public:
  /// The options must outlive it.
  explicit KvWorkloads(const ScenarioOptions& options);

  /// One item by its id.
  Workload Get();

  /// The items of one microservice, by its exact labels, as clients ask for them.
  Workload List();

  /// The same with the revision that is known already.
  Workload NotModified();

  /// The same as long polls, each with the revision that the last one told: 304 when nothing has
  /// changed for the time of the options, or the items again.
  Workload LongPolls();

  /// New values for items that are there.
  Workload Put();

 private:
  /// Imports all items and returns their ids in a random order.
  std::vector<std::string> Import();
  /// Whether it shows all items of that microservice as they were imported.
  bool ShowsAll(const std::string& body, std::size_t service) const;
  std::size_t services() const;
  /// A request for each of them, made by `format` of the path of one.
  Workload ById(const std::function<std::string(const std::string& target)>& format);

  const ScenarioOptions& options_;
  HttpClient client_;
  std::vector<std::uint64_t> revisions_;  ///< Of the items, by their number.
};

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_KV_WORKLOADS_H_
