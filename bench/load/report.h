// Report: what the rounds of all sides gave, as a table for people or as JSON for programs.
#ifndef SKEP_BENCH_LOAD_REPORT_H_
#define SKEP_BENCH_LOAD_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/load/load_loop.h"

namespace skep::bench {

/// The figures of one kind of request over one round, or their medians over all.
struct Figures {
  double per_second = 0;
  double p50_us = 0;
  double p90_us = 0;
  double p99_us = 0;
  double p999_us = 0;
  double max_us = 0;         ///< Of all rounds the largest.
  double cpu_us = 0;         ///< The server's, for a request of any kind; NaN: not known.
  double own_cpu_share = 0;  ///< Of the generator, of one core.
};

struct KindReport {
  std::string name{};
  std::vector<Figures> rounds{};
};

/// Of the server's process, in bytes; 0: not known.
struct Memory {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t most = 0;

  void Add(std::size_t bytes);
};

struct SideReport {
  std::string name{};
  std::string address{};
  std::vector<KindReport> kinds{};  ///< The first is what is compared.
  Memory memory{};
  std::size_t watchers = 0;
  std::uint64_t events = 0;  ///< That they were told in all rounds.

  /// `kinds` must have one for each of the result's streams.
  /// `cpu_known`: the server's process is.
  void AddRound(const LoopResult& result, bool cpu_known);
};

struct Report {
  std::string scenario{};
  std::string description{};
  std::size_t answer_bytes = 0;
  std::size_t connections = 0;
  std::size_t pipeline = 0;
  double rate = 0;  ///< 0: a closed loop.
  std::string spacing{};
  int rounds = 0;
  double seconds = 0;
  double warm_up = 0;
  unsigned long long seed = 0;
  std::vector<SideReport> sides{};  ///< The first is the target, others are what it stands beside.
};

void PrintTable(const Report& report);
void PrintJson(const Report& report);

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_REPORT_H_
