// Listening sockets: an address as the user writes it, and the sockets that several threads share.
#ifndef SKEP_SERVER_TRANSPORT_LISTEN_SOCKET_H_
#define SKEP_SERVER_TRANSPORT_LISTEN_SOCKET_H_

#include <sys/socket.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "skep/result.h"

namespace skep::server {

/// Closes its descriptor unless it was released.
class OwnedSocket {
 public:
  explicit OwnedSocket(int fd) : fd_(fd) {}
  OwnedSocket(OwnedSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnedSocket& operator=(OwnedSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~OwnedSocket();

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// One address with a listening socket for each of some threads.
struct ListenSockets {
  std::string address;  ///< As bound: "127.0.0.1:30100", "[::1]:30100".
  bool v6 = false;
  std::vector<OwnedSocket> sockets;
};

/// Binds `count` sockets to `address` ("host:port", "[v6]:port"; port 0 takes a free one) and
/// listens on them. The kernel spreads the clients over the sockets. Errors: kAddressInUse (also
/// where the other one would share the port; says which process it is, where that can be known),
/// kAddressInvalid, kSystem.
Result<ListenSockets> OpenListenSockets(std::string_view address, unsigned count);

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_LISTEN_SOCKET_H_
