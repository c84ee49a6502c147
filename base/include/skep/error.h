/// Error: what went wrong, as a fact with a number, a name and a hint.
///
/// An Error pairs a std::error_code with a detail that names the thing concerned and says what to
/// do. The categories are the field's own: RegistryErrc (skep/registry/errors.h) carries the
/// numbers of the v4 API, EngineErrc (below) what has no number on the wire. Compare codes, not
/// texts:
///
///   auto found = registry.discovery().Find(query);
///   if (!found.ok() && found.error() == RegistryErrc::kServiceNotExists) ...
///
/// Thread-safety: a value; distinct objects are independent.
#ifndef SKEP_ERROR_H_
#define SKEP_ERROR_H_

#include <string>
#include <system_error>
#include <utility>

#include "skep/revision.h"

namespace skep {

class [[nodiscard]] Error {
 public:
  Error(std::error_code code, std::string detail, Revision rests_on = {})
      : code_(code), detail_(std::move(detail)), rests_on_(rests_on) {}

  const std::error_code& code() const { return code_; }

  /// The fact of this one case: the name and what to do. May be empty.
  const std::string& detail() const { return detail_; }

  /// The change that makes this error true (a conflict with a record that is newly there), or
  /// Revision{}. Who passes the error on outside the process waits until that change is durable.
  Revision rests_on() const { return rests_on_; }

  /// One line: "<number> <category text>: <detail>".
  std::string ToString() const;

  friend bool operator==(const Error& error, std::error_code code) { return error.code_ == code; }

 private:
  std::error_code code_;
  std::string detail_;
  Revision rests_on_;
};

/// Facts about an engine or a server as a whole. None of them has a number on the wire, but that
/// a server answers kStorageFailed as 503001 and kStorageBusy as 429001.
enum class EngineErrc {
  kClosed = 1,          ///< The engine is closed; open another.
  kInvalidOptions = 2,  ///< An option has a value outside its limits; the detail names it.
  kAddressInUse = 3,    ///< Somebody listens on the address already.
  kAddressInvalid = 4,  ///< The address cannot be parsed or bound.
  kSystem = 5,          ///< The operating system refused a call; the detail has its words.
  kUnsupported = 6,     ///< This storage cannot do it.

  kStorageFailed = 7,    ///< A write or sync has failed: writes are refused, reads go on.
  kStorageBusy = 8,      ///< More waits for the storage than may; try again after a pause.
  kStorageInUse = 9,     ///< Another process, or this one, has the folder open.
  kStorageNewer = 10,    ///< What it holds was written by a newer version.
  kStorageCorrupt = 11,  ///< What it holds cannot be read back, or is not ours.
};

const std::error_category& EngineCategory();
std::error_code make_error_code(EngineErrc code);

}  // namespace skep

template <>
struct std::is_error_code_enum<skep::EngineErrc> : std::true_type {};

#endif  // SKEP_ERROR_H_
