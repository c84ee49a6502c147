// The table of leases beside a map that holds the same. Each seed gives the table's hash other
// collisions.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

#include "registry/core/instance_record.h"
#include "registry/core/instance_table.h"

namespace skep::core {
namespace {

MonotonicTime At(std::int64_t ms) { return MonotonicTime(Millis(ms)); }

class InstanceTableModel : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  struct Expected {
    std::uint32_t place = 0;
    std::int64_t last_ms = 0;
  };

  InstanceTableModel() {
    for (std::size_t i = 0; i < kKeys; ++i) {
      // Some ids are there under several owners, and some differ in one bit.
      const LeaseKey& like = keys_.empty() ? LeaseKey{1, 2, 3} : keys_[random_() % keys_.size()];
      switch (random_() % 4) {
        case 0:
          keys_.push_back({like.hi, like.lo, random_() | 1});
          break;
        case 1:
          keys_.push_back({like.hi, like.lo ^ 1, like.owner});
          break;
        default:
          keys_.push_back({random_(), random_(), random_() % 3 + 1});
      }
    }
  }
  ~InstanceTableModel() override { record_->Unref(); }

  static auto Order(const LeaseKey& key) { return std::tuple(key.hi, key.lo, key.owner); }
  using Model = std::map<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>, Expected>;

  void CheckOne(const LeaseKey& key) {
    const auto at = model_.find(Order(key));
    const bool there = at != model_.end();
    const auto entry = table_.Get(key);
    ASSERT_EQ(entry.has_value(), there);
    ASSERT_EQ(table_.Contains(key), there);
    const InstanceRecord* record = table_.Acquire(key);
    ASSERT_EQ(record, there ? record_ : nullptr);
    if (!there) return;
    record->Unref();
    ASSERT_EQ(entry->place, at->second.place);
    ASSERT_EQ(table_.LastHeartbeat(key), At(at->second.last_ms));
  }

  void Step(bool growing, std::uint32_t step) {
    const LeaseKey& key = keys_[random_() % kKeys];
    const auto at = model_.find(Order(key));
    const bool there = at != model_.end();
    switch (random_() % 6) {
      case 0:
        ASSERT_EQ(table_.Renew(key, At(step)), there);
        if (there) at->second.last_ms = step;
        break;
      case 1:
        if (!there) break;
        table_.SetEntry(key, {.record = record_, .place = step});
        at->second.place = step;
        break;
      default:
        if (there && (!growing || random_() % 4 == 0)) {
          table_.Remove(key);
          model_.erase(at);
        } else if (!there && (growing || random_() % 4 == 0)) {
          table_.Insert(key, {.record = record_, .place = step}, At(step));
          model_[Order(key)] = {step, step};
        }
    }
    CheckOne(key);
    CheckOne(keys_[random_() % kKeys]);
  }

  static constexpr std::size_t kKeys = 2000;

  std::mt19937_64 random_{GetParam()};
  MemoBudget budget_{0};
  const InstanceRecord* const record_ = InstanceRecord::Pack(ServiceRef(), {.host = "h"}, &budget_);
  std::vector<LeaseKey> keys_;
  InstanceTable table_{random_()};
  Model model_;
};

INSTANTIATE_TEST_SUITE_P(Seeds, InstanceTableModel, ::testing::Range<std::uint64_t>(1, 6));

TEST_P(InstanceTableModel, AnyStepsAgree) {
  for (std::uint32_t step = 0; step < 30'000; ++step) {
    // Fills and empties by turns.
    Step(step / 5000 % 2 == 0, step);
    if (HasFatalFailure()) return;
  }
  std::size_t count = 0;
  table_.ForEach([&](const InstanceTable::Entry&) { ++count; });
  EXPECT_EQ(count, model_.size());
  for (const LeaseKey& key : keys_) CheckOne(key);
}

}  // namespace
}  // namespace skep::core
