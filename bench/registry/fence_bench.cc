// The fence that keeps operations apart, alone: bench/run takes it off both sides of a ratio.
#include <benchmark/benchmark.h>

#include "bench/support/apart.h"

namespace skep::bench {
namespace {

void BM_EndOperation(benchmark::State& state) {
  for (auto _ : state) EndOperation();
}
BENCHMARK(BM_EndOperation);

}  // namespace
}  // namespace skep::bench
