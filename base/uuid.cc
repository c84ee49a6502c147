#include "base/uuid.h"

#include <unistd.h>

#include <bit>
#include <random>

namespace skep::base {

std::uint64_t RandomSeed() {
  std::uint64_t seed = 0;
  if (::getentropy(&seed, sizeof seed) == 0) [[likely]]
    return seed;
  // A kernel before 3.17.
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

UuidGenerator::UuidGenerator(std::uint64_t seed) {
  if (seed == 0) {
    for (std::uint64_t& word : state_) word = RandomSeed();
    return;
  }
  // splitmix64 spreads one seed over the state.
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = seed;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    word = mixed ^ (mixed >> 31);
  }
}

// xoshiro256**.
std::uint64_t UuidGenerator::NextWord() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

Uuid UuidGenerator::Next() {
  Uuid id{NextWord(), NextWord()};
  id.hi = (id.hi & ~std::uint64_t{0xf000}) | 0x4000;                     // version 4
  id.lo = (id.lo & ~(std::uint64_t{3} << 62)) | std::uint64_t{1} << 63;  // variant 1
  return id;
}

}  // namespace skep::base
