// Finds in process, over 10,000 microservices of 3 instances each, in a random order.
//
// Floor: the look-ups that no answer can do without, in flat_hash_maps keyed by the pieces of the
// key (one for nobody in particular; consumer, family and known dependency for a consumer), and the
// copy of a shared_ptr to the list.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "bench/registry/world.h"
#include "bench/support/apart.h"
#include "bench/support/die.h"

namespace skep::bench {
namespace {

constexpr std::size_t kServices = 10'000;
constexpr std::size_t kInstances = 3;
constexpr std::size_t kConsumers = 100;

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

struct FamilyView {
  std::string_view environment;
  std::string_view app_id;
  std::string_view name;
};
struct FamilyKey {
  std::string environment;
  std::string app_id;
  std::string name;
  operator FamilyView() const { return {environment, app_id, name}; }
};
struct FamilyHash {
  using is_transparent = void;
  std::size_t operator()(const FamilyView& key) const {
    return absl::HashOf(View(key.environment), View(key.app_id), View(key.name));
  }
};
struct FamilyEqual {
  using is_transparent = void;
  bool operator()(const FamilyView& a, const FamilyView& b) const {
    return a.name == b.name && a.app_id == b.app_id && a.environment == b.environment;
  }
};
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return absl::HashOf(View(text)); }
};
struct TextEqual {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return a == b; }
};

using List = std::vector<Instance>;
struct Family {
  std::uint64_t number;
  std::shared_ptr<const List> list;
};
struct Consumer {
  std::uint64_t number;
  std::string environment;
};

// Who asks for what, and how many instances there are to be.
struct Question {
  std::string_view consumer;
  std::string_view name;
};

class FindWorld {
 public:
  FindWorld() : engine_(OpenEngine()) {
    for (std::size_t i = 0; i < kConsumers; ++i) AddConsumer("consumer-" + std::to_string(i));
    for (std::size_t i = 0; i < kServices; ++i) AddProvider(i);
    for (std::size_t i = 0; i < kServices; ++i) {
      questions_.push_back({consumer_ids_[i % kConsumers].str(), names_[i]});
      known_.emplace(i % kConsumers, i);
    }
    for (const Question& question : questions_) CheckAnswers(question);
  }

  Engine& engine() { return *engine_; }

  // In a random order, another for each seed; the same consumer for the same provider.
  std::vector<Question> Shuffled(std::uint64_t seed) const {
    std::vector<Question> questions = questions_;
    std::shuffle(questions.begin(), questions.end(), std::mt19937_64(seed));
    return questions;
  }

  std::shared_ptr<const List> FloorFind(std::string_view name) const {
    const auto family = families_.find(FamilyView{"", kAppId, name});
    return family != families_.end() ? family->second.list : nullptr;
  }

  std::shared_ptr<const List> FloorFindBy(std::string_view consumer_id,
                                          std::string_view name) const {
    const auto consumer = consumers_.find(consumer_id);
    if (consumer == consumers_.end()) return nullptr;
    const auto family = families_.find(FamilyView{consumer->second.environment, kAppId, name});
    if (family == families_.end()) return nullptr;
    const bool known = known_.contains({consumer->second.number, family->second.number});
    return known ? family->second.list : nullptr;
  }

 private:
  void AddConsumer(const std::string& name) {
    consumer_ids_.push_back(RegisterService(*engine_, name));
    consumers_.emplace(consumer_ids_.back().str(), Consumer{consumers_.size(), ""});
  }

  void AddProvider(std::size_t number) {
    const std::string name = "service-" + std::to_string(number);
    const ServiceId id = RegisterService(*engine_, name);
    for (std::size_t i = 0; i < kInstances; ++i) {
      const auto written =
          engine_->registry().instances().Register(id, MakeSpec(number * kInstances + i));
      if (!written.ok()) Die(written.error().ToString());
    }
    const auto found = engine_->registry().discovery().Find({.app_id = kAppId, .name = name});
    Check(found.ok() && found->instances().size() == kInstances, "not the instances of " + name);
    auto list = std::make_shared<const List>(found->instances().begin(), found->instances().end());
    families_.emplace(FamilyKey{"", std::string(kAppId), name}, Family{number, std::move(list)});
    names_.push_back(name);
  }

  void CheckAnswers(const Question& question) {
    const auto found = engine_->registry().discovery().Find(
        ServiceIdView(question.consumer), {.app_id = kAppId, .name = question.name});
    const auto floor = FloorFindBy(question.consumer, question.name);
    Check(found.ok() && floor != nullptr && FloorFind(question.name) == floor &&
              std::equal(floor->begin(), floor->end(), found->instances().begin(),
                         found->instances().end()),
          "not the instances of " + std::string(question.name));
  }

  std::unique_ptr<Engine> engine_;
  std::vector<ServiceId> consumer_ids_;
  std::vector<std::string> names_;
  std::vector<Question> questions_;
  absl::flat_hash_map<FamilyKey, Family, FamilyHash, FamilyEqual> families_;
  absl::flat_hash_map<std::string, Consumer, TextHash, TextEqual> consumers_;
  absl::flat_hash_set<std::pair<std::uint64_t, std::uint64_t>> known_;
};

FindWorld& World() {
  static FindWorld world;
  return world;
}

// Times ask(question), which returns the answer's number of instances, over a random order.
template <class Ask>
void TimeQuestions(benchmark::State& state, Ask&& ask) {
  const auto questions = World().Shuffled(static_cast<std::uint64_t>(state.thread_index()) + 1);
  const std::size_t wrong = TimeOver(state, state.range(0) != 0, questions, kInstances, ask);
  Check(wrong == 0, "not all instances were found while it was timed");
}

std::size_t SizeOf(const Result<FindResult>& found) {
  return found.ok() ? found->instances().size() : 0;
}
std::size_t SizeOf(const std::shared_ptr<const List>& found) {
  return found != nullptr ? found->size() : 0;
}

void BM_FindAnonymous(benchmark::State& state) {
  Registry registry = World().engine().registry();
  const Discovery discovery = registry.discovery();
  TimeQuestions(state, [&](const Question& question) {
    return SizeOf(discovery.Find({.app_id = kAppId, .name = question.name}));
  });
}

void BM_FindAnonymousFloor(benchmark::State& state) {
  const FindWorld& world = World();
  TimeQuestions(state,
                [&](const Question& question) { return SizeOf(world.FloorFind(question.name)); });
}

void BM_FindByConsumer(benchmark::State& state) {
  Registry registry = World().engine().registry();
  const Discovery discovery = registry.discovery();
  TimeQuestions(state, [&](const Question& question) {
    return SizeOf(discovery.Find(ServiceIdView(question.consumer),
                                 {.app_id = kAppId, .name = question.name}));
  });
}

void BM_FindByConsumerFloor(benchmark::State& state) {
  const FindWorld& world = World();
  TimeQuestions(state, [&](const Question& question) {
    return SizeOf(world.FloorFindBy(question.consumer, question.name));
  });
}

// All threads ask for the same family.
void BM_FindHot(benchmark::State& state) {
  Registry registry = World().engine().registry();
  const Discovery discovery = registry.discovery();
  TimeQuestions(state, [&](const Question&) {
    return SizeOf(discovery.Find({.app_id = kAppId, .name = "service-7"}));
  });
}

void BM_FindHotFloor(benchmark::State& state) {
  const FindWorld& world = World();
  TimeQuestions(state, [&](const Question&) { return SizeOf(world.FloorFind("service-7")); });
}

void Threads(benchmark::internal::Benchmark* bench) {
  bench->ArgName("apart")->Arg(0)->Arg(1);
  bench->ThreadRange(1, MostThreads())->UseRealTime();
}

BENCHMARK(BM_FindAnonymousFloor)->Apply(Threads);
BENCHMARK(BM_FindAnonymous)->Apply(Threads);
BENCHMARK(BM_FindByConsumerFloor)->Apply(Threads);
BENCHMARK(BM_FindByConsumer)->Apply(Threads);
BENCHMARK(BM_FindHotFloor)->Apply(Threads);
BENCHMARK(BM_FindHot)->Apply(Threads);

}  // namespace
}  // namespace skep::bench
