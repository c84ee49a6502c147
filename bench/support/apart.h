// Timing an operation by itself. In a tight loop the processor works on several operations at once
// and hides the cache misses of each behind the others'; a server's heartbeats are not that close
// to one another. So the benchmarks of look-ups come in two ways: back to back, and apart, where
// each begins when the one before has ended.
#ifndef SKEP_BENCH_SUPPORT_APART_H_
#define SKEP_BENCH_SUPPORT_APART_H_

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <thread>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace skep::bench {

/// Returns when all loads before it have.
inline void EndOperation() {
#if defined(__x86_64__)
  _mm_lfence();
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

/// As many as the cores, and at least two: what a second one gains is always asked.
inline int MostThreads() {
  return std::max(2, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Times op(key) over the keys, in their order and over again. `apart` is the benchmark's argument.
/// Returns how often op returned other than `wanted`.
template <class Keys, class Op, class Wanted>
std::size_t TimeOver(benchmark::State& state, bool apart, const Keys& keys, const Wanted& wanted,
                     Op&& op) {
  std::size_t next = 0;
  std::size_t wrong = 0;
  const auto step = [&] {
    wrong += op(keys[next]) != wanted ? 1 : 0;
    if (++next == keys.size()) next = 0;
  };
  if (apart) {
    for (auto _ : state) {
      step();
      EndOperation();
    }
  } else {
    for (auto _ : state) step();
  }
  state.SetItemsProcessed(state.iterations());
  return wrong;
}

}  // namespace skep::bench

#endif  // SKEP_BENCH_SUPPORT_APART_H_
