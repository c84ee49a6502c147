// KieFixture: a configuration center of a test's own, on a clock that the test moves.
#ifndef SKEP_TESTS_SUPPORT_KIE_FIXTURE_H_
#define SKEP_TESTS_SUPPORT_KIE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "skep/skep.h"

namespace skep::testing {

class KieFixture : public ::testing::Test {
 protected:
  KieFixture() { Reopen({}); }

  /// Opens another engine in the first one's place, on the same clock.
  void Reopen(KieOptions options) {
    engine_ = Engine::Open({.clock = clock_, .id_seed = 1, .kie = options}).value();
  }

  ManualClock& clock() { return *clock_; }
  Engine& engine() { return *engine_; }
  ConfigCenter& config() { return engine_->config(); }

  /// Creates an enabled item.
  WrittenKv Add(std::string key, std::string value, Labels labels = {}) {
    return config()
        .Create({.key = std::move(key),
                 .value = std::move(value),
                 .labels = std::move(labels),
                 .status = KvStatus::kEnabled})
        .value();
  }

  WrittenKv Set(const std::string& id, std::string value) {
    return config().Update(id, {.value = std::move(value)}).value();
  }

  static std::vector<std::string> Keys(const KvList& list) {
    std::vector<std::string> keys;
    for (const KeyValuePtr& kv : list.items()) keys.push_back(kv->key());
    return keys;
  }

  static std::vector<std::string> Values(const KvList& list) {
    std::vector<std::string> values;
    for (const KeyValuePtr& kv : list.items()) values.push_back(kv->value);
    return values;
  }

 private:
  const std::shared_ptr<ManualClock> clock_ = ManualClock::Create();
  std::unique_ptr<Engine> engine_;
};

}  // namespace skep::testing

#endif  // SKEP_TESTS_SUPPORT_KIE_FIXTURE_H_
