#include "server/routes/slow_lane.h"

#include <utility>

namespace skep::server {

SlowLane::~SlowLane() {
  {
    std::deque<Job> dropped;  // Freed with no lock held, and before the one that runs has ended.
    base::MutexLock lock(&mu_);
    stopping_ = true;
    dropped.swap(jobs_);
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

bool SlowLane::Add(Job job) {
  base::MutexLock lock(&mu_);
  if (jobs_.size() >= jobs_max_) return false;
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  jobs_.push_back(std::move(job));
  changed_.NotifyAll();
  return true;
}

void SlowLane::Run() {
  while (true) {
    Job job;
    {
      base::MutexLock lock(&mu_);
      while (!HasWork()) changed_.Wait(&mu_);
      if (stopping_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace skep::server
