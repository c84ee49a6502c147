#include "bench/load/http_client.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "bench/load/chunked_body.h"
#include "bench/support/die.h"

namespace skep::bench {
namespace {

// Of what is no whole answer yet: more than the longest answer of any scenario.
constexpr std::size_t kUnreadMax = std::size_t{1} << 30;

bool EqualNames(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

// Calls fn(name, value) for each field line of a header.
template <class Fn>
void ForEachField(std::string_view head, Fn&& fn) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;) {
    head.remove_prefix(at + 2);
    at = head.find("\r\n");
    const std::string_view line = head.substr(0, at);
    if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
      fn(line.substr(0, colon), Trimmed(line.substr(colon + 1)));
    }
  }
}

std::size_t ParseSize(std::string_view text) {
  std::size_t size = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (failure != std::errc()) Die("not a length: " + std::string(text));
  return size;
}

using Resolved = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// At least one.
Resolved Resolve(const std::string& address) {
  constexpr std::size_t kPortMax = 65'535;
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) Die("not HOST:PORT: " + address);
  const std::string port = address.substr(colon + 1);
  if (port.find_first_not_of("0123456789") != std::string::npos || port.size() > 5 ||
      ParseSize(port) > kPortMax) {
    Die("not a port: " + address);
  }
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int failure = getaddrinfo(host.c_str(), port.c_str(), &hints, &first);
  if (failure != 0) Die("no address of " + address + ": " + gai_strerror(failure));
  return {first, &freeaddrinfo};
}

void SetTimeOut(int fd, int option, std::chrono::milliseconds time) {
  const timeval value{.tv_sec = time.count() / 1000, .tv_usec = time.count() % 1000 * 1000};
  setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value));
}

// -1: errno says why.
int TryToConnect(const addrinfo& to) {
  constexpr std::chrono::seconds kConnectMax{10};
  const int fd = socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  SetTimeOut(fd, SO_SNDTIMEO, kConnectMax);
  if (connect(fd, to.ai_addr, to.ai_addrlen) == 0) return fd;
  const int why = errno == EINPROGRESS ? ETIMEDOUT : errno;
  close(fd);
  errno = why;
  return -1;
}

}  // namespace

int ConnectTo(const std::string& address) {
  const Resolved all = Resolve(address);
  int fd = -1;
  for (const addrinfo* each = all.get(); each != nullptr && fd < 0; each = each->ai_next) {
    fd = TryToConnect(*each);
  }
  if (fd < 0) Die("cannot connect to " + address + ": " + std::strerror(errno));
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return fd;
}

std::optional<AnswerHead> ParseHead(std::string_view bytes) {
  constexpr std::string_view kStart = "HTTP/1.1 ";
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  if (bytes.substr(0, kStart.size()) != kStart) Die("not an answer: " + std::string(bytes));
  AnswerHead head{.size = end + 4};
  head.status = static_cast<int>(ParseSize(bytes.substr(kStart.size(), 3)));
  // A 304 may say how long the body would be; it has none.
  bool has_length = head.status == 304 || head.status == 204;
  if (has_length) return head;
  ForEachField(bytes.substr(0, head.size), [&](std::string_view name, std::string_view value) {
    if (EqualNames(name, "Transfer-Encoding")) head.chunked = EqualNames(value, "chunked");
    if (!EqualNames(name, "Content-Length")) return;
    has_length = true;
    head.body_size = ParseSize(value);
  });
  if (!has_length && !head.chunked) {
    Die("an answer without a length: " + std::string(bytes.substr(0, end)));
  }
  return head;
}

std::string_view FieldOf(std::string_view head, std::string_view name) {
  std::string_view found;
  ForEachField(head, [&](std::string_view field, std::string_view value) {
    if (EqualNames(field, name)) found = value;
  });
  return found;
}

HttpClient::HttpClient(std::string address, std::chrono::milliseconds silence_max)
    : address_(std::move(address)), fd_(ConnectTo(address_)) {
  SetTimeOut(fd_, SO_RCVTIMEO, silence_max);
  SetTimeOut(fd_, SO_SNDTIMEO, silence_max);
}

HttpClient::~HttpClient() { close(fd_); }

std::string HttpClient::Format(std::string_view method, std::string_view target,
                               std::string_view body, std::string_view fields) const {
  std::string request(method);
  request.append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(address_);
  request.append("\r\nx-domain-name: default\r\nContent-Type: application/json\r\n").append(fields);
  if (method != "GET") request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return request.append("\r\n").append(body);
}

Answer HttpClient::Call(const std::string& request) {
  Send(request);
  return Receive();
}

void HttpClient::CallAll(std::size_t count, const std::function<std::string(std::size_t)>& make,
                         const std::function<void(std::size_t, const Answer&)>& take) {
  constexpr std::size_t kTogether = 16;
  for (std::size_t first = 0; first < count; first += kTogether) {
    const std::size_t end = std::min(count, first + kTogether);
    std::string requests;
    for (std::size_t i = first; i < end; ++i) requests += make(i);
    Send(requests);
    for (std::size_t i = first; i < end; ++i) take(i, Receive());
  }
}

void HttpClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) Die("cannot send to " + address_ + ": " + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void HttpClient::Fill() {
  constexpr std::size_t kChunk = 64 * 1024;
  const std::size_t had = in_.size();
  in_.resize(had + kChunk);
  const ssize_t got = recv(fd_, in_.data() + had, kChunk, 0);
  if (got < 0 && errno == EAGAIN) Die(address_ + " does not answer");
  if (got <= 0) Die(address_ + " closed the connection");
  Check(had <= kUnreadMax, "a header or chunk without end");
  in_.resize(had + static_cast<std::size_t>(got));
}

Answer HttpClient::Receive() {
  std::optional<AnswerHead> head;
  while (!(head = ParseHead(in_)).has_value()) Fill();
  Answer answer{.status = head->status, .head = in_.substr(0, head->size)};
  in_.erase(0, head->size);
  answer.body = head->chunked ? ReceiveChunks() : ReceiveBytes(head->body_size);
  return answer;
}

std::string HttpClient::ReceiveBytes(std::size_t size) {
  while (in_.size() < size) Fill();
  std::string body = in_.substr(0, size);
  in_.erase(0, size);
  return body;
}

std::string HttpClient::ReceiveChunks() {
  ChunkedBody chunks;
  std::string body;
  while (true) {
    std::string_view bytes = in_;
    const bool complete =
        chunks.Consume(&bytes, [&body](std::string_view part) { body.append(part); });
    in_.erase(0, in_.size() - bytes.size());
    if (complete) return body;
    Fill();
  }
}

}  // namespace skep::bench
