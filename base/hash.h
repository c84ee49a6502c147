// Seeded hashes. Keys come from clients, so every table's hash is keyed with its engine's seed,
// from the first word on: who does not know the seed cannot make keys that collide under it.
//
// Text is taken in blocks of 16 bytes, each folded by one multiplication under a key of its place,
// and the folds are added: none waits for another, so that 40 digits cost little more than 16. For
// tables in memory alone; nothing here is kept or sent.
#ifndef SKEP_BASE_HASH_H_
#define SKEP_BASE_HASH_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace skep::base {

/// Folds two words into one: the 128-bit product's halves, xored.
inline std::uint64_t FoldMultiply(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// In the machine's byte order.
inline std::uint64_t LoadWord(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

class Hasher {
 public:
  explicit Hasher(std::uint64_t seed) : seed_(seed | 1) {}

  std::uint64_t operator()(std::string_view text) const { return Mix(0, text); }

  /// Continues `hash` with another piece, so that the pieces of a key need not be joined.
  std::uint64_t Mix(std::uint64_t hash, std::string_view text) const {
    return Mix(hash, text.size() > kBlock ? OfLong(text) : OfShort(text));
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
  static constexpr std::size_t kWord = sizeof(std::uint64_t);
  static constexpr std::size_t kBlock = 2 * kWord;

  /// Of at most a block: its two ends, which overlap where it is shorter, and its length.
  std::uint64_t OfShort(std::string_view text) const {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (text.size() >= kWord) {
      first = LoadWord(text.data());
      last = LoadWord(text.data() + text.size() - kWord);
    } else {
      for (const char c : text) first = first << 8 | static_cast<unsigned char>(c);
    }
    return FoldMultiply(first ^ seed_, last ^ KeyOf(text.size()));
  }

  std::uint64_t OfLong(std::string_view text) const {
    const char* const last = text.data() + text.size() - kBlock;
    std::uint64_t key = KeyOf(text.size());
    std::uint64_t sum = Fold(last, key);
    for (const char* block = text.data(); block < last; block += kBlock) {
      key += kOdd;
      sum += Fold(block, key);
    }
    return sum;
  }

  std::uint64_t KeyOf(std::size_t length) const { return (seed_ << 1) ^ length * kOdd; }

  std::uint64_t Fold(const char* block, std::uint64_t key) const {
    return FoldMultiply(LoadWord(block) ^ seed_, LoadWord(block + kWord) ^ key);
  }

  std::uint64_t seed_;
};

}  // namespace skep::base

#endif  // SKEP_BASE_HASH_H_
