// What a benchmark asks of its own process, or of another one.
#ifndef SKEP_BENCH_SUPPORT_PROCESS_H_
#define SKEP_BENCH_SUPPORT_PROCESS_H_

#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace skep::bench {

/// Of process `pid`, or of this one; 0 where there is none.
inline std::size_t ResidentBytes(pid_t pid = 0) {
  std::ifstream statm("/proc/" + (pid == 0 ? std::string("self") : std::to_string(pid)) + "/statm");
  std::size_t pages = 0;
  std::size_t resident = 0;
  statm >> pages >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Of this process, the one that counts them included.
inline std::size_t OpenFiles() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

/// As many open files as the system lets it have.
inline void RaiseDescriptorLimit() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace skep::bench

#endif  // SKEP_BENCH_SUPPORT_PROCESS_H_
