// skep_wake: how long it takes until ten thousand long polls have their answers, from the commit of
// the change to the last byte that a client reads, and what a waiting one costs; beside as many
// bare sockets that are written the same bytes.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/support/die.h"
#include "bench/support/process.h"
#include "bench/wake/clients.h"
#include "skep/server/server.h"
#include "skep/skep.h"

namespace skep::bench {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

// One thread that accepts, reads a request's first bytes from each socket, and when told writes the
// same bytes to all of them.
class BareServer {
 public:
  BareServer() : acceptor_(io_, Tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    Accept();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~BareServer() {
    io_.stop();
    thread_.join();
  }

  std::string address() const {
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

  std::size_t asked() const { return asked_.load(); }

  void WriteToAll(std::string bytes) {
    asio::post(io_, [this, bytes = std::move(bytes)]() mutable {
      bytes_ = std::move(bytes);
      for (const auto& socket : sockets_) {
        asio::async_write(*socket, asio::buffer(bytes_), [](const auto&, std::size_t) {});
      }
    });
  }

  /// Of the round that is over.
  void CloseAll() {
    asio::post(io_, [this] { sockets_.clear(); });
    asked_ = 0;
  }

 private:
  void Accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, Tcp::socket socket) {
      if (error) return;
      sockets_.push_back(std::make_unique<Tcp::socket>(std::move(socket)));
      sockets_.back()->async_read_some(asio::buffer(request_),
                                       [this](const auto&, std::size_t) { ++asked_; });
      Accept();
    });
  }

  asio::io_context io_;
  Tcp::acceptor acceptor_;
  std::vector<std::unique_ptr<Tcp::socket>> sockets_;
  std::array<char, 4096> request_;  // Of all: nobody looks at it.
  std::string bytes_;
  std::atomic<std::size_t> asked_{0};
  std::thread thread_;
};

template <class F>
void WaitUntil(F reached) {
  while (!reached()) std::this_thread::yield();
}

struct Round {
  double ours_ms = 0;
  double floor_ms = 0;
  double bytes_each = 0;
};

class Bench {
 public:
  Bench(std::size_t polls, std::size_t items)
      : polls_(polls),
        engine_(Engine::Open().value()),
        server_(Server::Start(*engine_, {.threads = 1, .register_self = false}).value()) {
    for (std::size_t i = 0; i < items; ++i) {
      const auto made = engine_->config()
                            .Create({.key = "key." + std::to_string(i),
                                     .value = "the value of item " + std::to_string(i),
                                     .labels = {{"app", "bench"}},
                                     .status = KvStatus::kEnabled})
                            .value();
      id_ = made.id;
    }
  }

  Round Run(Clients* clients, BareServer* floor) {
    Round round;
    // So many ends of connections at once, not twice as many: a process may have just so many.
    const std::size_t files = OpenFiles();
    const std::size_t before = ResidentBytes();
    const std::string revision = std::to_string(engine_->config().revision().number());
    clients->Ask(server_->addresses().front(), polls_,
                 "GET /v1/default/kie/kv?label=app:bench&wait=5m&revision=" + revision +
                     " HTTP/1.1\r\nHost: bench\r\n\r\n");
    WaitUntil([&] { return engine_->metrics().kv_waits == polls_; });
    round.bytes_each = (static_cast<double>(ResidentBytes()) - static_cast<double>(before)) /
                       static_cast<double>(polls_);
    const std::int64_t committed = MonotonicNs();
    if (!engine_->config().Update(id_, {}).ok()) Die("the change fails");
    const Clients::Answers ours = clients->Await();
    round.ours_ms = static_cast<double>(ours.last_ns - committed) / 1e6;
    WaitUntil([&] { return OpenFiles() <= files; });

    clients->Ask(floor->address(), polls_, "GET / HTTP/1.1\r\nHost: bench\r\n\r\n");
    WaitUntil([&] { return floor->asked() == polls_; });
    const std::int64_t told = MonotonicNs();
    floor->WriteToAll(AnswerOf(ours.bytes));
    const Clients::Answers bare = clients->Await();
    Check(bare.bytes == ours.bytes, "the floor's answers are of another length");
    round.floor_ms = static_cast<double>(bare.last_ns - told) / 1e6;
    floor->CloseAll();
    WaitUntil([&] { return OpenFiles() <= files; });
    return round;
  }

 private:
  // An answer of so many bytes in all.
  static std::string AnswerOf(std::size_t size) {
    std::string head = "HTTP/1.1 200 OK\r\nContent-Length: ";
    constexpr std::size_t kRest = 5 + 4;  // Of digits, and the empty line.
    const std::size_t body = size - head.size() - kRest;
    Check(body >= 10'000 && body < 100'000, "an answer that needs another number of digits");
    return head + std::to_string(body) + "\r\n\r\n" + std::string(body, 'x');
  }

  const std::size_t polls_;
  const std::unique_ptr<Engine> engine_;
  const std::unique_ptr<Server> server_;
  std::string id_;
};

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

int Main(int argc, char** argv) {
  std::size_t polls = 10'000;
  std::size_t items = 60;
  int rounds = 5;
  bool json = false;
  CLI::App app("skep_wake: from a change to the last of many long polls");
  app.add_option("--polls", polls)->capture_default_str();
  app.add_option("--items", items, "In each answer")->capture_default_str();
  app.add_option("--rounds", rounds)->capture_default_str();
  app.add_flag("--json", json, "Print one line of JSON instead of a table");
  CLI11_PARSE(app, argc, argv);
  RaiseDescriptorLimit();
  Clients clients;  // Before there are threads.
  Bench bench(polls, items);
  BareServer floor;
  std::vector<double> ours;
  std::vector<double> bare;
  std::vector<double> ratios;
  double bytes = 0;
  for (int i = 0; i < rounds; ++i) {
    const Round round = bench.Run(&clients, &floor);
    if (i == 0) bytes = round.bytes_each;  // Later rounds find memory that earlier ones left.
    ours.push_back(round.ours_ms);
    bare.push_back(round.floor_ms);
    ratios.push_back(round.ours_ms / round.floor_ms);
  }
  std::printf(json ? "{\"polls\":%zu,\"ours_ms\":%.2f,\"floor_ms\":%.2f,\"ratio\":%.3f,"
                     "\"bytes_each\":%.0f,\"ratios\":["
                   : "%zu polls: %.2f ms, floor %.2f ms, ratio %.2f; %.0f B of memory each\n",
              polls, Median(ours), Median(bare), Median(ratios), bytes);
  if (json) {
    for (std::size_t i = 0; i < ratios.size(); ++i) {
      std::printf("%s%.3f", i == 0 ? "" : ",", ratios[i]);
    }
    std::printf("]}\n");
  }
  return 0;
}

}  // namespace
}  // namespace skep::bench

int main(int argc, char** argv) { return skep::bench::Main(argc, argv); }
