// Heartbeats in process. Each thread renews all instances over and over, in a random order of its
// own: most of the cost is the cache misses of one look-up.
//
// Floor: a look-up of the 16-byte id in one flat_hash_map of the same size, with Abseil's own hash,
// and one store.
#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "bench/registry/world.h"
#include "bench/support/apart.h"
#include "bench/support/die.h"

namespace skep::bench {
namespace {

struct Id {
  std::uint64_t hi;
  std::uint64_t lo;
  friend bool operator==(const Id&, const Id&) = default;
  template <class H>
  friend H AbslHashValue(H hash, const Id& id) {
    return H::combine(std::move(hash), id.hi, id.lo);
  }
};
using FloorMap = absl::flat_hash_map<Id, std::uint64_t>;

#if defined(SKEP_BENCH_PLANTED)
// A mutex too many on the way of each heartbeat, as a careless change might bring it.
class Planted {
 public:
  Planted() : lock_(mutex()) {}

 private:
  static std::mutex& mutex() {
    static std::mutex instance;
    return instance;
  }
  const std::lock_guard<std::mutex> lock_;
};
#else
struct Planted {};
#endif

// A heartbeat of each form, with what its caller has in hand.
struct ByLease {
  using Key = LeaseRef;
  static Key MakeKey(BeatingWorld& world, const Beater& b) {
    auto lease = world.engine().registry().instances().Lease(ServiceIdView(b.service_id),
                                                             InstanceIdView(b.hi, b.lo));
    Check(lease.ok(), "no lease");
    return *lease;
  }
  static bool Beat(Instances& instances, const Key& key, MonotonicTime now) {
    return instances.Renew(key, now);
  }
};

struct ByBinaryId {
  using Key = Beater;
  static Key MakeKey(BeatingWorld&, const Beater& b) { return b; }
  static bool Beat(Instances& instances, const Key& key, MonotonicTime now) {
    return instances.Heartbeat(ServiceIdView(key.service_id), InstanceIdView(key.hi, key.lo), now)
        .ok();
  }
};

struct ByHexText {
  struct Key {
    std::string_view service_id;
    std::array<char, 32> hex;
  };
  static Key MakeKey(BeatingWorld&, const Beater& b) {
    Key key{b.service_id, {}};
    std::memcpy(key.hex.data(), InstanceIdView(b.hi, b.lo).str().data(), key.hex.size());
    return key;
  }
  static bool Beat(Instances& instances, const Key& key, MonotonicTime now) {
    return instances
        .Heartbeat(ServiceIdView(key.service_id),
                   InstanceIdView(std::string_view(key.hex.data(), key.hex.size())), now)
        .ok();
  }
};

// Built once for each size and kept, since a million registrations take seconds: the runs that come
// after, in whatever order, find the same memory.
struct SharedWorld {
  explicit SharedWorld(std::size_t instances) : world(instances) {
    for (const Beater& b : world.Shuffled(0)) floor.emplace(Id{b.hi, b.lo}, 0);
  }
  BeatingWorld world;
  FloorMap floor;
};

SharedWorld& WorldOf(const benchmark::State& state) {
  static std::mutex mu;
  static std::map<std::int64_t, std::unique_ptr<SharedWorld>> worlds;
  const std::lock_guard lock(mu);
  auto& world = worlds[state.range(0)];
  if (world == nullptr) {
    world = std::make_unique<SharedWorld>(static_cast<std::size_t>(state.range(0)));
  }
  return *world;
}

std::uint64_t SeedOf(const benchmark::State& state) {
  return static_cast<std::uint64_t>(state.thread_index()) + 1;
}

template <class Form>
void BM_Heartbeat(benchmark::State& state) {
  SharedWorld& shared = WorldOf(state);
  Registry registry = shared.world.engine().registry();
  Instances instances = registry.instances();
  const MonotonicTime now = shared.world.engine().clock().Now();
  std::vector<typename Form::Key> keys;
  for (const Beater& b : shared.world.Shuffled(SeedOf(state))) {
    keys.push_back(Form::MakeKey(shared.world, b));
    Check(Form::Beat(instances, keys.back(), now), "a heartbeat of a live instance fails");
  }
  const std::size_t failed = TimeOver(state, state.range(1) != 0, keys, true, [&](const auto& key) {
    [[maybe_unused]] const Planted planted;
    return Form::Beat(instances, key, now);
  });
  Check(failed == 0, "a heartbeat failed while it was timed");
}

void BM_HeartbeatFloor(benchmark::State& state) {
  SharedWorld& shared = WorldOf(state);
  std::vector<Id> ids;
  for (const Beater& b : shared.world.Shuffled(SeedOf(state))) ids.push_back({b.hi, b.lo});
  const auto now = static_cast<std::uint64_t>(state.range(0));
  const std::size_t failed = TimeOver(state, state.range(1) != 0, ids, true, [&](const Id& id) {
    const auto found = shared.floor.find(id);
    if (found == shared.floor.end()) return false;
    std::atomic_ref(found->second).store(now, std::memory_order_relaxed);
    return true;
  });
  Check(failed == 0, "an id is not in the floor's map");
}

void Sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"instances", "apart"})->ArgsProduct({{10'000, 1'000'000}, {0, 1}});
  bench->ThreadRange(1, MostThreads())->UseRealTime();
}

BENCHMARK(BM_HeartbeatFloor)->Apply(Sizes);
BENCHMARK_TEMPLATE(BM_Heartbeat, ByLease)->Apply(Sizes);
BENCHMARK_TEMPLATE(BM_Heartbeat, ByBinaryId)->Apply(Sizes);
BENCHMARK_TEMPLATE(BM_Heartbeat, ByHexText)->Apply(Sizes);

}  // namespace
}  // namespace skep::bench
