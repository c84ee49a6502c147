// The CPU time that a process has used so far, in user and kernel mode, over all its threads.
#ifndef SKEP_BENCH_LOAD_PROCESS_CPU_H_
#define SKEP_BENCH_LOAD_PROCESS_CPU_H_

#include <sys/types.h>
#include <time.h>

#include <chrono>
#include <string>

#include "bench/support/die.h"

namespace skep::bench {

/// Of process `pid`; 0 is this one. To the nanosecond, also of threads that run just now, which
/// /proc/PID/stat does not give.
inline std::chrono::nanoseconds ProcessCpuTime(pid_t pid) {
  clockid_t clock;
  timespec used;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) {
    Die("no process " + std::to_string(pid));
  }
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_PROCESS_CPU_H_
