// Writer: the one order in which an engine's changes happen.
//
// Whoever changes anything holds the mutex from taking a revision until the change is visible, so
// that changes become visible in the order of their revisions, whichever part of the engine they
// belong to.
#ifndef SKEP_BASE_WRITER_H_
#define SKEP_BASE_WRITER_H_

#include <atomic>
#include <cstdint>

#include "base/mutex.h"
#include "skep/revision.h"

namespace skep::base {

/// Hands out an engine's revisions. Only the engine's writer takes one.
class RevisionCounter {
 public:
  explicit RevisionCounter(Revision first) : last_(first.number() - 1) {}

  Revision Next() { return Revision(last_.fetch_add(1, std::memory_order_acq_rel) + 1); }
  Revision last() const { return Revision(last_.load(std::memory_order_acquire)); }

 private:
  std::atomic<std::uint64_t> last_;
};

struct Writer {
  explicit Writer(Revision first) : revisions(first) {}

  Mutex mu;
  RevisionCounter revisions;
};

}  // namespace skep::base

#endif  // SKEP_BASE_WRITER_H_
