// Scalars of YAML, written so that every reader takes them for the text that they are.
#ifndef SKEP_SERVER_CODEC_YAML_WRITER_H_
#define SKEP_SERVER_CODEC_YAML_WRITER_H_

#include <string>
#include <string_view>

namespace skep::server {

/// Appends `text` on one line, in quotes unless it reads back as itself without. What is not UTF-8
/// becomes U+FFFD.
void AppendYamlScalar(std::string_view text, std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_YAML_WRITER_H_
