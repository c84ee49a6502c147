// skep_load: requests of one scenario against a server, and beside it against a floor.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/closed_loop.h"
#include "bench/load/workload.h"

namespace skep::bench {
namespace {

struct Flags {
  WorkloadOptions workload;
  LoopOptions target;
  LoopOptions floor;
  int rounds = 5;
  double seconds = 2;
  double warm_up = 0.3;
  bool prepare_only = false;
  bool json = false;
};

// The figures of one side over one round, or their medians over all.
struct Figures {
  double per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
  double p999_us = 0;
  double cpu_us = 0;         ///< The server's, for a request.
  double own_cpu_share = 0;  ///< Of the generator, of one core.
};

constexpr double Figures::* kAllFigures[] = {&Figures::per_second, &Figures::p50_us,
                                             &Figures::p99_us,     &Figures::p999_us,
                                             &Figures::cpu_us,     &Figures::own_cpu_share};

Figures ToFigures(const LoopResult& result) {
  const auto answers = static_cast<double>(std::max<std::uint64_t>(result.answers, 1));
  const auto elapsed = static_cast<double>(result.elapsed.count());
  const auto us_at = [&](double quantile) {
    return static_cast<double>(result.latency_ns.ValueAt(quantile)) / 1e3;
  };
  return {.per_second = answers / elapsed * 1e9,
          .p50_us = us_at(0.5),
          .p99_us = us_at(0.99),
          .p999_us = us_at(0.999),
          .cpu_us = static_cast<double>(result.server_cpu.count()) / answers / 1e3,
          .own_cpu_share = static_cast<double>(result.own_cpu.count()) / elapsed};
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

Figures Medians(const std::vector<Figures>& rounds) {
  Figures medians;
  for (const auto figure : kAllFigures) {
    std::vector<double> values;
    values.reserve(rounds.size());
    for (const Figures& round : rounds) values.push_back(round.*figure);
    medians.*figure = Median(values);
  }
  return medians;
}

// The median of the rounds' own ratios: what disturbs a round disturbs both of its sides.
double MedianRatio(const std::vector<Figures>& ours, const std::vector<Figures>& floor,
                   double Figures::* figure) {
  std::vector<double> ratios;
  ratios.reserve(ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    ratios.push_back(floor[i].*figure > 0 ? ours[i].*figure / (floor[i].*figure) : 0);
  }
  return Median(ratios);
}

struct Report {
  std::string scenario;
  std::string description;
  std::size_t answer_bytes = 0;
  std::vector<Figures> ours{};
  std::vector<Figures> floor{};
};

void PrintTable(const Flags& flags, const Report& report) {
  std::printf("%s: %s; answers of %zu bytes\n", report.scenario.c_str(), report.description.c_str(),
              report.answer_bytes);
  std::printf("%zu connections, %zu requests on the way on each, %d rounds of %g s, seed %llu\n",
              flags.target.connections, flags.target.pipeline, flags.rounds, flags.seconds,
              static_cast<unsigned long long>(flags.workload.seed));
  std::printf("%-8s %12s %10s %10s %10s %12s %10s\n", "", "requests/s", "p50 us", "p99 us",
              "p99.9 us", "CPU us/req", "generator");
  const auto row = [](const char* name, const std::vector<Figures>& rounds) {
    const Figures f = Medians(rounds);
    std::printf("%-8s %12.0f %10.1f %10.1f %10.1f %12.2f %9.0f%%\n", name, f.per_second, f.p50_us,
                f.p99_us, f.p999_us, f.cpu_us, f.own_cpu_share * 100);
  };
  row("target", report.ours);
  if (report.floor.empty()) return;
  row("floor", report.floor);
  std::printf("%-8s %12.2f %10s %10.2f %10s %12.2f\n", "ratio",
              MedianRatio(report.ours, report.floor, &Figures::per_second), "",
              MedianRatio(report.ours, report.floor, &Figures::p99_us), "",
              MedianRatio(report.ours, report.floor, &Figures::cpu_us));
}

void PrintSide(const char* name, const std::vector<Figures>& rounds) {
  const Figures f = Medians(rounds);
  std::printf(
      ",\"%s\":{\"requests_per_s\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,"
      "\"cpu_us\":%.3f,\"generator_cpu\":%.3f}",
      name, f.per_second, f.p50_us, f.p99_us, f.p999_us, f.cpu_us, f.own_cpu_share);
}

void PrintJson(const Flags& flags, const Report& report) {
  std::printf(
      "{\"scenario\":\"%s\",\"description\":\"%s\",\"answer_bytes\":%zu,\"connections\":%zu,"
      "\"pipeline\":%zu,\"rounds\":%d,\"seconds\":%g,\"seed\":%llu",
      report.scenario.c_str(), report.description.c_str(), report.answer_bytes,
      flags.target.connections, flags.target.pipeline, flags.rounds, flags.seconds,
      static_cast<unsigned long long>(flags.workload.seed));
  if (!report.ours.empty()) PrintSide("target", report.ours);
  if (!report.floor.empty()) {
    PrintSide("floor", report.floor);
    std::printf(",\"ratio\":{\"requests_per_s\":%.4f,\"p99_us\":%.4f,\"cpu_us\":%.4f}",
                MedianRatio(report.ours, report.floor, &Figures::per_second),
                MedianRatio(report.ours, report.floor, &Figures::p99_us),
                MedianRatio(report.ours, report.floor, &Figures::cpu_us));
  }
  std::printf("}\n");
}

std::chrono::nanoseconds Nanos(double seconds) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

// Rounds by turns; which side begins alternates, so that a drift favours neither.
void RunRounds(const Flags& flags, const Workload& workload, Report* report) {
  const Workload floor_workload = ForFloor(workload);
  ClosedLoop target(flags.target, &workload);
  std::unique_ptr<ClosedLoop> floor;
  if (!flags.floor.address.empty()) {
    floor = std::make_unique<ClosedLoop>(flags.floor, &floor_workload);
  }
  const auto run = [&](ClosedLoop& loop) {
    return ToFigures(loop.Run(Nanos(flags.warm_up), Nanos(flags.seconds)));
  };
  for (int round = 0; round < flags.rounds; ++round) {
    if (floor != nullptr && round % 2 == 1) report->floor.push_back(run(*floor));
    report->ours.push_back(run(target));
    if (floor != nullptr && round % 2 == 0) report->floor.push_back(run(*floor));
  }
}

void AddFlags(CLI::App* app, Flags* flags) {
  app->add_option("--target", flags->target.address, "HOST:PORT of the server")->required();
  app->add_option("--pid", flags->target.pid, "Its process id, for its CPU time");
  app->add_option("--floor", flags->floor.address,
                  "HOST:PORT of the floor, which gets the same requests by turns");
  app->add_option("--floor-pid", flags->floor.pid, "Its process id");
  app->add_option("--scenario", flags->workload.scenario, ScenarioNames())->capture_default_str();
  app->add_option("--path", flags->workload.path, "What the scenario raw asks for")
      ->capture_default_str();
  app->add_option("--connections", flags->target.connections)->capture_default_str();
  app->add_option("--pipeline", flags->target.pipeline, "Requests on the way on each connection")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app->add_option("--instances", flags->workload.instances, "Instances that send heartbeats")
      ->capture_default_str();
  app->add_option("--services", flags->workload.services, "Microservices that are looked for")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app->add_option("--rounds", flags->rounds)->capture_default_str()->check(CLI::PositiveNumber);
  app->add_option("--seconds", flags->seconds, "Length of a round")->capture_default_str();
  app->add_option("--warm-up", flags->warm_up, "Seconds before each round that do not count")
      ->capture_default_str();
  app->add_option("--seed", flags->workload.seed, "Of instance ids and their order")
      ->capture_default_str();
  app->add_flag("--prepare-only", flags->prepare_only, "Register and check, but load nothing");
  app->add_flag("--json", flags->json, "Print one line of JSON instead of a table");
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("skep_load: load on a service registry over HTTP, every answer checked");
  AddFlags(&app, &flags);
  CLI11_PARSE(app, argc, argv);
  flags.workload.target = flags.target.address;
  flags.floor.connections = flags.target.connections;
  flags.floor.pipeline = flags.target.pipeline;

  const Workload workload = PrepareWorkload(flags.workload);
  Report report{.scenario = flags.workload.scenario,
                .description = workload.description,
                .answer_bytes = workload.expected.front().body_size};
  if (!flags.prepare_only) RunRounds(flags, workload, &report);
  if (flags.json) {
    PrintJson(flags, report);
  } else if (!flags.prepare_only) {
    PrintTable(flags, report);
  }
  return 0;
}

}  // namespace
}  // namespace skep::bench

int main(int argc, char** argv) { return skep::bench::Main(argc, argv); }
