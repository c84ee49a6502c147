// KeysOf: what a storage holds, for a test that looks.
#ifndef SKEP_TESTS_SUPPORT_STORAGE_KEYS_H_
#define SKEP_TESTS_SUPPORT_STORAGE_KEYS_H_

#include <string>
#include <string_view>
#include <vector>

#include "skep/storage.h"

namespace skep::testing {

inline std::vector<std::string> KeysOf(const Storage& storage) {
  std::vector<std::string> keys;
  storage
      .Scan("",
            [&keys](std::string_view key, std::string_view) {
              keys.emplace_back(key);
              return true;
            })
      .value();
  return keys;
}

}  // namespace skep::testing

#endif  // SKEP_TESTS_SUPPORT_STORAGE_KEYS_H_
