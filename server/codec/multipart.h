// multipart/form-data (RFC 7578, RFC 2046): finds the one part of a body that a route is after.
//
//   const Result<MultipartFile> file = FindMultipartFile(content_type, body, "upload_file");
//   if (!file.ok()) return file.error();
//   Read(file->content);
//
// Strict: line ends are CRLF, the closing boundary must be there, a part has a name, a name that is
// looked for has one part. What comes before the first boundary and behind the last is passed over.
// Time is linear in the body, and nothing of it is copied.
#ifndef SKEP_SERVER_CODEC_MULTIPART_H_
#define SKEP_SERVER_CODEC_MULTIPART_H_

#include <cstddef>
#include <string_view>

#include "skep/result.h"

namespace skep::server {

/// Parts of a body, of whatever name.
inline constexpr std::size_t kMultipartPartsMax = 64;

/// Bytes of one part's header.
inline constexpr std::size_t kMultipartHeaderBytesMax = 8 * 1024;

/// A part; its views are of the body.
struct MultipartFile {
  std::string_view content{};
  std::string_view content_type{};  ///< As sent, with its parameters; empty where there is none.
  std::string_view file_name{};     ///< As sent, escapes included; empty where there is none.
};

/// Whether a Content-Type says multipart/form-data, whatever its parameters.
bool IsMultipart(std::string_view content_type);

/// The part `name` of a body whose Content-Type is `content_type`.
/// Errors: kInvalidParams, with what is wrong with the body.
Result<MultipartFile> FindMultipartFile(std::string_view content_type, std::string_view body,
                                        std::string_view name);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_MULTIPART_H_
