// Random 128-bit ids in the form of a version-4 UUID.
#ifndef SKEP_BASE_UUID_H_
#define SKEP_BASE_UUID_H_

#include <cstdint>

namespace skep::base {

struct Uuid {
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;

  friend bool operator==(const Uuid&, const Uuid&) = default;
};

/// Makes ids from a seed: the same seed, the same ids. Not for secrets.
/// Thread-safety: none.
class UuidGenerator {
 public:
  /// Seed 0: taken from the system's entropy.
  explicit UuidGenerator(std::uint64_t seed);

  Uuid Next();

 private:
  std::uint64_t NextWord();

  std::uint64_t state_[4];
};

/// A number from the system's entropy.
std::uint64_t RandomSeed();

}  // namespace skep::base

#endif  // SKEP_BASE_UUID_H_
