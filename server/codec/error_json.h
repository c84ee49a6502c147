// Errors on the wire: {"errorCode":"400012","errorMessage":"...","detail":"..."}. Those of the
// configuration center have error_code and error_message beside them, the manual's names.
#ifndef SKEP_SERVER_CODEC_ERROR_JSON_H_
#define SKEP_SERVER_CODEC_ERROR_JSON_H_

#include <cstdint>
#include <string>

#include "skep/error.h"

namespace skep::server {

/// Whose numbers and names an answer has.
enum class Api : std::uint8_t { kRegistry, kConfig };

/// `error` itself where it has a number in that API, else the same fact where both have it, else
/// kInternal with its text as the detail.
Error ToWireError(const Error& error, Api api = Api::kRegistry);

/// The HTTP status of a wire error: number / 1000.
std::uint16_t HttpStatusOf(const Error& wire_error);

/// Appends the error's body.
void AppendError(const Error& wire_error, std::string* out);

/// "errorMessage(detail)", or without the brackets where there is no detail: how an error stands
/// inside another message (spec 1.11).
std::string ErrorText(const Error& wire_error);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_ERROR_JSON_H_
