// Scenario: what is asked of a server, in one kind of request or in several at once.
#ifndef SKEP_BENCH_LOAD_SCENARIO_H_
#define SKEP_BENCH_LOAD_SCENARIO_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/load/workload.h"

namespace skep::bench {

struct ScenarioOptions {
  std::string target{};  ///< "host:port"
  std::string name = "heartbeat";
  std::string path = "/";                 ///< Of the scenario raw.
  std::size_t instances = 10'000;         ///< That send heartbeats.
  std::size_t services = 10;              ///< That are looked for.
  std::size_t items = 1'000;              ///< Of configuration.
  double interval_s = 30;                 ///< Between the heartbeats of an instance, in mixed.
  std::chrono::milliseconds wait{5'000};  ///< Of a long poll in mixed, at most.
  double lag_s = 0;                       ///< By which reads may follow writes.
  std::uint64_t seed = 1;
};

/// One kind of request.
struct Kind {
  std::string name{};
  Workload workload{};
  double per_second = 0;        ///< Its own rate; 0: what the command line says.
  bool closed = false;          ///< Each follows an answer, whatever the command line says.
  std::size_t connections = 0;  ///< Its own; 0: what the command line says.
};

struct Scenario {
  std::string description{};  ///< For the reader of the figures.
  std::vector<Kind> kinds{};  ///< The first is what is measured, others go on beside it.
  std::string watched{};      ///< The path that watchers upgrade; empty: there are none.
  std::size_t watchers = 0;
};

std::vector<std::string> ScenarioNames();

/// A line for each scenario: its name and what it asks.
std::string ScenarioHelp();

/// Registers at the target what the scenario asks for (anew or over what an earlier run left),
/// looks at one answer of each kind in full, and returns the requests. Ends the process where the
/// target answers wrongly.
Scenario PrepareScenario(const ScenarioOptions& options);

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_SCENARIO_H_
