#include "bench/load/watchers.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "bench/load/http_client.h"
#include "bench/support/die.h"

namespace skep::bench {
namespace {

constexpr std::size_t kBufferSize = 64 * 1024;

std::uint8_t ByteAt(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

ServerFrame::Kind KindOf(std::uint8_t first) {
  switch (first) {
    case 0x81:
      return ServerFrame::Kind::kText;
    case 0x88:
      return ServerFrame::Kind::kClose;
    case 0x89:
      return ServerFrame::Kind::kPing;
    case 0x8a:
      return ServerFrame::Kind::kPong;
    default:
      Die("a frame that no watcher expects: " + std::to_string(first));
  }
}

void Send(int fd, std::string_view bytes) {
  // A few bytes on a socket that nothing else is sent on.
  if (send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
    Die("cannot send to a watcher's server");
  }
}

// A connected socket that has been upgraded, and what came behind the answer.
std::string Upgrade(int fd, const std::string& address, const std::string& target) {
  Send(fd, "GET " + target + " HTTP/1.1\r\nHost: " + address +
               "\r\nx-domain-name: default\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2tlcF9sb2FkIHdhdGNoZQ==\r\n\r\n");
  std::string in;
  std::size_t end = std::string::npos;
  while ((end = in.find("\r\n\r\n")) == std::string::npos) {
    std::array<char, 4096> some;
    const ssize_t got = recv(fd, some.data(), some.size(), 0);
    if (got <= 0) Die("no answer to a watcher");
    in.append(some.data(), static_cast<std::size_t>(got));
  }
  Check(in.starts_with("HTTP/1.1 101"), "a watcher was answered " + in);
  return in.substr(end + 4);
}

}  // namespace

ServerFrame ServerFrame::TakeFrom(std::string_view* bytes) {
  if (bytes->size() < 2) return {};
  std::size_t size = ByteAt(*bytes, 1);
  const std::size_t more = size == 127 ? 8 : size == 126 ? 2 : 0;
  Check(size <= 127, "a server's frame is masked");
  if (bytes->size() < 2 + more) return {};
  if (more > 0) size = 0;
  for (std::size_t i = 0; i < more; ++i) size = size << 8 | ByteAt(*bytes, 2 + i);
  if (bytes->size() - 2 - more < size) return {};
  const ServerFrame frame{KindOf(ByteAt(*bytes, 0)), bytes->substr(2 + more, size)};
  bytes->remove_prefix(2 + more + size);
  return frame;
}

std::string PongFrame(std::string_view payload) {
  constexpr std::size_t kControlMax = 125;
  Check(payload.size() <= kControlMax, "a ping that is too long");
  std::string frame = "\x8a";
  frame += static_cast<char>(0x80 | payload.size());
  frame.append(4, '\0');  // A mask of zeros leaves the payload as it is.
  return frame.append(payload);
}

Watchers::Watchers(const std::string& address, const std::string& target, std::size_t count)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), buffer_(kBufferSize) {
  for (std::size_t i = 0; i < count; ++i) {
    const int fd = ConnectTo(address);
    watchers_.push_back(std::make_unique<Watcher>(Watcher{fd, Upgrade(fd, address, target)}));
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = watchers_.back().get();
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) Die("cannot watch a socket");
  }
}

Watchers::~Watchers() {
  for (const auto& watcher : watchers_) close(watcher->fd);
  close(epoll_);
}

void Watchers::Take() {
  std::array<epoll_event, 64> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    Read(static_cast<Watcher*>(events[static_cast<std::size_t>(i)].data.ptr));
  }
}

void Watchers::Read(Watcher* watcher) {
  const ssize_t got = recv(watcher->fd, buffer_.data(), buffer_.size(), 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) Die("the server closed a watcher");
  watcher->in.append(buffer_.data(), static_cast<std::size_t>(got));
  std::string_view bytes = watcher->in;
  ServerFrame frame = ServerFrame::TakeFrom(&bytes);
  for (; frame.kind != ServerFrame::Kind::kNone; frame = ServerFrame::TakeFrom(&bytes)) {
    OnFrame(*watcher, frame);
  }
  watcher->in.erase(0, watcher->in.size() - bytes.size());
}

void Watchers::OnFrame(const Watcher& watcher, const ServerFrame& frame) {
  switch (frame.kind) {
    case ServerFrame::Kind::kText:
      Check(frame.payload.find(R"("action":)") != std::string_view::npos,
            "an event without action");
      ++events_;
      return;
    case ServerFrame::Kind::kPing:
      return Send(watcher.fd, PongFrame(frame.payload));
    case ServerFrame::Kind::kClose:
      Die("the server closed a watcher");
    case ServerFrame::Kind::kPong:
    case ServerFrame::Kind::kNone:
      return;
  }
}

}  // namespace skep::bench
