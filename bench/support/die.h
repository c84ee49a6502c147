// Die: how a benchmark ends that cannot go on, or whose answers are wrong.
#ifndef SKEP_BENCH_SUPPORT_DIE_H_
#define SKEP_BENCH_SUPPORT_DIE_H_

#include <cstdio>
#include <cstdlib>
#include <string>

namespace skep::bench {

[[noreturn]] inline void Die(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

/// A figure of a wrong answer is worse than none.
inline void Check(bool right, const std::string& what) {
  if (!right) Die("wrong answer: " + what);
}

}  // namespace skep::bench

#endif  // SKEP_BENCH_SUPPORT_DIE_H_
