#include "bench/wake/clients.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "bench/load/http_client.h"
#include "bench/support/die.h"

namespace skep::bench {
namespace {

// What the parent sends: sizes, then the two texts.
struct Order {
  std::size_t count = 0;
  std::size_t address_size = 0;
  std::size_t request_size = 0;
};

void WriteAll(int fd, const void* bytes, std::size_t size) {
  const char* at = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t written = ::write(fd, at, size);
    if (written <= 0) Die("a pipe between the processes broke");
    at += written;
    size -= static_cast<std::size_t>(written);
  }
}

// False at the end of the stream.
bool ReadAll(int fd, void* bytes, std::size_t size) {
  char* at = static_cast<char*>(bytes);
  while (size > 0) {
    const ssize_t got = ::read(fd, at, size);
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::string ReadText(int fd, std::size_t size) {
  std::string text(size, '\0');
  if (!ReadAll(fd, text.data(), size)) Die("a pipe between the processes broke");
  return text;
}

struct Socket {
  int fd = -1;
  std::string received;
  bool done = false;
};

// Reads what is there; true once the answer is complete.
bool Receive(Socket* socket) {
  std::array<char, 64 * 1024> bytes;
  const ssize_t got = ::recv(socket->fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
  Check(got > 0, "a connection ended before its answer");
  socket->received.append(bytes.data(), static_cast<std::size_t>(got));
  const auto head = ParseHead(socket->received);
  if (!head.has_value()) return false;
  Check(head->status == 200, "status " + std::to_string(head->status));
  return socket->received.size() == head->size + head->body_size;
}

Clients::Answers AwaitAll(std::vector<Socket>* sockets) {
  const int poller = ::epoll_create1(0);
  for (Socket& socket : *sockets) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &socket}};
    if (::epoll_ctl(poller, EPOLL_CTL_ADD, socket.fd, &event) != 0) Die("epoll_ctl fails");
  }
  std::array<epoll_event, 256> events;
  for (std::size_t left = sockets->size(); left > 0;) {
    const int count = ::epoll_wait(poller, events.data(), static_cast<int>(events.size()), 60'000);
    Check(count > 0, "no answer within a minute");
    for (int i = 0; i < count; ++i) {
      auto* const socket = static_cast<Socket*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (socket->done || !Receive(socket)) continue;
      socket->done = true;
      --left;
    }
  }
  const Clients::Answers answers{MonotonicNs(), sockets->front().received.size()};
  ::close(poller);
  for (const Socket& socket : *sockets) {
    Check(socket.received.size() == answers.bytes, "answers of different lengths");
    ::close(socket.fd);
  }
  return answers;
}

[[noreturn]] void RunChild(int in, int out) {
  Order order;
  while (ReadAll(in, &order, sizeof order)) {
    const std::string address = ReadText(in, order.address_size);
    const std::string request = ReadText(in, order.request_size);
    std::vector<Socket> sockets(order.count);
    for (Socket& socket : sockets) {
      socket.fd = ConnectTo(address);
      WriteAll(socket.fd, request.data(), request.size());
    }
    const char sent = 1;
    WriteAll(out, &sent, sizeof sent);
    const Clients::Answers answers = AwaitAll(&sockets);
    WriteAll(out, &answers, sizeof answers);
  }
  ::_exit(0);
}

}  // namespace

Clients::Clients() {
  std::array<int, 2> down;
  std::array<int, 2> up;
  if (::pipe(down.data()) != 0 || ::pipe(up.data()) != 0) Die("no pipe");
  child_ = ::fork();
  if (child_ < 0) Die("no child process");
  if (child_ == 0) {
    ::close(down[1]);
    ::close(up[0]);
    RunChild(down[0], up[1]);
  }
  ::close(down[0]);
  ::close(up[1]);
  to_child_ = down[1];
  from_child_ = up[0];
}

Clients::~Clients() {
  ::close(to_child_);
  ::close(from_child_);
  ::waitpid(child_, nullptr, 0);
}

void Clients::Ask(const std::string& address, std::size_t count, const std::string& request) {
  const Order order{count, address.size(), request.size()};
  WriteAll(to_child_, &order, sizeof order);
  WriteAll(to_child_, address.data(), address.size());
  WriteAll(to_child_, request.data(), request.size());
  char sent = 0;
  if (!ReadAll(from_child_, &sent, sizeof sent)) Die("the clients ended");
}

Clients::Answers Clients::Await() {
  Answers answers;
  if (!ReadAll(from_child_, &answers, sizeof answers)) Die("the clients ended");
  return answers;
}

}  // namespace skep::bench
