// FakeServer: answers the requests of one connection with what a test says.
#ifndef SKEP_TESTS_BENCH_FAKE_SERVER_H_
#define SKEP_TESTS_BENCH_FAKE_SERVER_H_

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace skep::bench {

class FakeServer {
 public:
  /// The bytes of the answer to the request of that number, which is the `requests()`' last.
  using Answer = std::function<std::string(std::size_t number)>;

  /// Listens on a free port. Requests must have no body.
  explicit FakeServer(Answer answer)
      : answer_(std::move(answer)), listening_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(at);
    auto* address = reinterpret_cast<sockaddr*>(&at);
    EXPECT_EQ(bind(listening_, address, size), 0);
    EXPECT_EQ(listen(listening_, 1), 0);
    EXPECT_EQ(getsockname(listening_, address, &size), 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(at.sin_port));
    thread_ = std::thread([this] { Serve(); });
  }

  /// Once the client has closed its connection.
  ~FakeServer() {
    Join();
    close(listening_);
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  const std::string& address() const { return address_; }

  /// All that came, each up to its empty line. Returns when the client has closed its connection.
  const std::vector<std::string>& requests() {
    Join();
    return requests_;
  }

 private:
  void Join() {
    shutdown(listening_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
  }

  void Serve() {
    const int client = accept(listening_, nullptr, nullptr);
    if (client < 0) return;
    std::array<char, 4096> buffer;
    ssize_t got = 0;
    while ((got = recv(client, buffer.data(), buffer.size(), 0)) > 0) {
      in_.append(buffer.data(), static_cast<std::size_t>(got));
      while (TakeRequest()) {
        const std::string answer = answer_(requests_.size() - 1);
        send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
      }
    }
    close(client);
  }

  bool TakeRequest() {
    const std::size_t end = in_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    requests_.push_back(in_.substr(0, end + 4));
    in_.erase(0, end + 4);
    return true;
  }

  const Answer answer_;
  const int listening_;
  std::string address_;
  std::string in_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace skep::bench

#endif  // SKEP_TESTS_BENCH_FAKE_SERVER_H_
