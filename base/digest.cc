#include "base/digest.h"

#include <openssl/evp.h>

#include <array>

#include "base/hex.h"

namespace skep::base {

namespace {

std::string DigestHex(std::string_view bytes, const EVP_MD* kind) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, kind, nullptr);
  std::string hex;
  hex.reserve(2 * size);
  for (unsigned int i = 0; i < size; ++i) {
    hex += kHexDigits[digest[i] >> 4];
    hex += kHexDigits[digest[i] & 0xf];
  }
  return hex;
}

}  // namespace

std::string Sha1Hex(std::string_view bytes) { return DigestHex(bytes, EVP_sha1()); }

std::string Sha256Hex(std::string_view bytes) { return DigestHex(bytes, EVP_sha256()); }

}  // namespace skep::base
