// World: random use of a whole engine, registry and configuration center, and a description of all
// that its public interface shows. For tests of what survives.
//
// Whatever a draw leads to is fine, refusals included: names come out of small pools, so that they
// meet each other again and again.
#ifndef SKEP_TESTS_MODEL_WORLD_H_
#define SKEP_TESTS_MODEL_WORLD_H_

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "skep/skep.h"

namespace skep::testing {

/// Every line is one fact. Equal states give equal lines.
using Description = std::vector<std::string>;

class World {
 public:
  explicit World(std::uint64_t seed);

  /// Changes something, or tries to. `one_revision`: only what takes one revision at most.
  void ChangeRegistry(Engine& engine, bool one_revision, Ack ack);
  void ChangeKie(Engine& engine, bool one_revision, Ack ack);

  /// All that can be seen, also of items that were deleted.
  Description Describe(Engine& engine) const;
  /// And lists as of former revisions, and what only a write tells.
  Description DescribeAll(Engine& engine) const;

  /// 0 to `limit` - 1.
  std::size_t Pick(std::size_t limit) { return random_() % limit; }

 private:
  std::string AnyOf(std::initializer_list<std::string_view> words);
  Tenant AnyTenant();
  std::string AnyService(Registry& registry);
  Microservice NewService();
  InstanceSpec NewInstance();
  std::vector<Rule> NewRules();
  Properties NewTags();
  Schema NewSchema();
  MicroserviceKey KeyOf(const Microservice& service) const;

  void ChangeService(Registry& registry, const std::string& id, Ack ack);
  void ChangeSchemas(Registry& registry, const std::string& id, Ack ack);
  void ChangeInstance(Registry& registry, const std::string& id, Ack ack);
  void ChangeDependencies(Registry& registry, const std::string& id, Ack ack);
  void ChangeMany(Registry& registry, Ack ack);

  KvSpec NewKv();
  std::string AnyKv(ConfigCenter& config);

  void DescribeKie(const ConfigCenter& config, Description* lines) const;

  std::mt19937_64 random_;
  std::set<std::string> kv_ids_;         ///< All that can be.
  std::vector<Revision> kie_revisions_;  ///< Some that there were.
};

/// The first line in which they differ, from both; empty: they are equal.
std::string Difference(const Description& a, const Description& b);

}  // namespace skep::testing

#endif  // SKEP_TESTS_MODEL_WORLD_H_
