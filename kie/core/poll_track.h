// PollTrack: the newest polls that were answered, within limits (spec kie 8).
#ifndef SKEP_KIE_CORE_POLL_TRACK_H_
#define SKEP_KIE_CORE_POLL_TRACK_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/mutex.h"
#include "skep/kie/track.h"
#include "skep/tenant.h"

namespace skep::core {

class PollTrack {
 public:
  PollTrack(std::size_t polls_max, std::size_t items_max)
      : polls_max_(polls_max), items_max_(items_max) {}

  void Add(const Tenant& tenant, PollRecord record);
  std::vector<std::shared_ptr<const PollRecord>> Find(const Tenant& tenant,
                                                      const PollQuery& query) const;

 private:
  struct Entry {
    std::string key;
    Tenant tenant;
    std::shared_ptr<const PollRecord> record;
  };
  using Entries = std::list<Entry>;

  void Remove(Entries::iterator at, Entries* removed) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::size_t polls_max_;
  const std::size_t items_max_;

  mutable base::Mutex mu_;
  Entries entries_ ABSL_GUARDED_BY(mu_);  ///< Oldest first.
  absl::flat_hash_map<std::string, Entries::iterator> by_key_ ABSL_GUARDED_BY(mu_);
  std::size_t items_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_POLL_TRACK_H_
