// DependencyGraph: which consumer depends on which provider, both ways.
//
// A consumer is one microservice (by serial), a provider a name: all versions of it, there or not
// yet. Finds ask on every call whether their relation is known, so that question has a table of its
// own, by numbers alone. The rest changes by the engine's writer alone and is read under `mu_`.
#ifndef SKEP_REGISTRY_CORE_DEPENDENCY_GRAPH_H_
#define SKEP_REGISTRY_CORE_DEPENDENCY_GRAPH_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/hash.h"
#include "base/mutex.h"
#include "base/reader_lock.h"
#include "registry/core/family_table.h"

namespace skep::core {

class DependencyGraph {
 public:
  explicit DependencyGraph(std::uint64_t seed) : hasher_(seed) {}

  /// Whether the consumer's finds of this family are recorded already. Any thread.
  bool IsKnown(std::uint64_t consumer, std::uint64_t family) const;

  /// The names that the consumer depends on, in the order in which they came. Any thread.
  std::vector<std::string> ProvidersOf(std::uint64_t consumer) const;
  /// Who depends on the provider, oldest first. Any thread.
  std::vector<std::uint64_t> ConsumersOf(const FamilyKey& provider) const;

  /// A provider as ProvidersOf has it; the views borrow the text.
  static FamilyKey KeyOf(std::string_view text);
  static std::string TextOf(const FamilyKey& key);

  // For the engine's writer.

  /// True where that is new.
  bool Add(std::uint64_t consumer, const FamilyKey& provider);
  /// From now on IsKnown.
  void MarkKnown(std::uint64_t consumer, std::uint64_t family);
  /// Forgets all that the consumer depends on.
  void RemoveConsumer(std::uint64_t consumer);
  /// Whether anyone but `self` depends on the provider.
  bool HasConsumersBut(std::uint64_t self, const FamilyKey& provider) const;

 private:
  using Pair = std::pair<std::uint64_t, std::uint64_t>;

  struct alignas(64) Shard {
    base::ReaderLock lock;
    absl::flat_hash_set<Pair> known;  ///< Under `lock`.
  };

  // The node of one consumer: its providers' keys, and the families under which it found them.
  struct Consumer {
    std::vector<std::string> providers;
    std::vector<std::uint64_t> families;
  };

  Shard& ShardOf(std::uint64_t consumer, std::uint64_t family) const {
    return shards_[hasher_.Of128(consumer, family) >> (64 - kShardBits)];
  }

  static constexpr int kShardBits = 4;

  const base::Hasher hasher_;
  mutable std::array<Shard, std::size_t{1} << kShardBits> shards_;

  mutable base::Mutex mu_;
  absl::flat_hash_map<std::uint64_t, Consumer> consumers_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::uint64_t>> consumers_of_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace skep::core

#endif  // SKEP_REGISTRY_CORE_DEPENDENCY_GRAPH_H_
