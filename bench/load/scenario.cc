#include "bench/load/scenario.h"

#include <algorithm>
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
Workload SizesOf(Workload workload) {
  for (ExpectedAnswer& expected : workload.expected) expected.body.clear();
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

// A day of a registry: instances that live, one in a hundred of which is replaced each minute;
// those that ask for providers as often as they send heartbeats, and again after a change; settings
// that are waited for, and change once a second.
Scenario Mixed(const ScenarioOptions& options) {
  constexpr std::size_t kInstancesOfService = 100;
  constexpr double kChurnOfMinute = 0.01;
  constexpr double kFindsOfChange = 10;
  constexpr std::size_t kInstancesOfPoller = 100;
  constexpr std::size_t kInstancesOfWatcher = 1'000;
  RegistryWorkloads registry(options);
  KvWorkloads kvs(options);
  const double beats = static_cast<double>(options.instances) / options.interval_s;
  const double replaced = static_cast<double>(options.instances) * kChurnOfMinute / 60;
  const std::size_t pollers = std::max<std::size_t>(1, options.instances / kInstancesOfPoller);
  Scenario scenario;
  scenario.kinds = {
      {.name = "heartbeat", .workload = registry.Heartbeat(), .per_second = beats},
      {.name = "poll", .workload = registry.Polls(kInstancesOfService), .per_second = beats},
      {.name = "find",
       .workload = registry.FindChurning(kInstancesOfService),
       .per_second = replaced * kFindsOfChange},
      {.name = "churn",
       .workload = registry.Churn(kInstancesOfService),
       .per_second = replaced * 2,
       .connections = 1},
      {.name = "kv-list", .workload = SizesOf(kvs.List()), .per_second = replaced},
      {.name = "kv-poll", .workload = kvs.LongPolls(), .closed = true, .connections = pollers},
      {.name = "kv-put", .workload = kvs.Put(), .per_second = 1, .connections = 1},
  };
  // Of the consumer that polls and finds, and so is told of the churn.
  scenario.watched = registry.WatchTarget();
  scenario.watchers = std::max<std::size_t>(1, options.instances / kInstancesOfWatcher);
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
