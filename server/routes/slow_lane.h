// SlowLane: one thread for what would hold up a connection's thread, and with it every client of
// that thread: the import and the export of many items, views of whole tenants. One job at a time,
// in their order, so that their memory is bounded, too.
//
// Thread-safety: any thread.
#ifndef SKEP_SERVER_ROUTES_SLOW_LANE_H_
#define SKEP_SERVER_ROUTES_SLOW_LANE_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>

#include "base/mutex.h"

namespace skep::server {

class SlowLane {
 public:
  using Job = std::function<void()>;

  /// Takes up to `jobs_max` jobs that wait, beside the one that runs.
  explicit SlowLane(std::size_t jobs_max) : jobs_max_(jobs_max) {}

  /// Waits for the job that runs; the others are dropped.
  ~SlowLane();
  SlowLane(const SlowLane&) = delete;
  SlowLane& operator=(const SlowLane&) = delete;

  /// Runs the job soon. False, and the job is dropped: too many wait. The first one starts the
  /// thread.
  bool Add(Job job);

 private:
  void Run();
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return stopping_ || !jobs_.empty(); }

  const std::size_t jobs_max_;
  base::Mutex mu_;
  base::CondVar changed_;
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // Written under mu_, joined by the destructor.
};

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_SLOW_LANE_H_
