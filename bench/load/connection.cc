#include "bench/load/connection.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "bench/load/text.h"
#include "bench/support/die.h"

namespace skep::bench {
namespace {

// Of an answer whose body is not looked at, only so much is copied out as its header may take.
constexpr std::size_t kHeadRead = 2048;
constexpr std::size_t kHeadSizeMax = 16 * 1024;

}  // namespace

Connection::Connection(const std::string& address, const Workload* workload,
                       std::vector<std::string>* revisions, std::size_t owner)
    : address_(address),
      fd_(ConnectTo(address)),
      workload_(*workload),
      revisions_(*revisions),
      owner_(owner) {
  fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
}

Connection::~Connection() { close(fd_); }

void Connection::Add(std::size_t index, std::uint64_t serial, Time began) {
  const std::size_t start = out_.size();
  workload_.AppendRequest(index, serial, &out_);
  if (!revisions_.empty()) {
    out_.insert(start + workload_.revision_at[index], PercentEncoded(revisions_[index]));
  }
  pending_.push_back({index, began});
}

void Connection::Flush() {
  std::size_t sent = 0;
  while (sent < out_.size()) {
    const ssize_t some = send(fd_, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
    if (some < 0 && errno == EAGAIN) break;
    if (some < 0) Die("cannot send to " + address_ + ": " + std::strerror(errno));
    sent += static_cast<std::size_t>(some);
  }
  out_.erase(0, sent);
}

void Connection::Read(std::vector<char>* buffer, std::vector<Time>* done) {
  while (ReadOnce(buffer, done)) continue;
}

// False: there was nothing, or less than there was room for.
bool Connection::ReadOnce(std::vector<char>* buffer, std::vector<Time>* done) {
  const bool skip = in_body_ && !chunked_ && compare_ == nullptr;
  const std::size_t room = skip ? std::min(body_left_, buffer->size()) : Room(buffer->size());
  const ssize_t got = recv(fd_, buffer->data(), room, skip ? MSG_TRUNC : 0);
  if (got < 0 && errno == EAGAIN) return false;
  if (got <= 0) Die(address_ + " closed a connection" + Asked());
  const auto size = static_cast<std::size_t>(got);
  if (skip) {
    body_left_ -= size;
    if (body_left_ == 0) Complete(done);
  } else {
    Consume(std::string_view(buffer->data(), size), done);
  }
  return size == room;
}

std::size_t Connection::Room(std::size_t all) const {
  if (in_body_ || !compared_once_ || pending_.empty()) return all;
  return Expected().body_size > kHeadRead ? kHeadRead : all;
}

void Connection::Consume(std::string_view bytes, std::vector<Time>* done) {
  while (!bytes.empty()) {
    if (!in_body_ && !TakeHead(&bytes)) return;
    if (TakeBody(&bytes)) Complete(done);
  }
}

// Takes the header off the front of `bytes`; false where it is not complete yet.
bool Connection::TakeHead(std::string_view* bytes) {
  Expect(!pending_.empty(), "an answer to no request");
  const std::size_t had = head_.size();
  const std::string_view text = had > 0 ? std::string_view(head_.append(*bytes)) : *bytes;
  const std::optional<AnswerHead> head = ParseHead(text);
  if (!head.has_value()) {
    if (had == 0) head_ = *bytes;
    Expect(head_.size() <= kHeadSizeMax, "a header without end");
    return false;
  }
  if (!revisions_.empty()) LearnRevision(text.substr(0, head->size));
  bytes->remove_prefix(head->size - had);
  head_.clear();
  Begin(*head);
  return true;
}

void Connection::Begin(const AnswerHead& head) {
  const ExpectedAnswer& expected = Expected();
  const bool unchanged = expected.or_not_modified && head.status == 304;
  if (!unchanged && head.status != expected.status) {
    Wrong("status " + std::to_string(head.status) + ", not " + std::to_string(expected.status));
  }
  if (!unchanged && !head.chunked) CheckSize(head.body_size);
  in_body_ = true;
  chunked_ = head.chunked;
  body_left_ = head.body_size;
  body_taken_ = 0;
  if (!unchanged && !compared_once_ && !expected.body.empty()) compare_ = &expected.body;
  compared_once_ = true;
}

// Not every answer tells one: kie's 304 does not.
void Connection::LearnRevision(std::string_view head) {
  const std::string_view revision = FieldOf(head, workload_.revision_field);
  if (!revision.empty()) revisions_[pending_.front().index] = revision;
}

// Takes what there is of the body; true where it is complete.
bool Connection::TakeBody(std::string_view* bytes) {
  const auto take = [this](std::string_view part) {
    Compare(part);
    body_taken_ += part.size();
  };
  if (chunked_) {
    if (!chunks_.Consume(bytes, take)) return false;
    CheckSize(body_taken_);
    return true;
  }
  const std::string_view part = bytes->substr(0, body_left_);
  take(part);
  body_left_ -= part.size();
  bytes->remove_prefix(part.size());
  return body_left_ == 0;
}

void Connection::Compare(std::string_view part) const {
  if (compare_ == nullptr) return;
  Expect(compare_->compare(std::min(body_taken_, compare_->size()), part.size(), part) == 0,
         "another body");
}

void Connection::CheckSize(std::size_t size) const {
  const ExpectedAnswer& expected = Expected();
  const std::size_t difference =
      std::max(size, expected.body_size) - std::min(size, expected.body_size);
  if (difference <= expected.slack) return;
  Wrong(std::to_string(size) + " bytes, not " + std::to_string(expected.body_size));
}

void Connection::Complete(std::vector<Time>* done) {
  in_body_ = false;
  compare_ = nullptr;
  done->push_back(pending_.front().began);
  pending_.pop_front();
}

void Connection::Expect(bool right, std::string_view what) const {
  if (!right) Wrong(what);
}

void Connection::Wrong(std::string_view what) const {
  Die("wrong answer: " + std::string(what) + Asked());
}

// Of whom, and the first line of the request, if there is one.
std::string Connection::Asked() const {
  if (pending_.empty()) return ", of " + address_;
  std::string request;
  workload_.AppendRequest(pending_.front().index, 0, &request);
  return ", of " + address_ + " to " + request.substr(0, request.find(" HTTP/1.1"));
}

const ExpectedAnswer& Connection::Expected() const {
  return workload_.ExpectedFor(pending_.front().index);
}

}  // namespace skep::bench
