// Errors on the wire: {"errorCode":"400012","errorMessage":"...","detail":"..."}.
#ifndef SKEP_SERVER_CODEC_ERROR_JSON_H_
#define SKEP_SERVER_CODEC_ERROR_JSON_H_

#include <cstdint>
#include <string>

#include "skep/error.h"

namespace skep::server {

/// `error` itself where it has a number on the wire, else kInternal with its text as the detail.
Error ToWireError(const Error& error);

/// The HTTP status of a wire error: number / 1000.
std::uint16_t HttpStatusOf(const Error& wire_error);

/// Appends the error's body.
void AppendError(const Error& wire_error, std::string* out);

/// "errorMessage(detail)", or without the brackets where there is no detail: how an error stands
/// inside another message (spec 1.11).
std::string ErrorText(const Error& wire_error);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_ERROR_JSON_H_
