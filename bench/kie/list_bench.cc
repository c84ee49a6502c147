// Lists by label in process, of 100 items among 10,000 and among a million: the answer is the same,
// so the cost should be.
//
// Three ways to ask for the hundred: by a label that only they have; by two labels that half of all
// items have each, and only they have both; and by their exact labels.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/support/die.h"
#include "skep/skep.h"

namespace skep::bench {
namespace {

constexpr std::size_t kAnswer = 100;
constexpr std::size_t kItemsOfSet =
    20;  ///< Of all others; so their label sets grow in number, too.

enum Asked : std::int64_t { kRare, kTwoCommon, kExact };

KvSpec Spec(std::size_t number, Labels labels) {
  return {.key = "key." + std::to_string(number),
          .value = "the value of item " + std::to_string(number),
          .labels = std::move(labels),
          .status = KvStatus::kEnabled};
}

std::unique_ptr<Engine> Fill(std::size_t items) {
  auto engine = Engine::Open({.kie = {.items_max = items, .import_items_max = items}}).value();
  std::vector<KvSpec> specs;
  for (std::size_t i = 0; i < kAnswer; ++i) {
    specs.push_back(Spec(i, {{"app", "a"}, {"env", "p"}, {"only", "here"}}));
  }
  for (std::size_t i = kAnswer; i < items; ++i) {
    const std::string service = std::to_string(i / 2 / kItemsOfSet);
    specs.push_back(Spec(i, i % 2 == 0 ? Labels{{"app", "a"}, {"service", service}}
                                       : Labels{{"env", "p"}, {"service", service}}));
  }
  Check(engine->config().Import(std::move(specs)).value().failures.empty(), "an import fails");
  return engine;
}

ConfigCenter& Filled(std::size_t items) {
  static std::map<std::size_t, std::unique_ptr<Engine>> engines;
  std::unique_ptr<Engine>& engine = engines[items];
  if (engine == nullptr) engine = Fill(items);
  return engine->config();
}

KvQuery Query(std::int64_t asked) {
  switch (asked) {
    case kRare:
      return {.labels = {{"only", "here"}}};
    case kTwoCommon:
      return {.labels = {{"app", "a"}, {"env", "p"}}};
    default:
      return {.labels = {{"app", "a"}, {"env", "p"}, {"only", "here"}},
              .match = LabelMatch::kExact};
  }
}

void BM_KvList(benchmark::State& state) {
  const ConfigCenter& config = Filled(static_cast<std::size_t>(state.range(0)));
  const KvQuery query = Query(state.range(1));
  for (auto _ : state) {
    const auto list = config.List(query);
    Check(list.ok() && list->items().size() == kAnswer, "a list has not its hundred items");
  }
}

BENCHMARK(BM_KvList)
    ->ArgNames({"items", "asked"})
    ->ArgsProduct({{10'000, 1'000'000}, {kRare, kTwoCommon, kExact}});

}  // namespace
}  // namespace skep::bench
