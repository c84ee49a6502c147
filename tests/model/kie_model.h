// KieModel: a configuration center so simple that it is obviously right. It keeps the whole state
// after every revision, and answers everything by looking at all of it.
#ifndef SKEP_TESTS_MODEL_KIE_MODEL_H_
#define SKEP_TESTS_MODEL_KIE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "skep/skep.h"

namespace skep::testing {

/// An item, as the model and the engine are compared by.
struct ModelKv {
  std::string key;
  Labels labels;
  std::string value;
  KvStatus status = KvStatus::kDisabled;
  std::int64_t priority = 0;
  Revision created{};
  Revision updated{};

  friend bool operator==(const ModelKv&, const ModelKv&) = default;
};

void PrintTo(const ModelKv& kv, std::ostream* out);

/// What was there: by id.
using ModelState = std::map<std::string, ModelKv>;

/// A query whose texts are its own.
struct ModelQuery {
  Labels labels{};
  LabelMatch match = LabelMatch::kSubset;
  std::string key_prefix{};
  std::string value{};
  KvStatus status = KvStatus::kUnset;

  KvQuery ToQuery(std::string* key) const;
  bool Selects(const ModelKv& kv) const;  ///< By labels and key.
  bool Passes(const ModelKv& kv) const;   ///< By all of it.
};

class KieModel {
 public:
  explicit KieModel(std::size_t items_max) : items_max_(items_max) {}

  const ModelState& now() const { return now_; }
  const ModelState& At(Revision revision) const;
  /// The changes of an item, newest first; nullopt is a deletion.
  std::vector<std::pair<Revision, std::optional<ModelKv>>> History(const std::string& id) const;
  std::vector<ModelKv> List(const ModelState& state, const ModelQuery& query) const;

  bool is_full() const { return now_.size() >= items_max_; }

  // A write puts into now() what it changes, with these; Commit keeps the state.

  void Put(const std::string& id, ModelKv kv, Revision revision);
  void Erase(const std::string& id) { now_.erase(id); }
  void Commit(Revision revision) { states_[revision] = now_; }
  void Restore(const std::string& id, Revision to, Revision revision);
  /// Whether Restore would change anything.
  bool Differs(const std::string& id, Revision to) const;

 private:
  const std::size_t items_max_;
  ModelState now_;
  std::map<Revision, ModelState> states_{{Revision(), {}}};
};

ModelKv ToModel(const KeyValue& kv);

}  // namespace skep::testing

#endif  // SKEP_TESTS_MODEL_KIE_MODEL_H_
