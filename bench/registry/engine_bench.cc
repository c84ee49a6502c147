// Opening an engine, as a test does for each of its cases, and closing it.
#include <benchmark/benchmark.h>

#include "bench/support/die.h"
#include "skep/skep.h"

namespace skep::bench {
namespace {

void BM_EngineOpen(benchmark::State& state) {
  for (auto _ : state) {
    auto engine = Engine::Open();
    Check(engine.ok(), "an engine does not open");
    state.PauseTiming();
    Check((*engine)->Close().ok(), "an engine does not close");
    state.ResumeTiming();
  }
}

void BM_EngineOpenAndClose(benchmark::State& state) {
  for (auto _ : state) {
    auto engine = Engine::Open();
    Check(engine.ok() && (*engine)->Close().ok(), "an engine does not open or close");
  }
}

BENCHMARK(BM_EngineOpen);
BENCHMARK(BM_EngineOpenAndClose);

}  // namespace
}  // namespace skep::bench
