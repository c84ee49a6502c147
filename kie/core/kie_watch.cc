// KieCore: its part in watching. What is watched, and what a snapshot is made of.
#include <utility>

#include "kie/core/kie_core.h"

namespace skep::core {

Result<KvWatch> KieCore::Watch(const KieHandle& handle, const KvQuery& query,
                               const WatchOptions& options) {
  Result<Selection> selection = Select(handle.tenant, query);
  if (!selection.ok()) return selection.error();
  return watch_->Subscribe(std::make_shared<KvTopic>(handle.tenant, std::move(selection->labels),
                                                     query, std::move(selection->filter)),
                           options);
}

std::vector<KeyValuePtr> KieCore::CollectWatched(const KvTopic& topic) const {
  std::vector<KeyValuePtr> found;
  if (const KieTenant* tenant = tenants_.Find(KieHandle(topic.tenant))) {
    base::ReaderLock::Reader reading(&tenant->lock);
    Gather(*tenant, topic.labels, topic.match, &found);
  }
  std::erase_if(found, [&](const KeyValuePtr& kv) { return !topic.filter.Passes(*kv); });
  return found;
}

void KieCore::WhileNobodyWrites(const std::function<void()>& fn) {
  base::MutexLock lock(&writer_->mu);
  fn();
}

}  // namespace skep::core
