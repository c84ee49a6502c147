// Seeded hashes. Keys come from clients, so every table's hash is keyed with its engine's seed.
#ifndef SKEP_BASE_HASH_H_
#define SKEP_BASE_HASH_H_

#include <cstdint>
#include <string_view>

#include "absl/hash/hash.h"

namespace skep::base {

/// Folds two words into one: the 128-bit product's halves, xored.
inline std::uint64_t FoldMultiply(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

class Hasher {
 public:
  explicit Hasher(std::uint64_t seed) : seed_(seed | 1) {}

  std::uint64_t operator()(std::string_view text) const { return Mix(0, text); }

  /// Continues `hash` with another piece, so that the pieces of a key need not be joined.
  std::uint64_t Mix(std::uint64_t hash, std::string_view text) const {
    return Mix(hash, absl::HashOf(absl::string_view(text.data(), text.size())));
  }
  std::uint64_t Mix(std::uint64_t hash, std::uint64_t word) const {
    return FoldMultiply(hash ^ word ^ seed_, kOdd ^ seed_);
  }

  /// Of a 128-bit id, which is mostly random but may be a client's choice.
  std::uint64_t Of128(std::uint64_t hi, std::uint64_t lo) const {
    return FoldMultiply(hi ^ seed_, lo ^ kOdd ^ (seed_ << 1));
  }

 private:
  static constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;

  std::uint64_t seed_;
};

}  // namespace skep::base

#endif  // SKEP_BASE_HASH_H_
