// Matchers for Result and Error: a test names the error that it expects.
//
//   ASSERT_THAT(instances.Heartbeat(cart, id), IsOk());
//   EXPECT_THAT(instances.Heartbeat(cart, no), ErrorIs(RegistryErrc::kInstanceNotExists));
#ifndef SKEP_TESTS_SUPPORT_ERROR_MATCHERS_H_
#define SKEP_TESTS_SUPPORT_ERROR_MATCHERS_H_

#include <gmock/gmock.h>

#include <ostream>
#include <system_error>

#include "skep/error.h"
#include "skep/result.h"

namespace skep {

/// How GoogleTest shows an error, and a Result that did not match.
inline void PrintTo(const Error& error, std::ostream* out) { *out << error.ToString(); }

template <class T>
void PrintTo(const Result<T>& result, std::ostream* out) {
  if (result.ok()) {
    *out << "a value";
  } else {
    PrintTo(result.error(), out);
  }
}

}  // namespace skep

namespace skep::testing {

/// Matches a Result without an error.
MATCHER(IsOk, negation ? "is an error" : "is no error") { return arg.ok(); }

/// Matches a Result whose error is exactly `code`, an enumerator of an error enum.
MATCHER_P(ErrorIs, code,
          (negation ? "is not the error " : "is the error ") + std::error_code(code).message()) {
  return !arg.ok() && arg.error() == std::error_code(code);
}

/// The same, with a matcher for the error's detail.
MATCHER_P2(ErrorIs, code, detail,
           (negation ? "is not the error " : "is the error ") + std::error_code(code).message() +
               " with that detail") {
  if (arg.ok() || !(arg.error() == std::error_code(code))) return false;
  return ::testing::ExplainMatchResult(detail, arg.error().detail(), result_listener);
}

}  // namespace skep::testing

#endif  // SKEP_TESTS_SUPPORT_ERROR_MATCHERS_H_
