// Gather: bytes in many places, sent in order by as few calls as the kernel allows.
#ifndef SKEP_SERVER_TRANSPORT_GATHER_H_
#define SKEP_SERVER_TRANSPORT_GATHER_H_

#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace skep::server {

/// Thread-safety: none. The bytes are borrowed until they are sent.
class Gather {
 public:
  enum class Progress : std::uint8_t { kDone, kWouldBlock, kFailed };

  void Clear();
  void Add(std::string_view bytes);

  /// Sends what the socket takes now; never blocks.
  Progress Send(int socket);

  std::size_t bytes_left() const { return bytes_left_; }

 private:
  ssize_t SendPieces(int socket, std::size_t count);
  void Advance(std::size_t bytes);

  std::vector<iovec> pieces_;
  std::size_t next_ = 0;
  std::size_t bytes_left_ = 0;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_GATHER_H_
