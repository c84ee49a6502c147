/// Where an engine's and a server's log lines go. The library itself never prints.
#ifndef SKEP_LOG_H_
#define SKEP_LOG_H_

#include <functional>
#include <string_view>

namespace skep {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// Takes one line without its line break.
/// Threading: called from any thread, several at once. Locking: none held. Exceptions: none may
/// leave it. It should return soon; a caller waits for it.
using LogSink = std::function<void(LogLevel level, std::string_view line)>;

/// A sink that drops all.
LogSink NoLog();

}  // namespace skep

#endif  // SKEP_LOG_H_
