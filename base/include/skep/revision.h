/// Revision: one engine's count of its changes.
///
/// Every change of an engine takes the next number; a number is never used twice. Revision{} (0) is
/// before the first change and stands for "none". Values are trivially copyable and thread-safe as
/// an int is.
#ifndef SKEP_REVISION_H_
#define SKEP_REVISION_H_

#include <compare>
#include <cstdint>

namespace skep {

class Revision {
 public:
  constexpr Revision() = default;
  constexpr explicit Revision(std::uint64_t number) : number_(number) {}

  constexpr std::uint64_t number() const { return number_; }
  constexpr explicit operator bool() const { return number_ != 0; }

  friend constexpr auto operator<=>(Revision, Revision) = default;
  friend constexpr Revision operator+(Revision r, std::uint64_t n) {
    return Revision(r.number_ + n);
  }
  friend constexpr Revision operator-(Revision r, std::uint64_t n) {
    return Revision(n < r.number_ ? r.number_ - n : 0);
  }

 private:
  std::uint64_t number_ = 0;
};

}  // namespace skep

#endif  // SKEP_REVISION_H_
