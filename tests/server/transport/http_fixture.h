// A handler that tests write inline, a server for it, and a client that speaks bytes.
#ifndef SKEP_TESTS_SERVER_TRANSPORT_HTTP_FIXTURE_H_
#define SKEP_TESTS_SERVER_TRANSPORT_HTTP_FIXTURE_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/transport/http_server.h"

namespace skep::server {

/// A wait in a test that is longer than this has failed.
inline constexpr int kPatienceMs = 20'000;

/// Answers "<target> <size of body>" unless told otherwise.
class TestHandler final : public HttpHandler {
 public:
  using Fn = std::function<void(const HttpRequest&, HttpExchange&)>;

  std::size_t BodyLimit(Verb, std::string_view) const override { return body_limit; }

  void Handle(const HttpRequest& request, HttpExchange& exchange) override {
    if (handle) return handle(request, exchange);
    exchange.reply().content_type = "text/plain";
    exchange.reply().text = std::string(request.target) + " " + std::to_string(request.body.size());
  }

  HttpReply Refusal(std::uint16_t status) const override {
    HttpReply reply;
    reply.status = status;
    reply.text = "refused";
    if (status == 429) reply.headers.emplace_back("Retry-After", "1");
    return reply;
  }

  void Finished(const HttpRequest& request, const HttpReply& reply,
                std::chrono::nanoseconds took) override {
    EXPECT_GE(took.count(), 0);
    std::lock_guard lock(mu);
    finished.emplace_back(request.target, reply.status);
    body_bytes += reply.body_size();
    changed.notify_all();
  }

  void WaitForFinished(std::size_t count) {
    std::unique_lock lock(mu);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::milliseconds(kPatienceMs),
                                 [&] { return finished.size() >= count; }));
  }

  std::size_t body_limit = 1 << 20;
  Fn handle;

  std::mutex mu;
  std::condition_variable changed;
  std::vector<std::pair<std::string, int>> finished;
  std::size_t body_bytes = 0;  ///< Of all that are finished.
};

struct RawReply {
  int status = 0;
  std::string head;  ///< With the empty line.
  std::string body;

  bool Has(std::string_view line) const {
    return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
  }
};

class RawClient {
 public:
  explicit RawClient(const std::string& address, int receive_buffer = 0) {
    const std::size_t colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<in_port_t>(std::stoi(address.substr(colon + 1))));
    ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), received_(std::move(other.received_)) {}
  ~RawClient() { Close(); }

  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void ShutDownSending() { ::shutdown(fd_, SHUT_WR); }
  int fd() const { return fd_; }

  /// Errors show in what is received.
  RawClient& Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
  }

  /// The next reply; nothing if the server closes, resets or keeps silent instead.
  std::optional<RawReply> Receive(bool head_only = false) {
    std::size_t end;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!ReadMore()) return std::nullopt;
    }
    RawReply reply;
    reply.head = received_.substr(0, end + 4);
    received_.erase(0, end + 4);
    reply.status = std::atoi(reply.head.c_str() + 9);
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const std::size_t at = reply.head.find(kLength);
    if (head_only || at == std::string::npos) return reply;
    const auto length =
        static_cast<std::size_t>(std::atoll(reply.head.c_str() + at + kLength.size()));
    while (received_.size() < length) {
      if (!ReadMore()) return std::nullopt;
    }
    reply.body = received_.substr(0, length);
    received_.erase(0, length);
    return reply;
  }

  /// The body that comes in chunks; nothing if its framing is broken or it ends early. The size of
  /// the largest chunk is put into `largest`.
  std::optional<std::string> ReceiveChunks(std::size_t* largest = nullptr) {
    std::string body;
    while (const auto line = Until("\r\n")) {
      const auto size = static_cast<std::size_t>(std::stoul(*line, nullptr, 16));
      const auto chunk = Bytes(size + 2);
      if (!chunk.has_value() || !chunk->ends_with("\r\n")) return std::nullopt;
      if (size == 0) return body;
      if (largest != nullptr) *largest = std::max(*largest, size);
      body.append(*chunk, 0, size);
    }
    return std::nullopt;
  }

  /// The next bytes; nothing if they do not come.
  std::optional<std::string> Bytes(std::size_t count) {
    while (received_.size() < count) {
      if (!ReadMore()) return std::nullopt;
    }
    std::string bytes = received_.substr(0, count);
    received_.erase(0, count);
    return bytes;
  }
  /// Up to and with `end`.
  std::optional<std::string> Until(std::string_view end) {
    std::size_t at;
    while ((at = received_.find(end)) == std::string::npos) {
      if (!ReadMore()) return std::nullopt;
    }
    return Bytes(at + end.size());
  }
  bool ended() const { return ended_; }
  bool was_reset() const { return reset_; }

  /// Reads on to the end of the connection; false if it does not end, or by a reset.
  bool EndsCleanly() {
    while (ReadMore()) {
    }
    return ended_ && !reset_;
  }
  bool Ends() {
    while (ReadMore()) {
    }
    return ended_;
  }
  const std::string& received() const { return received_; }

  /// True if a byte, or the end, can be read now or within `ms`.
  bool Readable(int ms) const {
    pollfd wait{fd_, POLLIN, 0};
    return ::poll(&wait, 1, ms) == 1;
  }

 private:
  bool ReadMore() {
    if (ended_ || !Readable(kPatienceMs)) return false;
    char bytes[65536];
    const ssize_t size = ::recv(fd_, bytes, sizeof bytes, 0);
    if (size > 0) {
      received_.append(bytes, static_cast<std::size_t>(size));
      return true;
    }
    ended_ = true;
    reset_ = size < 0;
    return false;
  }

  int fd_ = -1;
  bool ended_ = false;
  bool reset_ = false;
  std::string received_;
};

/// A server on a free port, of one thread unless `options` say otherwise.
class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() { options.threads = 1; }

  void Start() {
    auto started = HttpServer::Start(options, *clock, handler);
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    server = std::move(started).value();
  }

  RawClient Connect(int receive_buffer = 0) {
    return RawClient(server->addresses().front(), receive_buffer);
  }

  /// Sends `request` on a connection of its own and returns the status; 0: closed without one.
  int StatusOf(std::string_view request) {
    RawClient client = Connect();
    const auto reply = client.Send(request).Receive();
    return reply.has_value() ? reply->status : 0;
  }

  std::shared_ptr<Clock> clock = SystemClock::Create();
  TestHandler handler;
  ServerOptions options;
  std::unique_ptr<HttpServer> server;
};

/// "/7": a target to tell requests apart.
inline std::string Numbered(int number) { return std::string("/").append(std::to_string(number)); }

inline std::string Get(std::string_view target, std::string_view fields = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n";
}

inline std::string Post(std::string_view target, std::string_view body,
                        std::string_view fields = "") {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}

}  // namespace skep::server

#endif  // SKEP_TESTS_SERVER_TRANSPORT_HTTP_FIXTURE_H_
