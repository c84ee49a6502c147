/// Polling track: who asked for what, and what it was given (spec kie 8).
///
/// Thread-safety: values.
#ifndef SKEP_KIE_TRACK_H_
#define SKEP_KIE_TRACK_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "skep/clock.h"
#include "skep/kie/types.h"

namespace skep {

/// One poll that was answered. Texts of at most 1,024 bytes each are kept, longer ones cut.
struct PollRecord {
  std::string session_id{};
  std::string session_group{};
  std::string ip{};
  std::string user_agent{};
  std::string url_path{};  ///< Method, space, path.
  int response_code = 200;
  std::string polling_labels{};  ///< Of the request, as it was given.
  std::string polling_revision{};
  std::string polling_wait{};
  Revision revision{};  ///< The answer's X-Kie-Revision.
  std::vector<KeyValuePtr> items{};

  WallTime time{};  ///< Set by the configuration center.
};

/// All that is given must be equal (8.6).
struct PollQuery {
  std::string_view session_id{};
  std::string_view ip{};
  std::string_view url_path{};
  std::string_view user_agent{};
  std::string_view revision{};  ///< Decimal digits.
};

}  // namespace skep

#endif  // SKEP_KIE_TRACK_H_
