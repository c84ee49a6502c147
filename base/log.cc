#include "skep/log.h"

namespace skep {

LogSink NoLog() {
  return [](LogLevel, std::string_view) {};
}

}  // namespace skep
