// gzip for clients who accept it (spec 1.5). Never deflate, which clients read in two ways.
//
// Thread-safety: any thread.
#ifndef SKEP_SERVER_CODEC_GZIP_H_
#define SKEP_SERVER_CODEC_GZIP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;  // zlib's.

namespace skep::server {

/// Shorter bodies go out as they are.
inline constexpr std::size_t kGzipBytesMin = 1400;
/// So do longer ones that are made in one piece: at some 100 MB a second, packing this much holds a
/// thread for 10 ms.
inline constexpr std::size_t kGzipBytesMax = 1024 * 1024;
/// The same where the packed text is kept, so that many share the work.
inline constexpr std::size_t kKeptGzipBytesMax = 8 * 1024 * 1024;

/// Whether an Accept-Encoding field allows gzip: by its name, else by "*"; a weight of zero forbids
/// (RFC 9110, 12.5.3).
bool AcceptsGzip(std::string_view accept_encoding);

/// Packed; empty where there was no memory for it.
std::string Gzip(std::string_view text);

/// The same for a text that comes in parts. Thread-safety: none.
class GzipStream {
 public:
  enum class Part : std::uint8_t { kMore, kLast };

  /// What one takes, about.
  static constexpr std::size_t kBytes = 260 * 1024;

  /// Null where there was no memory for it.
  static std::unique_ptr<GzipStream> Create();
  ~GzipStream();
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  /// Appends to `out` what is packed so far of all that was put; with the last part, all the rest.
  /// Not called again after that.
  void Put(std::string_view text, Part part, std::string* out);

 private:
  explicit GzipStream(std::unique_ptr<z_stream_s> stream);

  const std::unique_ptr<z_stream_s> stream_;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_GZIP_H_
