// How the text of a label set grows. Sets, ids and the topics of waits are compared by it.
#ifndef SKEP_KIE_CORE_LABEL_FORMAT_H_
#define SKEP_KIE_CORE_LABEL_FORMAT_H_

#include <string>
#include <string_view>

namespace skep::core {

/// Adds a label behind those that `format` has. Labels come in order of their names.
inline void AppendLabel(std::string_view name, std::string_view value, std::string* format) {
  if (!format->empty()) *format += "::";
  *format += name;
  *format += '=';
  *format += value;
}

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_LABEL_FORMAT_H_
