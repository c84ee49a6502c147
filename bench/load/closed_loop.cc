#include "bench/load/closed_loop.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <optional>
#include <string_view>

#include "bench/load/http_client.h"
#include "bench/load/process_cpu.h"
#include "bench/support/die.h"

namespace skep::bench {
namespace {

constexpr std::size_t kBufferSize = 256 * 1024;
// Of an answer whose body is not looked at, only so much is copied out as its header may take.
constexpr std::size_t kHeadRead = 2048;
constexpr std::size_t kHeadSizeMax = 16 * 1024;

}  // namespace

// One socket, the requests on the way on it, and how far the current answer has come.
class ClosedLoop::Connection {
 public:
  explicit Connection(const std::string& address) : fd_(ConnectTo(address)) {
    fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
  }
  ~Connection() { close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }
  std::size_t on_the_way() const { return pending_.size(); }
  bool has_unsent() const { return !out_.empty(); }

  void Add(const Workload& workload, std::size_t index, Time now) {
    workload.AppendRequest(index, &out_);
    pending_.push_back({index, now});
  }

  void Flush() {
    const ssize_t sent = send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) Die(std::string("cannot send: ") + std::strerror(errno));
    if (sent > 0) out_.erase(0, static_cast<std::size_t>(sent));
  }

  // Reads once. False: there was nothing, or less than there was room for.
  // Calls done(sent_at) for each answer that is complete.
  template <class Done>
  bool Read(const Workload& workload, std::vector<char>* buffer, Done&& done) {
    const bool skipping = body_left_ > 0 && compare_ == nullptr;
    const std::size_t room = skipping ? body_left_ : RoomFor(workload, buffer->size());
    const ssize_t got = recv(fd_, buffer->data(), room, skipping ? MSG_TRUNC : 0);
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) Die("the server closed a connection");
    const auto size = static_cast<std::size_t>(got);
    if (skipping) {
      body_left_ -= size;
      if (body_left_ == 0) Complete(done);
    } else {
      Consume(workload, std::string_view(buffer->data(), size), done);
    }
    return size == room;
  }

 private:
  struct Pending {
    std::size_t index;
    Time sent_at;
  };

  std::size_t RoomFor(const Workload& workload, std::size_t all) const {
    if (compare_ != nullptr || !compared_once_ || pending_.empty()) return all;
    return workload.ExpectedFor(pending_.front().index).body_size > kHeadRead ? kHeadRead : all;
  }

  template <class Done>
  void Consume(const Workload& workload, std::string_view bytes, Done& done) {
    while (!bytes.empty()) {
      if (body_left_ > 0) {
        bytes.remove_prefix(TakeBody(bytes));
      } else if (!TakeHead(workload, &bytes)) {
        return;
      }
      if (body_left_ == 0) Complete(done);
    }
  }

  // Takes the header off the front of `bytes`; false where it is not complete yet.
  bool TakeHead(const Workload& workload, std::string_view* bytes) {
    Check(!pending_.empty(), "an answer to no request");
    const std::size_t had = head_.size();
    std::string_view text = *bytes;
    if (had > 0) text = head_.append(*bytes);
    const std::optional<AnswerHead> head = ParseHead(text);
    if (!head.has_value()) {
      if (had == 0) head_ = *bytes;
      Check(head_.size() <= kHeadSizeMax, "a header without end");
      return false;
    }
    bytes->remove_prefix(head->size - had);
    head_.clear();
    const ExpectedAnswer& expected = workload.ExpectedFor(pending_.front().index);
    Check(head->status == expected.status, "status " + std::to_string(head->status));
    Check(head->body_size == expected.body_size,
          std::to_string(head->body_size) + " bytes, not " + std::to_string(expected.body_size));
    body_left_ = head->body_size;
    if (!compared_once_ && !expected.body.empty()) compare_ = &expected.body;
    compared_once_ = true;
    return true;
  }

  // Takes what there is of the body; returns how much.
  std::size_t TakeBody(std::string_view bytes) {
    const std::size_t size = std::min(bytes.size(), body_left_);
    if (compare_ != nullptr) {
      const std::size_t at = compare_->size() - body_left_;
      Check(compare_->compare(at, size, bytes.substr(0, size)) == 0, "another body");
    }
    body_left_ -= size;
    return size;
  }

  template <class Done>
  void Complete(Done& done) {
    compare_ = nullptr;
    const Time sent_at = pending_.front().sent_at;
    pending_.pop_front();
    done(sent_at);
  }

  const int fd_;
  std::string out_;
  std::deque<Pending> pending_;
  std::string head_;  ///< Of a header that came in pieces.
  std::size_t body_left_ = 0;
  bool compared_once_ = false;
  const std::string* compare_ = nullptr;  ///< What the body of the current answer must be.
};

ClosedLoop::ClosedLoop(const LoopOptions& options, const Workload* workload)
    : options_(options),
      workload_(*workload),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(kBufferSize) {
  for (std::size_t i = 0; i < options_.connections; ++i) {
    connections_.push_back(std::make_unique<Connection>(options_.address));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connections_.back().get();
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_.back()->fd(), &event);
  }
}

ClosedLoop::~ClosedLoop() { close(epoll_); }

LoopResult ClosedLoop::Run(std::chrono::nanoseconds warm_up, std::chrono::nanoseconds measured) {
  using std::chrono::steady_clock;
  sending_ = true;
  for (auto& connection : connections_) SendMore(connection.get(), steady_clock::now());
  RunUntil(steady_clock::now() + warm_up);

  LoopResult result;
  result_ = &result;
  const std::chrono::nanoseconds server_before =
      options_.pid != 0 ? ProcessCpuTime(options_.pid) : std::chrono::nanoseconds(0);
  const std::chrono::nanoseconds own_before = ProcessCpuTime(0);
  const Time begin = steady_clock::now();
  RunUntil(begin + measured);
  result.elapsed = steady_clock::now() - begin;
  result.own_cpu = ProcessCpuTime(0) - own_before;
  if (options_.pid != 0) result.server_cpu = ProcessCpuTime(options_.pid) - server_before;
  result_ = nullptr;

  sending_ = false;
  while (on_the_way_ > 0) WaitOnce();
  return result;
}

void ClosedLoop::RunUntil(Time end) {
  while (std::chrono::steady_clock::now() < end) WaitOnce();
}

void ClosedLoop::WaitOnce() {
  std::array<epoll_event, 64> events;
  constexpr int kSilenceMaxMs = 30'000;
  const int count =
      epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kSilenceMaxMs);
  if (count == 0) Die("the server answers nothing for 30 s");
  for (int i = 0; i < count; ++i) {
    auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
    if (events[static_cast<std::size_t>(i)].events & EPOLLIN) OnReadable(connection);
    if (connection->has_unsent()) SendMore(connection, std::chrono::steady_clock::now());
  }
}

void ClosedLoop::OnReadable(Connection* connection) {
  const auto done = [this](Time sent_at) {
    --on_the_way_;
    if (result_ == nullptr) return;
    ++result_->answers;
    const auto took = std::chrono::steady_clock::now() - sent_at;
    result_->latency_ns.Record(static_cast<std::uint64_t>(took.count()));
  };
  while (connection->Read(workload_, &buffer_, done)) continue;
  SendMore(connection, std::chrono::steady_clock::now());
}

void ClosedLoop::SendMore(Connection* connection, Time now) {
  const bool had_unsent = connection->has_unsent();
  while (sending_ && connection->on_the_way() < options_.pipeline) {
    connection->Add(workload_, next_request_, now);
    next_request_ = (next_request_ + 1) % workload_.size();
    ++on_the_way_;
  }
  if (!connection->has_unsent()) return;
  connection->Flush();
  if (had_unsent == connection->has_unsent()) return;
  epoll_event event{};
  event.events = connection->has_unsent() ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = connection;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, connection->fd(), &event);
}

}  // namespace skep::bench
