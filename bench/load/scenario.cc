#include "bench/load/scenario.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "bench/load/kv_workloads.h"
#include "bench/load/registry_workloads.h"
#include "bench/support/die.h"

namespace skep::bench {
namespace {

Scenario Alone(std::string name, Workload workload) {
  std::string description = workload.description;
  return {.description = std::move(description),
          .kinds = {{.name = std::move(name), .workload = std::move(workload)}}};
}

// Of what is changed meanwhile the size alone is compared.
Workload SizesOf(Workload workload, std::size_t slack = 0) {
  for (ExpectedAnswer& expected : workload.expected) {
    expected.body.clear();
    expected.slack = slack;
  }
  return workload;
}

// One in a hundred of the instances that are found changes each second.
Scenario FindWhileChanging(const ScenarioOptions& options, std::size_t instances) {
  RegistryWorkloads registry(options);
  Scenario scenario = Alone("find", SizesOf(registry.FindChanging(instances)));
  scenario.description += ", 1 % of which change each second";
  Workload changes = registry.Changes(instances);
  const double rate = static_cast<double>(changes.size()) / 100;
  scenario.kinds.push_back(
      {.name = "change", .workload = std::move(changes), .per_second = rate, .connections = 4});
  return scenario;
}

// How often things happen to so many instances. One in a hundred is replaced each minute.
double BeatsPerSecond(const ScenarioOptions& options) {
  return static_cast<double>(options.instances) / options.interval_s;
}
double ReplacedPerSecond(const ScenarioOptions& options) {
  return static_cast<double>(options.instances) * 0.01 / 60;
}
std::size_t OneFor(std::size_t instances, const ScenarioOptions& options) {
  return std::max<std::size_t>(1, options.instances / instances);
}

// Those that live send heartbeats, and ask for their providers as often. Who is told of a change
// asks again, and is the consumer of all finds.
void AddRegistry(const ScenarioOptions& options, Scenario* scenario) {
  constexpr std::size_t kInstancesOfService = 100;
  constexpr double kFindsOfChange = 10;
  RegistryWorkloads registry(options);
  const double replaced = ReplacedPerSecond(options);
  scenario->kinds.push_back({.name = "heartbeat",
                             .workload = registry.Heartbeat(),
                             .per_second = BeatsPerSecond(options)});
  // One on its way, and those that are not shown again yet.
  const auto missing = static_cast<std::size_t>(1 + std::ceil(replaced * options.lag_s));
  scenario->kinds.push_back({.name = "poll",
                             .workload = registry.Polls(kInstancesOfService, missing),
                             .per_second = BeatsPerSecond(options)});
  scenario->kinds.push_back({.name = "find",
                             .workload = registry.FindChurning(kInstancesOfService, missing),
                             .per_second = replaced * kFindsOfChange});
  scenario->kinds.push_back({.name = "churn",
                             .workload = registry.Churn(kInstancesOfService),
                             .per_second = replaced * 2,
                             .connections = 1});
  scenario->watched = registry.WatchTarget();
  scenario->watchers = OneFor(1'000, options);
}

// Who comes asks for its settings, and they are waited for. One changes each second.
void AddConfiguration(const ScenarioOptions& options, Scenario* scenario) {
  KvWorkloads kvs(options);
  scenario->kinds.push_back({.name = "kv-list",
                             .workload = SizesOf(kvs.List(), kListSlack),
                             .per_second = ReplacedPerSecond(options)});
  scenario->kinds.push_back({.name = "kv-poll",
                             .workload = kvs.LongPolls(),
                             .closed = true,
                             .connections = OneFor(100, options)});
  scenario->kinds.push_back(
      {.name = "kv-put", .workload = kvs.Put(), .per_second = 1, .connections = 1});
}

Scenario Mixed(const ScenarioOptions& options) {
  Scenario scenario;
  AddRegistry(options, &scenario);
  AddConfiguration(options, &scenario);
  scenario.description = scenario.kinds.front().workload.description + " and what else they ask";
  return scenario;
}

struct Entry {
  std::string_view name;
  std::string_view help;
  Scenario (*prepare)(const ScenarioOptions& options);
};

template <Workload (RegistryWorkloads::*kMake)()>
Scenario OfRegistry(const ScenarioOptions& options) {
  return Alone(options.name, (RegistryWorkloads(options).*kMake)());
}

template <std::size_t kInstances>
Scenario OfFinds(const ScenarioOptions& options) {
  return Alone(options.name, RegistryWorkloads(options).Find(kInstances));
}

template <Workload (KvWorkloads::*kMake)()>
Scenario OfItems(const ScenarioOptions& options) {
  return Alone(options.name, (KvWorkloads(options).*kMake)());
}

constexpr Entry kScenarios[] = {
    {"heartbeat", "one instance", OfRegistry<&RegistryWorkloads::Heartbeat>},
    {"heartbeat-set-100", "100 instances at once", OfRegistry<&RegistryWorkloads::HeartbeatSet>},
    {"find-1", "discovery, an answer of 0.5 KB", OfFinds<1>},
    {"find-100", "discovery, an answer of 50 KB", OfFinds<100>},
    {"find-1000", "discovery, an answer of 500 KB", OfFinds<1000>},
    {"find-1000-changing", "the same while 1 % of the instances change each second",
     [](const ScenarioOptions& options) { return FindWhileChanging(options, 1000); }},
    {"not-modified", "find-100 with the revision that is known: 304",
     OfRegistry<&RegistryWorkloads::NotModified>},
    {"register", "new instances", OfRegistry<&RegistryWorkloads::Register>},
    {"kv-get", "an item of configuration by its id", OfItems<&KvWorkloads::Get>},
    {"kv-list", "100 items by their labels", OfItems<&KvWorkloads::List>},
    {"kv-304", "the same with the revision that is known: 304", OfItems<&KvWorkloads::NotModified>},
    {"kv-put", "new values of items", OfItems<&KvWorkloads::Put>},
    {"mixed", "all of these at once, at rates of --instances and --interval; for a soak, too",
     Mixed},
    {"raw", "GET of --path, of any server",
     [](const ScenarioOptions& options) {
       return Alone(options.name, RegistryWorkloads(options).Raw(options.path));
     }},
};

}  // namespace

std::vector<std::string> ScenarioNames() {
  std::vector<std::string> names;
  for (const Entry& entry : kScenarios) names.emplace_back(entry.name);
  return names;
}

std::string ScenarioHelp() {
  constexpr std::size_t kNameWidth = 20;
  std::string help;
  for (const Entry& entry : kScenarios) {
    std::string line = "  " + std::string(entry.name);
    line.resize(std::max(line.size(), kNameWidth) + 2, ' ');
    help.append(line).append(entry.help).append("\n");
  }
  return help;
}

Scenario PrepareScenario(const ScenarioOptions& options) {
  for (const Entry& entry : kScenarios) {
    if (entry.name == options.name) return entry.prepare(options);
  }
  Die("no scenario " + options.name + "; there are\n" + ScenarioHelp());
}

}  // namespace skep::bench
