#include "server/transport/listen_socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <system_error>

#include "server/transport/port_holder.h"

namespace skep::server {
namespace {

constexpr int kBacklog = 4096;

enum class Sharing { kAlone, kShared };

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  bool v6() const { return storage.ss_family == AF_INET6; }
  in_port_t port() const {
    return ntohs(v6() ? reinterpret_cast<const sockaddr_in6&>(storage).sin6_port
                      : reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  }
};

Error Invalid(std::string_view address, std::string_view why) {
  return Error(make_error_code(EngineErrc::kAddressInvalid),
               "cannot listen on \"" + std::string(address) + "\": " + std::string(why));
}

Error InUse(std::string_view text, const Address& address) {
  const std::optional<pid_t> holder = HolderOfPort(address.port());
  const std::string by = !holder.has_value()     ? "another process"
                         : *holder == ::getpid() ? "this process"
                                                 : "process " + std::to_string(*holder);
  return Error(make_error_code(EngineErrc::kAddressInUse),
               std::string(text) + " is in use by " + by + "; stop that, or choose another port");
}

Error FromErrno(std::string_view text, const Address& address, int error) {
  if (error == EADDRINUSE) return InUse(text, address);
  const std::string why = std::generic_category().message(error);
  if (error == EADDRNOTAVAIL || error == EACCES || error == EAFNOSUPPORT) {
    return Invalid(text, why);
  }
  return Error(make_error_code(EngineErrc::kSystem),
               "cannot listen on " + std::string(text) + ": " + why);
}

Result<Address> Resolve(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Invalid(text, "it has no port; write host:port");
  std::string host(text.substr(0, colon));
  const std::string port(text.substr(colon + 1));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.empty() || host.find(':') != std::string::npos) {
    return Invalid(text, "write host:port, or [address]:port for IPv6");
  }
  const bool digits =
      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (port.empty() || port.size() > 5 || !digits || std::stoul(port) > 65535) {
    return Invalid(text, "the port must be a number from 0 to 65535");
  }
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int failed = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); failed != 0) {
    return Invalid(text, ::gai_strerror(failed));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  Address address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  return address;
}

bool Set(int fd, int level, int option) {
  const int on = 1;
  return ::setsockopt(fd, level, option, &on, sizeof on) == 0;
}

// A bound socket, or errno.
Result<OwnedSocket> Bind(std::string_view text, const Address& address, Sharing sharing) {
  OwnedSocket socket(
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int fd = socket.get();
  // Accepted sockets inherit TCP_NODELAY, which saves a call for each.
  if (fd < 0 || !Set(fd, SOL_SOCKET, SO_REUSEADDR) || !Set(fd, IPPROTO_TCP, TCP_NODELAY) ||
      (address.v6() && !Set(fd, IPPROTO_IPV6, IPV6_V6ONLY)) ||
      (sharing == Sharing::kShared && !Set(fd, SOL_SOCKET, SO_REUSEPORT)) ||
      ::bind(fd, address.get(), address.size) != 0) {
    return FromErrno(text, address, errno);
  }
  return socket;
}

std::string Format(const Address& address) {
  char host[INET6_ADDRSTRLEN];
  const void* const bytes =
      address.v6() ? static_cast<const void*>(
                         &reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr)
                   : &reinterpret_cast<const sockaddr_in&>(address.storage).sin_addr;
  std::string text = address.v6() ? "[" : "";
  text += ::inet_ntop(address.storage.ss_family, bytes, host, sizeof host);
  text += address.v6() ? "]:" : ":";
  text += std::to_string(address.port());
  return text;
}

}  // namespace

OwnedSocket::~OwnedSocket() {
  if (fd_ >= 0) ::close(fd_);
}

Result<ListenSockets> OpenListenSockets(std::string_view text, unsigned count) {
  Result<Address> address = Resolve(text);
  if (!address.ok()) return address.error();
  if (address->port() != 0) {
    // Sockets that share a port never collide, so the first look is taken with one that does not.
    const Result<OwnedSocket> probe = Bind(text, *address, Sharing::kAlone);
    if (!probe.ok()) return probe.error();
  }
  ListenSockets result;
  result.v6 = address->v6();
  for (unsigned i = 0; i < count; ++i) {
    Result<OwnedSocket> socket = Bind(text, *address, Sharing::kShared);
    if (!socket.ok()) return socket.error();
    // The first one learns the port that the others join.
    address->size = sizeof address->storage;
    if (::getsockname(socket->get(), address->get(), &address->size) != 0 ||
        ::listen(socket->get(), kBacklog) != 0) {
      return FromErrno(text, *address, errno);
    }
    result.sockets.push_back(std::move(socket).value());
  }
  result.address = Format(*address);
  return result;
}

}  // namespace skep::server
