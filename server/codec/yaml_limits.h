// Limits of what is read as YAML, whatever it holds.
#ifndef SKEP_SERVER_CODEC_YAML_LIMITS_H_
#define SKEP_SERVER_CODEC_YAML_LIMITS_H_

#include <cstddef>

namespace skep::server {

/// Bytes of a body. A quarter of what an import may have as JSON: reading so much takes seconds,
/// for which the connection's thread does nothing else, and at worst takes some 150 MB.
inline constexpr std::size_t kYamlBytesMax = std::size_t{16} << 20;

/// Maps and lists within one another.
inline constexpr std::size_t kYamlDepthMax = 64;

/// Bytes of one scalar, comments before it included, however its characters are escaped.
inline constexpr std::size_t kYamlScalarBytesMax = std::size_t{8} << 20;

/// Characters that mean something to YAML within one scalar, or within one `{...}` or `[...]` that
/// stands where a key could: the parser remembers all of such a one before it says anything of it.
inline constexpr std::size_t kYamlPendingMax = std::size_t{256} << 10;

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_YAML_LIMITS_H_
