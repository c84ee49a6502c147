// skep_load: requests of one scenario against a server, and beside it against a floor, or against
// another server or scenario.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/load/load_loop.h"
#include "bench/load/report.h"
#include "bench/load/scenario.h"
#include "bench/load/watchers.h"
#include "bench/support/process.h"

namespace skep::bench {
namespace {

struct Flags {
  ScenarioOptions target;
  pid_t pid = 0;
  std::string floor;
  pid_t floor_pid = 0;
  ScenarioOptions beside;
  pid_t beside_pid = 0;
  StreamOptions stream;
  std::string spacing = "poisson";
  int rounds = 5;
  double seconds = 2;
  double warm_up = 0.3;
  bool prepare_only = false;
  bool quiet = false;
  bool json = false;
};

// A server under load, and what is asked of it.
struct Side {
  std::string address;
  pid_t pid = 0;
  Scenario scenario;
  SideReport report{};
  std::unique_ptr<Watchers> watchers{};
  std::unique_ptr<LoadLoop> loop{};
};

std::chrono::nanoseconds Nanos(double seconds) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

// The floor has one answer, so it gets one kind of request.
Scenario FloorOf(const Scenario& scenario) {
  Kind kind = scenario.kinds.front();
  kind.workload = ForFloor(kind.workload);
  return {.description = scenario.description, .kinds = {std::move(kind)}};
}

Side MakeSide(std::string name, std::string address, pid_t pid, Scenario scenario) {
  Side side{.address = std::move(address), .pid = pid, .scenario = std::move(scenario)};
  side.report.name = std::move(name);
  side.report.address = side.address;
  for (const Kind& kind : side.scenario.kinds) side.report.kinds.push_back({.name = kind.name});
  return side;
}

// Each is prepared at once, so that all are there when the first is loaded.
std::vector<Side> MakeSides(const Flags& flags) {
  std::vector<Side> sides;
  sides.push_back(
      MakeSide("target", flags.target.target, flags.pid, PrepareScenario(flags.target)));
  if (!flags.floor.empty()) {
    sides.push_back(
        MakeSide("floor", flags.floor, flags.floor_pid, FloorOf(sides.front().scenario)));
  }
  if (!flags.beside.target.empty()) {
    sides.push_back(
        MakeSide("beside", flags.beside.target, flags.beside_pid, PrepareScenario(flags.beside)));
  }
  return sides;
}

void ShowProgress(const Side& side, std::uint64_t answers, std::size_t memory) {
  std::fprintf(stderr, "%s: round %zu, %llu answers", side.report.name.c_str(),
               side.report.kinds.front().rounds.size() + 1,
               static_cast<unsigned long long>(answers));
  if (memory > 0) std::fprintf(stderr, ", %zu MiB", memory / (1024 * 1024));
  std::fprintf(stderr, "\n");
}

LoopOptions LoopFor(const Flags& flags, Side* side) {
  LoopOptions options{.address = side->address, .pid = side->pid, .watchers = side->watchers.get()};
  for (const Kind& kind : side->scenario.kinds) {
    StreamOptions stream = flags.stream;
    stream.workload = &kind.workload;
    stream.seed += options.streams.size();
    if (kind.per_second > 0 || kind.closed) stream.per_second = kind.per_second;
    if (kind.connections > 0) stream.connections = kind.connections;
    options.streams.push_back(stream);
  }
  options.progress = [side, quiet = flags.quiet](std::uint64_t answers) {
    const std::size_t memory = side->pid != 0 ? ResidentBytes(side->pid) : 0;
    if (memory > 0) side->report.memory.Add(memory);
    if (!quiet) ShowProgress(*side, answers, memory);
  };
  return options;
}

void Connect(const Flags& flags, Side* side) {
  const Scenario& scenario = side->scenario;
  if (scenario.watchers > 0) {
    side->watchers = std::make_unique<Watchers>(side->address, scenario.watched, scenario.watchers);
  }
  side->loop = std::make_unique<LoadLoop>(LoopFor(flags, side));
}

void RunRound(const Flags& flags, Side* side) {
  side->report.AddRound(side->loop->Run(Nanos(flags.warm_up), Nanos(flags.seconds)),
                        side->pid != 0);
  if (side->watchers == nullptr) return;
  side->report.watchers = side->scenario.watchers;
  side->report.events = side->watchers->events();
}

// Rounds by turns; which side begins changes, so that a drift favours none.
void RunRounds(const Flags& flags, std::vector<Side>* sides) {
  for (Side& side : *sides) Connect(flags, &side);
  for (std::size_t round = 0; round < static_cast<std::size_t>(flags.rounds); ++round) {
    for (std::size_t turn = 0; turn < sides->size(); ++turn) {
      RunRound(flags, &(*sides)[(round + turn) % sides->size()]);
    }
  }
}

Report MakeReport(const Flags& flags, std::vector<Side>* sides) {
  const Scenario& scenario = sides->front().scenario;
  Report report{.scenario = flags.target.name,
                .description = scenario.description,
                .answer_bytes = scenario.kinds.front().workload.expected.front().body_size,
                .connections = flags.stream.connections,
                .pipeline = flags.stream.pipeline,
                .rate = flags.stream.per_second,
                .spacing = flags.spacing,
                .rounds = flags.rounds,
                .seconds = flags.seconds,
                .warm_up = flags.warm_up,
                .seed = flags.target.seed};
  if (flags.prepare_only) return report;
  for (Side& side : *sides) report.sides.push_back(std::move(side.report));
  return report;
}

void AddServers(CLI::App* app, Flags* flags) {
  app->add_option("--target", flags->target.target, "HOST:PORT of the server")
      ->required()
      ->group("Servers");
  app->option_defaults()->group("Servers");
  app->add_option("--pid", flags->pid, "Its process id, for its CPU time and memory");
  app->add_option("--floor", flags->floor,
                  "HOST:PORT of the floor, which gets the same requests by turns");
  app->add_option("--floor-pid", flags->floor_pid, "Its process id");
  app->add_option("--beside", flags->beside.target,
                  "HOST:PORT of a server to compare with, which is prepared like the target and "
                  "loaded by turns with it; may be the target itself");
  app->add_option("--beside-pid", flags->beside_pid, "Its process id");
}

void AddScenario(CLI::App* app, Flags* flags) {
  app->option_defaults()->group("Scenario")->always_capture_default();
  ScenarioOptions& target = flags->target;
  app->add_option("--scenario", target.name, "What is asked, see below");
  app->add_option("--path", target.path, "What the scenario raw asks for");
  app->add_option("--instances", target.instances, "Instances that send heartbeats");
  app->add_option("--services", target.services, "Microservices that are looked for")
      ->check(CLI::PositiveNumber);
  app->add_option("--items", target.items, "Items of configuration");
  app->add_option("--interval", target.interval_s,
                  "Seconds between an instance's heartbeats in mixed")
      ->check(CLI::PositiveNumber);
  app->add_option("--lag", target.lag_s,
                  "Seconds for which finds may show what was before a change, in mixed: 3 for a "
                  "service-center")
      ->check(CLI::NonNegativeNumber);
  app->add_option("--seed", target.seed, "Of ids, their order, and arrivals");
  ScenarioOptions& beside = flags->beside;
  app->option_defaults()->always_capture_default(false);
  app->add_option("--beside-scenario", beside.name, "What --beside is asked, if not the same");
  app->add_option("--beside-instances", beside.instances, "... with so many instances");
  app->add_option("--beside-services", beside.services, "... with so many microservices")
      ->check(CLI::PositiveNumber);
  app->add_option("--beside-items", beside.items, "... with so many items");
}

void AddLoad(CLI::App* app, Flags* flags) {
  app->option_defaults()->group("Load")->always_capture_default();
  app->add_option("--rate", flags->stream.per_second,
                  "Requests a second, begun whatever the answers do, and timed from when they were "
                  "to begin; 0: each follows an answer")
      ->check(CLI::NonNegativeNumber);
  app->add_option("--spacing", flags->spacing,
                  "Of the requests of a rate: poisson, as of many clients, or even")
      ->check(CLI::IsMember({"poisson", "even"}));
  app->add_option("--connections", flags->stream.connections, "To each server")
      ->check(CLI::PositiveNumber);
  app->add_option("--pipeline", flags->stream.pipeline, "Requests on the way on each connection")
      ->check(CLI::PositiveNumber);
  app->add_option("--rounds", flags->rounds, "Of each server; the medians are shown")
      ->check(CLI::PositiveNumber);
  app->add_option("--seconds", flags->seconds, "Length of a round")->check(CLI::PositiveNumber);
  app->add_option("--warm-up", flags->warm_up, "Seconds before each round that do not count")
      ->check(CLI::NonNegativeNumber);
  app->option_defaults()->always_capture_default(false);
  app->add_flag("--prepare-only", flags->prepare_only, "Register and check, but load nothing");
}

void AddOutput(CLI::App* app, Flags* flags) {
  app->option_defaults()->group("Output");
  app->add_flag("--json", flags->json, "Print one line of JSON instead of a table");
  app->add_flag("--quiet", flags->quiet, "No progress on stderr");
}

// What is not said of the other server is the same.
void FillBeside(const CLI::App& app, Flags* flags) {
  ScenarioOptions beside = flags->target;
  beside.target = flags->beside.target;
  if (app.count("--beside-scenario") > 0) beside.name = flags->beside.name;
  if (app.count("--beside-instances") > 0) beside.instances = flags->beside.instances;
  if (app.count("--beside-services") > 0) beside.services = flags->beside.services;
  if (app.count("--beside-items") > 0) beside.items = flags->beside.items;
  flags->beside = beside;
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app(
      "skep_load: load on a service registry or configuration center over HTTP, each answer "
      "checked");
  AddServers(&app, &flags);
  AddScenario(&app, &flags);
  AddLoad(&app, &flags);
  AddOutput(&app, &flags);
  app.footer("Scenarios:\n" + ScenarioHelp());
  CLI11_PARSE(app, argc, argv);
  FillBeside(app, &flags);
  flags.stream.seed = flags.target.seed;
  flags.stream.spacing = flags.spacing == "even" ? Spacing::kEven : Spacing::kPoisson;

  RaiseDescriptorLimit();
  std::vector<Side> sides = MakeSides(flags);
  if (!flags.prepare_only) RunRounds(flags, &sides);
  const Report report = MakeReport(flags, &sides);
  if (flags.json) {
    PrintJson(report);
  } else if (!flags.prepare_only) {
    PrintTable(report);
  }
  return 0;
}

}  // namespace
}  // namespace skep::bench

int main(int argc, char** argv) { return skep::bench::Main(argc, argv); }
