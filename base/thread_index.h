// A small dense number for each live thread: the one thing in skep that is process-wide, because a
// thread is. It names the thread's line in every ReaderLock's field of lines and its stripe of
// every striped count. Numbers of ended threads are given out again.
#ifndef SKEP_BASE_THREAD_INDEX_H_
#define SKEP_BASE_THREAD_INDEX_H_

#include <cstdint>

namespace skep::base {

/// Threads with a number of their own; what comes later shares kNoThreadIndex.
inline constexpr std::uint32_t kThreadIndexMax = 256;
inline constexpr std::uint32_t kNoThreadIndex = kThreadIndexMax;

namespace internal {
/// 0: none yet, else the index + 1. Trivial, so that reading it needs no guard.
extern constinit thread_local std::uint32_t thread_index_plus_one;
std::uint32_t AssignThreadIndex();
}  // namespace internal

inline std::uint32_t ThreadIndex() {
  const std::uint32_t known = internal::thread_index_plus_one;
  return known != 0 ? known - 1 : internal::AssignThreadIndex();
}

/// One more than the highest index given out so far; never falls.
std::uint32_t ThreadIndexEnd();

}  // namespace skep::base

#endif  // SKEP_BASE_THREAD_INDEX_H_
