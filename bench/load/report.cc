#include "bench/load/report.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>

namespace skep::bench {
namespace {

struct Column {
  const char* json;
  const char* shown;
  int decimals;
  double Figures::* figure;
};

constexpr Column kColumns[] = {
    {"requests_per_s", "requests/s", 0, &Figures::per_second},
    {"p50_us", "p50 us", 1, &Figures::p50_us},
    {"p90_us", "p90 us", 1, &Figures::p90_us},
    {"p99_us", "p99 us", 1, &Figures::p99_us},
    {"p999_us", "p99.9 us", 1, &Figures::p999_us},
    {"max_us", "max us", 1, &Figures::max_us},
    {"cpu_us", "CPU us/req", 2, &Figures::cpu_us},
    {"generator_cpu", "generator", 2, &Figures::own_cpu_share},
};
constexpr double Figures::* kCompared[] = {&Figures::per_second, &Figures::p50_us, &Figures::p99_us,
                                           &Figures::cpu_us};

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double OverRounds(const std::vector<Figures>& rounds, double Figures::* figure) {
  std::vector<double> values;
  values.reserve(rounds.size());
  for (const Figures& round : rounds) values.push_back(round.*figure);
  if (figure == &Figures::max_us && !values.empty()) return *std::ranges::max_element(values);
  return Median(std::move(values));
}

// Of each round: what disturbs a round disturbs all of its sides.
std::vector<double> Ratios(const SideReport& ours, const SideReport& other,
                           double Figures::* figure) {
  const std::vector<Figures>& above = ours.kinds.front().rounds;
  const std::vector<Figures>& below = other.kinds.front().rounds;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(above.size(), below.size()); ++i) {
    ratios.push_back(below[i].*figure == 0 ? 0 : above[i].*figure / (below[i].*figure));
  }
  return ratios;
}

double Ratio(const SideReport& ours, const SideReport& other, double Figures::* figure) {
  return Median(Ratios(ours, other, figure));
}

bool IsCompared(double Figures::* figure) { return std::ranges::count(kCompared, figure) > 0; }

double MiB(std::size_t bytes) { return static_cast<double>(bytes) / (1024.0 * 1024.0); }

// What is not known is "-" in a table and null in JSON.
void PrintCell(int decimals, double value) {
  if (std::isnan(value)) {
    std::printf(" %11s", "-");
  } else {
    std::printf(" %11.*f", decimals, value);
  }
}

void PrintNumber(int decimals, double value) {
  if (std::isnan(value)) {
    std::printf("null");
  } else {
    std::printf("%.*f", decimals, value);
  }
}

void PrintText(const std::string& text) {
  std::printf("\"");
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      std::printf("\\%c", c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::printf("\\u%04x", static_cast<unsigned>(c));
    } else {
      std::printf("%c", c);
    }
  }
  std::printf("\"");
}

void PrintRow(const std::string& name, const std::vector<Figures>& rounds) {
  std::printf("%-16s", name.c_str());
  for (const Column& column : kColumns) {
    PrintCell(column.decimals, OverRounds(rounds, column.figure));
  }
  std::printf("\n");
}

void PrintRatioRow(const SideReport& ours, const SideReport& other) {
  std::printf("%-16s", ("/ " + other.name).c_str());
  for (const Column& column : kColumns) {
    if (IsCompared(column.figure)) {
      PrintCell(2, Ratio(ours, other, column.figure));
    } else {
      std::printf(" %11s", "");
    }
  }
  std::printf("\n");
}

void PrintSideRows(const SideReport& side) {
  for (const KindReport& kind : side.kinds) {
    PrintRow(side.kinds.size() == 1 ? side.name : side.name + " " + kind.name, kind.rounds);
  }
  if (side.watchers > 0) {
    std::printf("%-16s %zu were told %llu events\n", "  watchers", side.watchers,
                static_cast<unsigned long long>(side.events));
  }
  const Memory& memory = side.memory;
  if (memory.most == 0) return;
  std::printf("%-16s %.0f MiB at first, %.0f at last, %.0f at most\n", "  memory",
              MiB(memory.first), MiB(memory.last), MiB(memory.most));
}

void PrintFigures(const std::vector<Figures>& rounds) {
  bool first = true;
  for (const Column& column : kColumns) {
    std::printf("%s\"%s\":", first ? "" : ",", column.json);
    PrintNumber(column.decimals + 2, OverRounds(rounds, column.figure));
    first = false;
  }
}

void PrintKinds(const std::vector<KindReport>& kinds) {
  std::printf(",\"kinds\":{");
  for (const KindReport& kind : kinds) {
    std::printf("%s\"%s\":{", &kind == &kinds.front() ? "" : ",", kind.name.c_str());
    PrintFigures(kind.rounds);
    std::printf("}");
  }
  std::printf("}");
}

void PrintNumbers(const std::vector<double>& numbers) {
  std::printf("[");
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::printf("%s", i == 0 ? "" : ",");
    PrintNumber(4, numbers[i]);
  }
  std::printf("]");
}

// The medians under "ratio", what each round gave under "ratios".
void PrintRatios(const SideReport& ours, const SideReport& side) {
  std::printf(",\"ratios\":{");
  for (const Column& column : kColumns) {
    if (!IsCompared(column.figure)) continue;
    std::printf("%s\"%s\":", &column == &kColumns[0] ? "" : ",", column.json);
    PrintNumbers(Ratios(ours, side, column.figure));
  }
  std::printf("},\"ratio\":{");
  for (const Column& column : kColumns) {
    if (!IsCompared(column.figure)) continue;
    std::printf("%s\"%s\":", &column == &kColumns[0] ? "" : ",", column.json);
    PrintNumber(4, Ratio(ours, side, column.figure));
  }
  std::printf("}");
}

void PrintSide(const SideReport& side, const SideReport& ours) {
  std::printf(",\"%s\":{\"address\":", side.name.c_str());
  PrintText(side.address);
  std::printf(",");
  PrintFigures(side.kinds.front().rounds);
  if (side.kinds.size() > 1) PrintKinds(side.kinds);
  if (side.watchers > 0) {
    std::printf(",\"watchers\":%zu,\"events\":%llu", side.watchers,
                static_cast<unsigned long long>(side.events));
  }
  if (side.memory.most > 0) {
    std::printf(",\"memory\":{\"first\":%zu,\"last\":%zu,\"most\":%zu}", side.memory.first,
                side.memory.last, side.memory.most);
  }
  if (&side != &ours) PrintRatios(ours, side);
  std::printf("}");
}

}  // namespace

void Memory::Add(std::size_t bytes) {
  if (first == 0) first = bytes;
  last = bytes;
  most = std::max(most, bytes);
}

void SideReport::AddRound(const LoopResult& result, bool cpu_known) {
  double answers = 0;
  for (const StreamResult& stream : result.streams) {
    answers += static_cast<double>(stream.latency_ns.count());
  }
  const double cpu_us =
      cpu_known ? static_cast<double>(result.server_cpu.count()) / std::max(answers, 1.0) / 1e3
                : std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = 0; i < result.streams.size(); ++i) {
    const StreamResult& stream = result.streams[i];
    const auto us_at = [&stream](double quantile) {
      return static_cast<double>(stream.latency_ns.ValueAt(quantile)) / 1e3;
    };
    kinds[i].rounds.push_back({.per_second = static_cast<double>(stream.latency_ns.count()) * 1e9 /
                                             static_cast<double>(stream.elapsed.count()),
                               .p50_us = us_at(0.5),
                               .p90_us = us_at(0.9),
                               .p99_us = us_at(0.99),
                               .p999_us = us_at(0.999),
                               .max_us = static_cast<double>(stream.latency_ns.max()) / 1e3,
                               .cpu_us = cpu_us,
                               .own_cpu_share = static_cast<double>(result.own_cpu.count()) /
                                                static_cast<double>(result.elapsed.count())});
  }
}

void PrintTable(const Report& report) {
  std::printf("%s: %s; answers of %zu bytes\n", report.scenario.c_str(), report.description.c_str(),
              report.answer_bytes);
  std::printf("%zu connections, %zu requests on the way on each, ", report.connections,
              report.pipeline);
  if (report.rate > 0)
    std::printf("begun at %g a second (%s), ", report.rate, report.spacing.c_str());
  std::printf("%d rounds of %g s after %g s of warm-up, seed %llu\n", report.rounds, report.seconds,
              report.warm_up, report.seed);
  std::printf("%-16s", "");
  for (const Column& column : kColumns) std::printf(" %11s", column.shown);
  std::printf("\n");
  for (const SideReport& side : report.sides) PrintSideRows(side);
  for (std::size_t i = 1; i < report.sides.size(); ++i) {
    PrintRatioRow(report.sides.front(), report.sides[i]);
  }
}

void PrintJson(const Report& report) {
  std::printf("{\"scenario\":");
  PrintText(report.scenario);
  std::printf(",\"description\":");
  PrintText(report.description);
  std::printf(
      ",\"answer_bytes\":%zu,\"connections\":%zu,\"pipeline\":%zu,\"rate\":%g,\"spacing\":\"%s\","
      "\"rounds\":%d,\"seconds\":%g,\"warm_up\":%g,\"seed\":%llu",
      report.answer_bytes, report.connections, report.pipeline, report.rate, report.spacing.c_str(),
      report.rounds, report.seconds, report.warm_up, report.seed);
  for (const SideReport& side : report.sides) PrintSide(side, report.sides.front());
  std::printf("}\n");
}

}  // namespace skep::bench
