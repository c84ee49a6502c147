#include "kie/core/poll_track.h"

#include <utility>

#include "base/text.h"

namespace skep::core {
namespace {

constexpr std::size_t kTextMax = 1024;

// A second poll of a session at one revision takes the first one's place (8.5). A revision has no
// slash, and what follows it may have any.
std::string KeyOf(const Tenant& tenant, const PollRecord& record) {
  return tenant.domain + "/" + tenant.project + "/" + std::to_string(record.revision.number()) +
         "/" + record.session_id;
}

bool Is(std::string_view wanted, std::string_view text) { return wanted.empty() || wanted == text; }

bool Matches(const PollRecord& record, const PollQuery& query) {
  return Is(query.session_id, record.session_id) && Is(query.ip, record.ip) &&
         Is(query.url_path, record.url_path) && Is(query.user_agent, record.user_agent) &&
         Is(query.revision, std::to_string(record.revision.number()));
}

}  // namespace

void PollTrack::Add(const Tenant& tenant, PollRecord record) {
  for (std::string* text :
       {&record.session_id, &record.session_group, &record.ip, &record.user_agent, &record.url_path,
        &record.polling_labels, &record.polling_revision, &record.polling_wait}) {
    text->resize(base::CutAtCharacter(*text, kTextMax).size());
  }
  if (polls_max_ == 0 || record.items.size() > items_max_) return;
  Entry entry{KeyOf(tenant, record), tenant, std::make_shared<const PollRecord>(std::move(record))};
  const std::size_t items = entry.record->items.size();
  Entries removed;  // Freed after the lock.

  base::MutexLock lock(&mu_);
  if (const auto at = by_key_.find(entry.key); at != by_key_.end()) Remove(at->second, &removed);
  while (entries_.size() >= polls_max_ || (items_ > 0 && items_ + items > items_max_)) {
    Remove(entries_.begin(), &removed);
  }
  items_ += items;
  entries_.push_back(std::move(entry));
  by_key_.emplace(entries_.back().key, std::prev(entries_.end()));
}

void PollTrack::Remove(Entries::iterator at, Entries* removed) {
  items_ -= at->record->items.size();
  by_key_.erase(at->key);
  removed->splice(removed->end(), entries_, at);
}

std::vector<std::shared_ptr<const PollRecord>> PollTrack::Find(const Tenant& tenant,
                                                               const PollQuery& query) const {
  std::vector<std::shared_ptr<const PollRecord>> found;
  base::MutexLock lock(&mu_);
  for (const Entry& entry : entries_) {
    if (entry.tenant == tenant && Matches(*entry.record, query)) found.push_back(entry.record);
  }
  return found;
}

}  // namespace skep::core
