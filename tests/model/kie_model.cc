#include "tests/model/kie_model.h"

#include <algorithm>
#include <ostream>
#include <tuple>

namespace skep::testing {

void PrintTo(const ModelKv& kv, std::ostream* out) {
  *out << kv.key << "{" << LabelFormat(kv.labels) << "}=" << kv.value << " " << ToString(kv.status)
       << " priority " << kv.priority << " of " << kv.created.number() << ", "
       << kv.updated.number();
}

ModelKv ToModel(const KeyValue& kv) {
  return {kv.key(),    kv.labels(),        kv.value,          kv.status,
          kv.priority, kv.create_revision, kv.update_revision};
}

KvQuery ModelQuery::ToQuery(std::string* key) const {
  KvQuery query;
  for (const auto& [name, text] : labels) query.labels.emplace_back(name, text);
  query.match = match;
  if (!key_prefix.empty()) *key = "beginWith(" + key_prefix + ")";
  query.key = *key;
  query.value = value;
  query.status = status;
  return query;
}

bool ModelQuery::Selects(const ModelKv& kv) const {
  if (!kv.key.starts_with(key_prefix)) return false;
  if (match == LabelMatch::kExact) return kv.labels == labels;
  return std::ranges::all_of(labels, [&kv](const auto& label) {
    const auto at = kv.labels.find(label.first);
    return at != kv.labels.end() && at->second == label.second;
  });
}

bool ModelQuery::Passes(const ModelKv& kv) const {
  return Selects(kv) && (status == KvStatus::kUnset || status == kv.status) &&
         kv.value.find(value) != std::string::npos;
}

const ModelState& KieModel::At(Revision revision) const {
  return std::prev(states_.upper_bound(revision))->second;
}

std::vector<std::pair<Revision, std::optional<ModelKv>>> KieModel::History(
    const std::string& id) const {
  std::vector<std::pair<Revision, std::optional<ModelKv>>> history;
  std::optional<ModelKv> before;
  for (const auto& [revision, state] : states_) {
    const auto at = state.find(id);
    std::optional<ModelKv> after;
    if (at != state.end()) after = at->second;
    if (after != before) history.emplace_back(revision, after);
    before = after;
  }
  std::ranges::reverse(history);
  return history;
}

std::vector<ModelKv> KieModel::List(const ModelState& state, const ModelQuery& query) const {
  std::vector<ModelKv> found;
  for (const auto& [id, kv] : state) {
    if (query.Passes(kv)) found.push_back(kv);
  }
  std::ranges::sort(found, [](const ModelKv& a, const ModelKv& b) {
    const auto rank = [](const ModelKv& kv) {
      return std::tuple(-kv.priority, -static_cast<std::int64_t>(kv.updated.number()), kv.key,
                        LabelFormat(kv.labels));
    };
    return rank(a) < rank(b);
  });
  return found;
}

void KieModel::Put(const std::string& id, ModelKv kv, Revision revision) {
  const auto there = now_.find(id);
  kv.created = there != now_.end() ? there->second.created : revision;
  kv.updated = revision;
  now_[id] = std::move(kv);
}

bool KieModel::Differs(const std::string& id, Revision to) const {
  const ModelState& then = At(to);
  const auto old = then.find(id);
  const auto there = now_.find(id);
  if (old == then.end() || there == now_.end()) {
    return (old == then.end()) != (there == now_.end());
  }
  const ModelKv& a = old->second;
  const ModelKv& b = there->second;
  return std::tie(a.value, a.status, a.priority) != std::tie(b.value, b.status, b.priority);
}

void KieModel::Restore(const std::string& id, Revision to, Revision revision) {
  const ModelState& then = At(to);
  const auto old = then.find(id);
  if (old == then.end()) return Erase(id);
  Put(id, old->second, revision);
}

}  // namespace skep::testing
