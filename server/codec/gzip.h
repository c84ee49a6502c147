// gzip for clients who accept it (spec 1.5). Never deflate, which clients read in two ways.
//
// Thread-safety: any thread.
#ifndef SKEP_SERVER_CODEC_GZIP_H_
#define SKEP_SERVER_CODEC_GZIP_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace skep::server {

/// Shorter bodies go out as they are.
inline constexpr std::size_t kGzipBytesMin = 1400;
/// So do longer ones: at some 100 MB a second, packing this much holds a thread for 10 ms.
inline constexpr std::size_t kGzipBytesMax = 1024 * 1024;
/// The same where the packed text is kept, so that many share the work.
inline constexpr std::size_t kKeptGzipBytesMax = 8 * 1024 * 1024;

/// Whether an Accept-Encoding field allows gzip: by its name, else by "*"; a weight of zero forbids
/// (RFC 9110, 12.5.3).
bool AcceptsGzip(std::string_view accept_encoding);

/// Packed; empty where there was no memory for it.
std::string Gzip(std::string_view text);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_GZIP_H_
