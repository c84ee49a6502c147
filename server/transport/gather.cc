#include "server/transport/gather.h"

#include <limits.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace skep::server {

void Gather::Clear() {
  pieces_.clear();
  next_ = 0;
  bytes_left_ = 0;
}

void Gather::Add(std::string_view bytes) {
  if (bytes.empty()) return;
  pieces_.push_back({const_cast<char*>(bytes.data()), bytes.size()});
  bytes_left_ += bytes.size();
}

Gather::Progress Gather::Send(int socket) {
  while (bytes_left_ > 0) {
    const std::size_t pieces = std::min<std::size_t>(pieces_.size() - next_, IOV_MAX);
    const bool all = next_ + pieces == pieces_.size();
    const ssize_t sent = SendPieces(socket, pieces);
    if (sent < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? Progress::kWouldBlock : Progress::kFailed;
    }
    Advance(static_cast<std::size_t>(sent));
    // A call that took less than it was given has filled the socket; asking again would tell that.
    if (all && bytes_left_ > 0) return Progress::kWouldBlock;
  }
  return Progress::kDone;
}

// send() for one piece: the kernel copies no list in, which is a few percent of a small answer.
ssize_t Gather::SendPieces(int socket, std::size_t count) {
  constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
  iovec* const first = pieces_.data() + next_;
  if (count == 1) return ::send(socket, first->iov_base, first->iov_len, kFlags);
  msghdr message{};
  message.msg_iov = first;
  message.msg_iovlen = count;
  return ::sendmsg(socket, &message, kFlags);
}

void Gather::Advance(std::size_t bytes) {
  bytes_left_ -= bytes;
  while (bytes > 0) {
    iovec& piece = pieces_[next_];
    const std::size_t part = std::min(bytes, piece.iov_len);
    piece.iov_base = static_cast<char*>(piece.iov_base) + part;
    piece.iov_len -= part;
    bytes -= part;
    if (piece.iov_len == 0) ++next_;
  }
}

}  // namespace skep::server
