// What the readers of items share, be they JSON or YAML: the members, the limits, the errors.
#ifndef SKEP_SERVER_CODEC_KV_BODY_H_
#define SKEP_SERVER_CODEC_KV_BODY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "skep/error.h"
#include "skep/kie/types.h"

namespace skep::server {

/// Labels that are read of one item; those behind them are passed over. It is more than an item may
/// have, so an item whose labels are cut is one that will be refused.
inline constexpr std::size_t kLabelsReadMax = 8;

/// The members of an item that a request sets (spec kie 5.2.1).
enum class KvField : std::uint8_t {
  kOther,  ///< Passed over.
  kKey,
  kValue,
  kLabels,
  kStatus,
  kValueType,
  kPriority,
  kCheck,
};

/// Names match in any case (spec kie 1.3.2).
KvField FindKvField(std::string_view name);

/// Whether it is read from a text: all but labels, priority and others.
bool IsText(KvField field);

/// Sets a member that is a text. Words that the API does not have become kUnknown, which the
/// configuration center refuses. REQUIRES: IsText(field).
void SetText(KvField field, std::string_view text, KvSpec* spec);

/// Adds a label, within kLabelsReadMax; of a repeated name the last one counts.
void PutLabel(std::string_view name, std::string_view value, Labels* labels);

/// kInvalidParams: what is wrong with a request.
Error InvalidKvRequest(std::string why);

/// kInvalidParams: "decode request body failed: WHY".
Error KvBodyError(std::string_view why);

/// kNotEnoughQuota, as the configuration center has it for an import of too many items.
Error TooManyItems(std::size_t items_max);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_KV_BODY_H_
