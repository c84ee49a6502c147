// ExpectDamageIsHarmless: what is asked of everything that reads stored records.
#ifndef SKEP_TESTS_SUPPORT_RECORD_DAMAGE_H_
#define SKEP_TESTS_SUPPORT_RECORD_DAMAGE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

namespace skep::testing {

/// A copy that ends where its memory ends, so that a sanitizer sees who reads on.
class ExactBytes {
 public:
  explicit ExactBytes(std::string_view bytes)
      : size_(bytes.size()), bytes_(std::make_unique<char[]>(bytes.size())) {
    bytes.copy(bytes_.get(), size_);
  }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
};

/// `read(key, value)` takes no part of the record for the whole of it, nor more than it; and any
/// other byte anywhere is either seen, or makes another record, and never a crash.
template <class Read>
void ExpectDamageIsHarmless(const std::string& key, const std::string& value, Read&& read) {
  for (std::size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(read(key, ExactBytes(std::string_view(value).substr(0, size)).view())) << size;
  }
  for (std::size_t size = 0; size < key.size(); ++size) {
    EXPECT_FALSE(read(ExactBytes(std::string_view(key).substr(0, size)).view(), value)) << size;
  }
  EXPECT_FALSE(read(key, value + '\0'));
  EXPECT_FALSE(read(key + '\0', value));
  for (std::size_t at = 0; at < value.size(); ++at) {
    for (const char other : {'\0', '\x7f', '\xff'}) {
      std::string damaged = value;
      damaged[at] = other;
      (void)read(key, ExactBytes(damaged).view());
    }
  }
}

}  // namespace skep::testing

#endif  // SKEP_TESTS_SUPPORT_RECORD_DAMAGE_H_
