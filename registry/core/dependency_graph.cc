#include "registry/core/dependency_graph.h"

namespace skep::core {
namespace {

// NUL parts what may hold any other character.
std::string KeyText(const FamilyKey& key) {
  std::string text = std::to_string(key.tenant);
  for (std::string_view piece : {ToString(key.environment), key.app_id, key.name}) {
    text += '\0';
    text += piece;
  }
  return text;
}

}  // namespace

bool DependencyGraph::IsKnown(std::uint64_t consumer, std::uint64_t family) const {
  Shard& shard = ShardOf(consumer, family);
  base::ReaderLock::Reader reading(&shard.lock);
  return shard.known.contains(Pair(consumer, family));
}

bool DependencyGraph::Add(std::uint64_t consumer, const FamilyKey& provider) {
  std::string key = KeyText(provider);
  if (!consumers_of_[key].insert(consumer).second) return false;
  consumers_[consumer].providers.push_back(std::move(key));
  return true;
}

void DependencyGraph::MarkKnown(std::uint64_t consumer, std::uint64_t family) {
  Shard& shard = ShardOf(consumer, family);
  {
    base::MutexLock writing(shard.lock.mutex());
    base::ReaderLock::Writer alone(&shard.lock);
    if (!shard.known.insert(Pair(consumer, family)).second) return;
  }
  consumers_[consumer].families.push_back(family);
}

void DependencyGraph::RemoveConsumer(std::uint64_t consumer) {
  const auto node = consumers_.extract(consumer);
  if (node.empty()) return;
  for (const std::string& provider : node.mapped().providers) {
    const auto at = consumers_of_.find(provider);
    at->second.erase(consumer);
    if (at->second.empty()) consumers_of_.erase(at);
  }
  for (const std::uint64_t family : node.mapped().families) {
    Shard& shard = ShardOf(consumer, family);
    base::MutexLock writing(shard.lock.mutex());
    base::ReaderLock::Writer alone(&shard.lock);
    shard.known.erase(Pair(consumer, family));
  }
}

bool DependencyGraph::HasConsumersBut(std::uint64_t self, const FamilyKey& provider) const {
  const auto at = consumers_of_.find(KeyText(provider));
  if (at == consumers_of_.end()) return false;
  return at->second.size() > (at->second.contains(self) ? 1U : 0U);
}

}  // namespace skep::core
