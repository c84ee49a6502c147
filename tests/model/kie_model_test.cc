// The configuration center beside the model of it: any writes, and after them any reads of the
// present and of the past, give the same. A failure prints the shortest steps that show it.
#include "tests/model/kie_model.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace skep::testing {
namespace {

enum class KieStep {
  kCreate,
  kUpdate,
  kDelete,
  kDeleteMany,
  kImport,
  kRollBack,
  kRollBackAll,
  kRead
};

struct AnyKieStep {
  KieStep kind = KieStep::kRead;
  std::uint64_t bits = 0;
};

void showValue(const AnyKieStep& step,
               std::ostream& out) {  // NOLINT(readability-identifier-naming)
  out << "{" << static_cast<int>(step.kind) << ", " << step.bits << "}";
}

constexpr std::size_t kItemsMax = 9;

class KieSteps {
 public:
  KieSteps()
      : clock_(ManualClock::Create()),
        engine_(Engine::Open({.clock = clock_, .kie = {.items_max = kItemsMax}}).value()),
        config_(engine_->config()) {}

  void Take(const AnyKieStep& step) {
    bits_ = step.bits;
    switch (step.kind) {
      case KieStep::kCreate:
        return Create();
      case KieStep::kUpdate:
        return Update();
      case KieStep::kDelete:
        return Delete();
      case KieStep::kDeleteMany:
        return DeleteMany();
      case KieStep::kImport:
        return Import();
      case KieStep::kRollBack:
        return RollBack();
      case KieStep::kRollBackAll:
        return RollBackAll();
      case KieStep::kRead:
        return Read();
    }
  }

  void Finish() {
    for (std::uint64_t r = 0; r <= engine_->revision().number(); ++r) {
      CheckList({}, Revision(r));
    }
    for (const std::string& id : ids_) CheckHistory(id);
    RC_ASSERT(config_.size() == model_.now().size());
  }

 private:
  std::uint64_t Pick(std::uint64_t n) {
    const std::uint64_t picked = bits_ % n;
    bits_ /= n;
    return picked;
  }

  Labels AnyLabels() {
    Labels labels;
    if (Pick(2) == 0) labels["app"] = Pick(2) == 0 ? "a" : "b";
    if (Pick(3) == 0) labels["env"] = Pick(2) == 0 ? "" : "p";
    return labels;
  }

  KvSpec AnySpec() {
    KvSpec spec;
    spec.key = std::string(1, static_cast<char>('a' + Pick(2))) + std::to_string(Pick(2));
    spec.labels = AnyLabels();
    spec.value = std::to_string(Pick(3));
    if (Pick(6) == 0) spec.value.clear();
    if (Pick(3) != 0) spec.status = KvStatus::kEnabled;
    spec.priority = static_cast<std::int64_t>(Pick(3)) - 1;
    return spec;
  }

  ModelQuery AnyQuery() {
    ModelQuery query;
    query.labels = AnyLabels();
    if (Pick(3) == 0) query.match = LabelMatch::kExact;
    if (Pick(3) == 0) query.key_prefix = "a";
    if (Pick(4) == 0) query.value = "1";
    if (Pick(4) == 0) query.status = KvStatus::kEnabled;
    return query;
  }

  std::string AnyId() {
    if (ids_.empty()) return "none";
    return *std::next(ids_.begin(), static_cast<std::ptrdiff_t>(Pick(ids_.size())));
  }

  Revision AnyRevision() { return Revision(Pick(engine_->revision().number() + 1)); }

  std::string Note(const KvSpec& spec) {
    std::string id = KvId(config_.tenant(), spec.key, spec.labels);
    ids_.insert(id);
    return id;
  }

  static ModelKv Made(const KvSpec& spec) {
    return {.key = spec.key,
            .labels = spec.labels,
            .value = spec.value,
            .status = spec.status == KvStatus::kUnset ? KvStatus::kDisabled : spec.status,
            .priority = spec.priority};
  }

  void Create() {
    const KvSpec spec = AnySpec();
    const std::string id = Note(spec);
    const auto written = config_.Create(spec);
    if (model_.is_full()) {
      RC_ASSERT(written.error() == KieErrc::kNotEnoughQuota);
    } else if (model_.now().contains(id)) {
      RC_ASSERT(written.error() == KieErrc::kAlreadyExists);
      RC_ASSERT(written.error().rests_on() == model_.now().at(id).updated);
    } else {
      model_.Put(id, Made(spec), (last_ = last_ + 1));
      model_.Commit(last_);
      RC_ASSERT(written.ok());
      RC_ASSERT(written->id == id);
      RC_ASSERT(written->revision == last_);
      RC_ASSERT(ToModel(*written->kv) == model_.now().at(id));
    }
  }

  void Update() {
    const std::string id = AnyId();
    KvUpdate update;
    if (Pick(2) == 0) update.value = std::to_string(Pick(3));
    if (Pick(2) == 0) update.status = Pick(2) == 0 ? KvStatus::kEnabled : KvStatus::kDisabled;
    const auto written = config_.Update(id, update);
    if (!model_.now().contains(id)) {
      RC_ASSERT(written.error() == KieErrc::kNotExists);
      return;
    }
    ModelKv kv = model_.now().at(id);
    if (update.value.has_value()) kv.value = *update.value;
    if (update.status != KvStatus::kUnset) kv.status = update.status;
    model_.Put(id, kv, (last_ = last_ + 1));
    model_.Commit(last_);
    RC_ASSERT(ToModel(*written->kv) == model_.now().at(id));
  }

  void Delete() {
    const std::string id = AnyId();
    const auto deleted = config_.Delete(id);
    if (!model_.now().contains(id)) {
      RC_ASSERT(deleted.error() == KieErrc::kNotExists);
      return;
    }
    model_.Erase(id);
    model_.Commit((last_ = last_ + 1));
    RC_ASSERT(*deleted == last_);
  }

  void DeleteMany() {
    std::vector<std::string> ids;
    for (std::uint64_t n = Pick(4); n > 0; --n) ids.push_back(AnyId());
    bool any = ids.empty();
    for (const std::string& id : ids) {
      any = any || model_.now().contains(id);
      model_.Erase(id);
    }
    const Revision deleted = config_.DeleteMany(ids).value();
    if (any) model_.Commit((last_ = last_ + 1));
    RC_ASSERT(deleted == (any ? last_ : Revision()));
  }

  void Import() {
    std::vector<KvSpec> items;
    const auto mode = static_cast<Override>(Pick(3));
    for (std::uint64_t n = Pick(3) + 1; n > 0; --n) {
      items.push_back(AnySpec());
      Note(items.back());
      if (Pick(8) == 0) items.back().status = KvStatus::kUnknown;
    }
    const ImportResult result = config_.Import(items, {.override_mode = mode}).value();
    std::vector<std::pair<std::size_t, KieErrc>> failures;
    bool aborted = false;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (const auto failure = ImportOne(items[i], mode, &aborted))
        failures.emplace_back(i, *failure);
    }
    RC_ASSERT(result.failures.size() == failures.size());
    for (std::size_t i = 0; i < failures.size(); ++i) {
      RC_ASSERT(result.failures[i].index == failures[i].first);
      RC_ASSERT(result.failures[i].error == failures[i].second);
    }
    RC_ASSERT(result.success.size() == items.size() - failures.size());
  }

  std::optional<KieErrc> ImportOne(const KvSpec& spec, Override mode, bool* aborted) {
    const std::string id = KvId(config_.tenant(), spec.key, spec.labels);
    if (*aborted) return KieErrc::kAborted;
    if (spec.status == KvStatus::kUnknown) return KieErrc::kInvalidParams;
    if (model_.is_full()) return KieErrc::kNotEnoughQuota;
    ModelKv next = Made(spec);
    if (model_.now().contains(id)) {
      if (mode == Override::kSkip) return KieErrc::kSkipped;
      *aborted = mode == Override::kAbort;
      if (*aborted) return KieErrc::kAborted;
      const ModelKv& there = model_.now().at(id);
      if (next.value.empty()) next.value = there.value;
      next.priority = there.priority;
    }
    model_.Put(id, next, (last_ = last_ + 1));
    model_.Commit(last_);
    return std::nullopt;
  }

  void RollBack() {
    const std::string id = AnyId();
    const Revision to = AnyRevision();
    const bool is = model_.now().contains(id);
    const bool was = model_.At(to).contains(id);
    const auto written = config_.RollBack(id, to);
    if (!is && !was) {
      RC_ASSERT(written.error() == KieErrc::kNotExists);
    } else if (!is && model_.is_full()) {
      RC_ASSERT(written.error() == KieErrc::kNotEnoughQuota);
    } else if (!model_.Differs(id, to)) {
      RC_ASSERT(written->revision == model_.now().at(id).updated);
    } else {
      model_.Restore(id, to, (last_ = last_ + 1));
      model_.Commit(last_);
      RC_ASSERT(written->revision == last_);
    }
  }

  void RollBackAll() {
    const ModelQuery query = AnyQuery();
    const Revision to = AnyRevision();
    std::string key;
    const auto rolled = config_.RollBack(query.ToQuery(&key), to);
    KieModel next = model_;
    bool any = false;
    for (const std::string& id : ids_) {
      const ModelState& state = model_.now().contains(id) ? model_.now() : model_.At(to);
      const auto at = state.find(id);
      if (at == state.end() || !query.Selects(at->second) || !next.Differs(id, to)) continue;
      any = true;
      next.Restore(id, to, last_ + 1);
    }
    if (next.now().size() > kItemsMax && next.now().size() > model_.now().size()) {
      RC_ASSERT(rolled.error() == KieErrc::kNotEnoughQuota);
      return;
    }
    RC_ASSERT(*rolled == (any ? last_ + 1 : Revision()));
    if (!any) return;
    last_ = last_ + 1;
    for (const std::string& id : ids_) {
      if (next.now().contains(id)) {
        if (next.now().at(id).updated == last_) model_.Restore(id, to, last_);
      } else {
        model_.Erase(id);
      }
    }
    model_.Commit(last_);
  }

  void Read() {
    CheckList(AnyQuery(), std::nullopt);
    CheckList(AnyQuery(), AnyRevision());
    CheckHistory(AnyId());
    CheckDifference(AnyQuery(), AnyRevision(), AnyRevision());
  }

  void CheckList(const ModelQuery& asked, std::optional<Revision> as_of) {
    std::string key;
    KvQuery query = asked.ToQuery(&key);
    query.as_of = as_of;
    if (Pick(2) == 0) {
      query.offset = static_cast<std::int64_t>(Pick(4));
      query.limit = static_cast<std::int64_t>(Pick(4)) + 1;
    }
    const KvList list = config_.List(query).value();
    std::vector<ModelKv> expected =
        model_.List(as_of.has_value() ? model_.At(*as_of) : model_.now(), asked);
    RC_ASSERT(list.total() == expected.size());
    RC_ASSERT(list.revision() == as_of.value_or(last_));
    std::vector<ModelKv> got;
    for (const KeyValuePtr& kv : list.items()) got.push_back(ToModel(*kv));
    if (query.limit.has_value()) {
      const auto begin =
          std::min<std::size_t>(expected.size(), static_cast<std::size_t>(query.offset));
      expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(begin));
      if (expected.size() > static_cast<std::size_t>(*query.limit)) {
        expected.resize(static_cast<std::size_t>(*query.limit));
      }
    }
    RC_ASSERT(got == expected);
  }

  void CheckHistory(const std::string& id) {
    const auto expected = model_.History(id);
    const auto history = config_.History(id);
    if (expected.empty()) {
      RC_ASSERT(history.error() == KieErrc::kNotExists);
      return;
    }
    RC_ASSERT(history->changes.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const KvChange& change = history->changes[i];
      RC_ASSERT(change.revision == expected[i].first);
      RC_ASSERT((change.kv != nullptr) == expected[i].second.has_value());
      if (change.kv != nullptr) RC_ASSERT(ToModel(*change.kv) == *expected[i].second);
    }
  }

  void CheckDifference(const ModelQuery& asked, Revision from, Revision to) {
    std::string key;
    const auto differences = config_.Difference(from, to, asked.ToQuery(&key)).value();
    std::size_t count = 0;
    for (const std::string& id : ids_) {
      const auto state = [&](Revision at) -> std::optional<ModelKv> {
        const auto found = model_.At(at).find(id);
        if (found == model_.At(at).end() || !asked.Selects(found->second)) return std::nullopt;
        return found->second;
      };
      if (state(from) == state(to)) continue;
      ++count;
      const bool told = std::ranges::any_of(differences, [&](const KvDifference& difference) {
        const auto is = [](const KeyValuePtr& kv, const std::optional<ModelKv>& expected) {
          return kv == nullptr ? !expected.has_value() : expected == ToModel(*kv);
        };
        return is(difference.before, state(from)) && is(difference.after, state(to));
      });
      RC_ASSERT(told);
    }
    RC_ASSERT(differences.size() == count);
  }

  const std::shared_ptr<ManualClock> clock_;
  const std::unique_ptr<Engine> engine_;
  ConfigCenter& config_;
  KieModel model_{kItemsMax};
  std::set<std::string> ids_;
  Revision last_;
  std::uint64_t bits_ = 0;
};

rc::Gen<std::vector<AnyKieStep>> AnyKieSteps() {
  const auto kind = rc::gen::weightedElement<KieStep>({{10, KieStep::kCreate},
                                                       {6, KieStep::kUpdate},
                                                       {3, KieStep::kDelete},
                                                       {2, KieStep::kDeleteMany},
                                                       {3, KieStep::kImport},
                                                       {2, KieStep::kRollBack},
                                                       {1, KieStep::kRollBackAll},
                                                       {8, KieStep::kRead}});
  const auto step = rc::gen::build<AnyKieStep>(
      rc::gen::set(&AnyKieStep::kind, kind),
      rc::gen::set(&AnyKieStep::bits,
                   rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>())));
  constexpr double kStepsPerSize = 2;
  return rc::gen::scale(kStepsPerSize, rc::gen::container<std::vector<AnyKieStep>>(step));
}

RC_GTEST_PROP(KieModel, AnyStepsAgree, ()) {
  const std::vector<AnyKieStep> steps = *AnyKieSteps();
  KieSteps both;
  for (const AnyKieStep& step : steps) both.Take(step);
  both.Finish();
}

}  // namespace
}  // namespace skep::testing
