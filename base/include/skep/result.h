/// Result<T>: a value or an Error. Status: success or an Error.
///
/// No public function of skep throws; each returns a Result that the compiler will not let you
/// drop. value() on an error is a mistake of the caller's and throws BadResultAccess, whose what()
/// is the error's line, so that a test that unwraps too early says why.
///
///   Result<Written<ServiceId>> id = registry.microservices().Register({.name = "cart"});
///   if (!id.ok()) return id.error();
///
/// Thread-safety: a value; distinct objects are independent.
#ifndef SKEP_RESULT_H_
#define SKEP_RESULT_H_

#include <concepts>
#include <stdexcept>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

#include "skep/error.h"

namespace skep {

class BadResultAccess : public std::logic_error {
 public:
  explicit BadResultAccess(const Error& error) : std::logic_error(error.ToString()) {}
};

template <class T>
class [[nodiscard]] Result {
 public:
  template <class U = T>
    requires(std::constructible_from<T, U &&> && !std::same_as<std::remove_cvref_t<U>, Result> &&
             !std::same_as<std::remove_cvref_t<U>, Error>)
  Result(U&& value) : body_(tl::in_place, std::forward<U>(value)) {}
  Result(Error error) : body_(tl::unexpect, std::move(error)) {}

  bool ok() const { return body_.has_value(); }

  /// REQUIRES: !ok().
  const Error& error() const { return body_.error(); }

  /// The value; throws BadResultAccess where there is none.
  T& value() & { return Checked(), *body_; }
  const T& value() const& { return Checked(), *body_; }
  T&& value() && { return Checked(), std::move(*body_); }

  /// REQUIRES: ok().
  T& operator*() & { return *body_; }
  const T& operator*() const& { return *body_; }
  T&& operator*() && { return std::move(*body_); }
  T* operator->() { return &*body_; }
  const T* operator->() const { return &*body_; }

 private:
  void Checked() const {
    if (!ok()) throw BadResultAccess(body_.error());
  }

  tl::expected<T, Error> body_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : body_(tl::unexpect, std::move(error)) {}

  bool ok() const { return body_.has_value(); }

  /// REQUIRES: !ok().
  const Error& error() const { return body_.error(); }

  /// Throws BadResultAccess unless ok().
  void value() const {
    if (!ok()) throw BadResultAccess(body_.error());
  }

 private:
  tl::expected<void, Error> body_;
};

using Status = Result<void>;

}  // namespace skep

#endif  // SKEP_RESULT_H_
