// OptionList: the words of a query value that is a comma list, such as options=info,cache.
#ifndef SKEP_SERVER_ROUTES_OPTION_LIST_H_
#define SKEP_SERVER_ROUTES_OPTION_LIST_H_

#include <string_view>

namespace skep::server {

/// Borrows its text. Words are split at every comma and compared as they are, so that an empty text
/// is one empty word.
class OptionList {
 public:
  explicit OptionList(std::string_view text) : text_(text) {}

  bool Has(std::string_view word) const {
    return AnyOf([word](std::string_view each) { return each == word; });
  }
  /// It is there and no other is.
  bool IsOnly(std::string_view word) const {
    return !AnyOf([word](std::string_view each) { return each != word; });
  }

 private:
  template <class Fn>
  bool AnyOf(Fn fn) const {
    for (std::string_view rest = text_;;) {
      const std::string_view word = rest.substr(0, rest.find(','));
      if (fn(word)) return true;
      if (word.size() == rest.size()) return false;
      rest.remove_prefix(word.size() + 1);
    }
  }

  const std::string_view text_;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_OPTION_LIST_H_
