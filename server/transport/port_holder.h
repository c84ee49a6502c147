// Which process listens on a TCP port, as far as Linux tells it to this one.
#ifndef SKEP_SERVER_TRANSPORT_PORT_HOLDER_H_
#define SKEP_SERVER_TRANSPORT_PORT_HOLDER_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace skep::server {

/// A process of this machine that listens on the port, on whatever address. Nothing where there is
/// none, or where it belongs to another user. Reads /proc, so it takes a while: for errors.
std::optional<pid_t> HolderOfPort(std::uint16_t port);

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_PORT_HOLDER_H_
