/// The configuration center's records: what a caller hands in (KvSpec, KvUpdate), and KeyValue, an
/// item as it stood at one revision.
///
/// An item is identified by its tenant, its key and its exact set of labels (spec kie 6.1). Every
/// change of it makes another KeyValue; one that was handed out never changes, but for becoming a
/// former one. Names are the API manual's, chapter 8.7.
///
/// Thread-safety: values; a KeyValue may be read from any thread. The engine must outlive it.
#ifndef SKEP_KIE_TYPES_H_
#define SKEP_KIE_TYPES_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/memo.h"
#include "skep/revision.h"
#include "skep/tenant.h"

namespace skep {

/// Sorted by name. A label whose value is empty is a label like any other.
using Labels = std::map<std::string, std::string>;

/// "none" for no labels, else "k1=v1::k2=v2" with names in byte order (6.1.1).
std::string LabelFormat(const Labels& labels);

/// The id of an item: 64 lower-case hex digits, made from what identifies it (6.1.2), so that it
/// survives deletion and re-creation.
std::string KvId(const Tenant& tenant, std::string_view key, const Labels& labels);

enum class KvStatus : std::uint8_t {
  kUnset,  ///< The default: disabled where an item is made, as it is where one is changed.
  kDisabled,
  kEnabled,
  kUnknown,  ///< A word that the API does not have; refused wherever it is given.
};

enum class ValueType : std::uint8_t {
  kUnset,  ///< The default: text.
  kText,
  kIni,
  kJson,
  kYaml,
  kProperties,
  kXml,
  kUnknown,  ///< A word that the API does not have; refused wherever it is given.
};

/// The API's word; "" for kUnset and kUnknown. And back: "" is kUnset.
std::string_view ToString(KvStatus status);
std::string_view ToString(ValueType type);
KvStatus ParseKvStatus(std::string_view word);
ValueType ParseValueType(std::string_view word);

/// An item to be created. Rules: ConfigCenter::Create.
struct KvSpec {
  std::string key{};
  std::string value{};
  Labels labels{};
  KvStatus status = KvStatus::kUnset;
  ValueType value_type = ValueType::kUnset;
  std::int64_t priority = 0;  ///< Lists have the larger number first.
  std::string check{};        ///< Stored and returned; it means nothing here.
};

/// What of an item is to change. The wire's empty value is nullopt here (5.4.2).
struct KvUpdate {
  std::optional<std::string> value{};
  KvStatus status = KvStatus::kUnset;
};

/// A set of labels that items share.
struct LabelSet {
  Labels labels;
  std::string format;
};

/// What identifies an item; shared by all of its states.
struct KvIdentity {
  std::string id;
  Tenant tenant;
  std::string key;
  std::shared_ptr<const LabelSet> label_set;
};

/// An item, as it stood from update_revision() on.
struct KeyValue {
  KeyValue(std::shared_ptr<const KvIdentity> of, MemoBudget* budget)
      : identity(std::move(of)), memo(budget) {}

  const std::string& id() const { return identity->id; }
  const Tenant& tenant() const { return identity->tenant; }
  const std::string& key() const { return identity->key; }
  const Labels& labels() const { return identity->label_set->labels; }
  const std::string& label_format() const { return identity->label_set->format; }

  /// Whether the item does not stand like this any more, another state or its deletion having
  /// followed. May become true at any time, and stays so.
  bool is_former() const { return former.load(std::memory_order_relaxed); }

  std::shared_ptr<const KvIdentity> identity;
  std::string value{};
  std::string check{};
  KvStatus status = KvStatus::kDisabled;
  ValueType value_type = ValueType::kText;
  mutable std::atomic<bool> former{false};  ///< Set by the configuration center alone.
  std::int64_t priority = 0;
  Revision create_revision{};
  Revision update_revision{};
  std::chrono::sys_seconds create_time{};
  std::chrono::sys_seconds update_time{};

  /// Where a codec keeps what it made of this record.
  MemoSlot memo;
};

using KeyValuePtr = std::shared_ptr<const KeyValue>;

/// What a write of one item yields: its id, the revision at which it holds, and the item.
struct WrittenKv {
  std::string id;
  Revision revision;
  KeyValuePtr kv;  ///< Null where the write took it away.
};

/// One change of an item's history.
struct KvChange {
  Revision revision;
  std::chrono::sys_seconds time;
  KeyValuePtr kv;  ///< The state from `revision` on; null: it was deleted then.
};

struct KvHistory {
  std::vector<KvChange> changes;  ///< The page, newest first.
  std::size_t total = 0;          ///< Of all pages.
  bool complete = true;           ///< False: older ones were removed (KieOptions::history_max).
};

/// An item that differs between two revisions.
struct KvDifference {
  KeyValuePtr before;  ///< Null: it was not there.
  KeyValuePtr after;   ///< Null: it is gone.
};

}  // namespace skep

#endif  // SKEP_KIE_TYPES_H_
