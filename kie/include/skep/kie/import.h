/// Import: many items in one call (API manual 7.2.1, spec kie 9.1).
///
/// Thread-safety: values.
#ifndef SKEP_KIE_IMPORT_H_
#define SKEP_KIE_IMPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "skep/error.h"
#include "skep/kie/types.h"

namespace skep {

/// What to do with an item that is there already.
enum class Override : std::uint8_t {
  kForce,  ///< Give it the new value (unless empty) and status (disabled where not given).
  kSkip,   ///< Leave it; it counts as failed (kSkipped).
  kAbort,  ///< Leave it; it and all later items fail (kAborted), earlier ones stay.
};

/// The API's words force, skip and abort; others name none.
std::optional<Override> ParseOverride(std::string_view word);

struct ImportOptions {
  Override override_mode = Override::kSkip;

  /// All or nothing, in one revision: where any item fails, nothing is changed, success is empty
  /// and failures has those that failed. An item that is skipped as asked for stops nothing. Ours.
  bool atomic = false;
};

struct ImportFailure {
  std::size_t index = 0;  ///< Of the item in what was handed in.
  KvSpec item;            ///< As it was handed in, without its value.
  Error error;            ///< Its detail is the wire's error_message.
};

struct ImportResult {
  std::vector<KeyValuePtr> success;  ///< In the order of the items.
  std::vector<ImportFailure> failures;
  Revision revision;  ///< Of the last change; zero where nothing changed.
};

}  // namespace skep

#endif  // SKEP_KIE_IMPORT_H_
