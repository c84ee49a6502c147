// Registration of instances in process, without storage, into an engine that starts empty. Timed is
// all from the caller's values to the registered record, the building of the InstanceSpec included.
//
// Floor: building the same spec, giving it an id and moving it into one flat_hash_map, under a
// mutex where there are two threads.
#include <benchmark/benchmark.h>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "bench/registry/world.h"
#include "bench/support/die.h"

namespace skep::bench {
namespace {

constexpr std::size_t kRegistrations = 100'000;

struct UuidHash {
  std::size_t operator()(const base::Uuid& id) const { return hasher.Of128(id.hi, id.lo); }
  base::Hasher hasher{1};
};

struct Floor {
  std::mutex mu;
  base::UuidGenerator ids{1};
  absl::flat_hash_map<base::Uuid, std::shared_ptr<const InstanceSpec>, UuidHash> map;
};

// What one run registers into. Made anew for each run by its set-up, which is not timed.
struct RunWorld {
  std::unique_ptr<Engine> engine;
  std::vector<ServiceId> services;
  std::unique_ptr<Floor> floor;
};

RunWorld& World() {
  static RunWorld world;
  return world;
}

void SetUp(const benchmark::State&) {
  RunWorld& world = World();
  world.engine = OpenEngine();
  for (std::size_t i = 0; i < 2 * kRegistrations; i += kInstancesOfService) {
    world.services.push_back(RegisterService(*world.engine, "service-" + std::to_string(i)));
  }
  world.floor = std::make_unique<Floor>();
}

void TearDown(const benchmark::State&) { World() = RunWorld(); }

void BM_Register(benchmark::State& state) {
  RunWorld& world = World();
  Registry registry = world.engine->registry();
  Instances instances = registry.instances();
  std::size_t number = static_cast<std::size_t>(state.thread_index()) * kRegistrations;
  bool all = true;
  for (auto _ : state) {
    const ServiceId& service = world.services[number / kInstancesOfService];
    all &= instances.Register(service, MakeSpec(number++)).ok();
  }
  Check(all, "a registration failed");
  state.SetItemsProcessed(state.iterations());
}

void BM_RegisterFloor(benchmark::State& state) {
  Floor& floor = *World().floor;
  std::size_t number = static_cast<std::size_t>(state.thread_index()) * kRegistrations;
  for (auto _ : state) {
    auto record = std::make_shared<const InstanceSpec>(MakeSpec(number++));
    const std::lock_guard lock(floor.mu);
    floor.map.emplace(floor.ids.Next(), std::move(record));
  }
  state.SetItemsProcessed(state.iterations());
}

void Runs(benchmark::internal::Benchmark* bench) {
  bench->Setup(SetUp)->Teardown(TearDown)->Iterations(kRegistrations);
  bench->Threads(1)->Threads(2)->UseRealTime();
}

BENCHMARK(BM_RegisterFloor)->Apply(Runs);
BENCHMARK(BM_Register)->Apply(Runs);

}  // namespace
}  // namespace skep::bench
