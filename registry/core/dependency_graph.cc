#include "registry/core/dependency_graph.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace skep::core {

// NUL parts what may hold any other character.
std::string DependencyGraph::TextOf(const FamilyKey& key) {
  std::string text = std::to_string(key.tenant);
  for (std::string_view piece : {ToString(key.environment), key.app_id, key.name}) {
    text += '\0';
    text += piece;
  }
  return text;
}

FamilyKey DependencyGraph::KeyOf(std::string_view text) {
  auto next = [&text] {
    const std::string_view piece = text.substr(0, text.find('\0'));
    text.remove_prefix(std::min(piece.size() + 1, text.size()));
    return piece;
  };
  FamilyKey key;
  const std::string_view tenant = next();
  std::from_chars(tenant.data(), tenant.data() + tenant.size(), key.tenant);
  key.environment = ParseEnvironment(next()).value_or(Environment::kEmpty);
  key.app_id = next();
  key.name = next();
  return key;
}

bool DependencyGraph::IsKnown(std::uint64_t consumer, std::uint64_t family) const {
  Shard& shard = ShardOf(consumer, family);
  base::ReaderLock::Reader reading(&shard.lock);
  return shard.known.contains(Pair(consumer, family));
}

std::vector<std::string> DependencyGraph::ProvidersOf(std::uint64_t consumer) const {
  base::MutexLock lock(&mu_);
  const auto at = consumers_.find(consumer);
  return at == consumers_.end() ? std::vector<std::string>() : at->second.providers;
}

std::vector<std::uint64_t> DependencyGraph::ConsumersOf(const FamilyKey& provider) const {
  std::vector<std::uint64_t> consumers;
  {
    base::MutexLock lock(&mu_);
    const auto at = consumers_of_.find(TextOf(provider));
    if (at != consumers_of_.end()) consumers.assign(at->second.begin(), at->second.end());
  }
  std::ranges::sort(consumers);
  return consumers;
}

bool DependencyGraph::Add(std::uint64_t consumer, const FamilyKey& provider) {
  std::string key = TextOf(provider);
  base::MutexLock lock(&mu_);
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
  base::MutexLock lock(&mu_);
  consumers_[consumer].families.push_back(family);
}

void DependencyGraph::RemoveConsumer(std::uint64_t consumer) {
  std::vector<std::uint64_t> families;
  {
    base::MutexLock lock(&mu_);
    auto node = consumers_.extract(consumer);
    if (node.empty()) return;
    for (const std::string& provider : node.mapped().providers) {
      const auto at = consumers_of_.find(provider);
      at->second.erase(consumer);
      if (at->second.empty()) consumers_of_.erase(at);
    }
    families = std::move(node.mapped().families);
  }
  for (const std::uint64_t family : families) {
    Shard& shard = ShardOf(consumer, family);
    base::MutexLock writing(shard.lock.mutex());
    base::ReaderLock::Writer alone(&shard.lock);
    shard.known.erase(Pair(consumer, family));
  }
}

bool DependencyGraph::HasConsumersBut(std::uint64_t self, const FamilyKey& provider) const {
  base::MutexLock lock(&mu_);
  const auto at = consumers_of_.find(TextOf(provider));
  if (at == consumers_of_.end()) return false;
  return at->second.size() > (at->second.contains(self) ? 1U : 0U);
}

}  // namespace skep::core
