// Digests by libcrypto.
#ifndef SKEP_BASE_DIGEST_H_
#define SKEP_BASE_DIGEST_H_

#include <string>
#include <string_view>

namespace skep::base {

/// SHA-1 of `bytes` as 40 lower-case hex digits.
std::string Sha1Hex(std::string_view bytes);

/// SHA-256 of `bytes` as 64 lower-case hex digits.
std::string Sha256Hex(std::string_view bytes);

}  // namespace skep::base

#endif  // SKEP_BASE_DIGEST_H_
