// TransportStats: what a server's sockets have done so far.
#ifndef SKEP_SERVER_TRANSPORT_TRANSPORT_STATS_H_
#define SKEP_SERVER_TRANSPORT_TRANSPORT_STATS_H_

#include <cstdint>

namespace skep::server {

/// Since the start, but for `open` and `waiting_bytes`.
struct TransportStats {
  std::uint64_t open = 0;  ///< Connections now; those told that the limit is reached left out.
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;  ///< Requests and connections that transport turned away itself.
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t waiting_bytes = 0;  ///< Of answers that clients have not read yet, now.
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_TRANSPORT_STATS_H_
