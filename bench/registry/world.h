// The engines that the in-process benchmarks run on, and the records they register.
#ifndef SKEP_BENCH_REGISTRY_WORLD_H_
#define SKEP_BENCH_REGISTRY_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "skep/skep.h"

namespace skep::bench {

inline constexpr std::string_view kAppId = "bench";

/// How many instances one microservice has where a benchmark does not say otherwise.
inline constexpr std::size_t kInstancesOfService = 100;

/// An engine with no quota in the way.
std::unique_ptr<Engine> OpenEngine();

ServiceId RegisterService(Engine& engine, const std::string& name);

/// About 400 bytes as JSON, 490 as an answer shows it; each number has its own host and endpoints.
/// The lease is four hours, so that nothing ends while it is measured.
InstanceSpec MakeSpec(std::size_t number);

/// One instance, as those who send its heartbeats know it.
struct Beater {
  std::string_view service_id;
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;
};

/// An engine with some number of instances.
class BeatingWorld {
 public:
  explicit BeatingWorld(std::size_t instances);

  Engine& engine() { return *engine_; }

  /// All instances, in an order that is random, and another for each seed.
  std::vector<Beater> Shuffled(std::uint64_t seed) const;

 private:
  std::unique_ptr<Engine> engine_;
  std::vector<ServiceId> services_;
  std::vector<Beater> beaters_;
};

}  // namespace skep::bench

#endif  // SKEP_BENCH_REGISTRY_WORLD_H_
