// beast_floor: what an HTTP answer costs at the least with this parser. Reads each request with
// Beast, looks at nothing in it, and sends one answer made beforehand. No timers, no limits, no
// routes. README.md says how it is used.
#include <CLI/CLI.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace skep::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
using Reply = http::response<http::string_body>;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const Reply* reply) : socket_(std::move(socket)), reply_(*reply) {}

  void Read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->Write();
                     });
  }

 private:
  void Write() {
    http::async_write(socket_, reply_,
                      [self = shared_from_this()](beast::error_code error, std::size_t) {
                        if (!error) self->Read();
                      });
  }

  tcp::socket socket_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  const Reply& reply_;
};

// One thread's sockets.
class Listener {
 public:
  Listener(const tcp::endpoint& endpoint, const Reply* reply)
      : acceptor_(context_, endpoint.protocol()), reply_(reply) {
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.set_option(ReusePort(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
  }

  tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

  void Run() {
    Accept();
    context_.run();
  }

 private:
  void Accept() {
    acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (!error) {
        socket.set_option(tcp::no_delay(true));
        std::make_shared<Session>(std::move(socket), reply_)->Read();
      }
      Accept();
    });
  }

  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  const Reply* const reply_;
};

Reply MakeReply(std::size_t size) {
  Reply reply{http::status::ok, 11};
  reply.set(http::field::content_type, "application/json; charset=UTF-8");
  reply.body() = std::string(size, 'x');
  reply.prepare_payload();
  return reply;
}

int Main(int argc, char** argv) {
  std::size_t size = 0;
  unsigned threads = 1;
  CLI::App app("beast_floor: a bare responder on a free port of 127.0.0.1, which it prints");
  app.add_option("--size", size, "Bytes of each answer's body")->capture_default_str();
  app.add_option("--threads", threads)->capture_default_str()->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);

  const Reply reply = MakeReply(size);
  std::vector<std::unique_ptr<Listener>> listeners;
  tcp::endpoint endpoint(asio::ip::address_v4::loopback(), 0);
  for (unsigned i = 0; i < threads; ++i) {
    listeners.push_back(std::make_unique<Listener>(endpoint, &reply));
    endpoint = listeners.back()->endpoint();
  }
  std::printf("127.0.0.1:%u\n", unsigned{endpoint.port()});
  std::fflush(stdout);
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i) {
    others.emplace_back([&listener = *listeners[i]] { listener.Run(); });
  }
  listeners.front()->Run();
  return 0;
}

}  // namespace
}  // namespace skep::bench

int main(int argc, char** argv) { return skep::bench::Main(argc, argv); }
