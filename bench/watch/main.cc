// skep_fanout: what it costs to tell one change to many watchers over WebSockets, beside writing as
// many bytes to as many bare sockets.
//
// This process has the server, and writes the floor; a child, forked before there is any thread,
// has the clients and says when all of them have got their bytes. A round is one change (or one
// write to each bare socket), from its begin to the last client's last byte. README.md says more.
#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/support/die.h"
#include "bench/support/process.h"
#include "skep/server/server.h"
#include "skep/skep.h"

namespace skep::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kFillerBytes = 200;

void PinTo(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
}

void Put(int fd, const void* bytes, std::size_t size) {
  Check(write(fd, bytes, size) == static_cast<ssize_t>(size), "a pipe is broken");
}
template <class T>
T Take(int fd) {
  T value;
  Check(read(fd, &value, sizeof value) == sizeof value, "the other process has gone");
  return value;
}

// ------------------------------------------------------------------------------------------------
// The child: clients

// What the child is asked to do; each is answered with one byte.
struct Order {
  enum Kind : std::uint32_t { kConnect, kRead, kEnd } kind = kEnd;
  std::uint32_t port = 0;    ///< Of kConnect.
  std::uint32_t count = 0;   ///< Of kConnect: clients.
  std::uint32_t bytes = 0;   ///< Of kRead: for each client.
  std::uint32_t target = 0;  ///< Of kConnect: bytes of a handshake that follows; 0: none.
};

class Clients {
 public:
  ~Clients() {
    for (const int fd : sockets_) close(fd);
    close(epoll_);
  }

  void Connect(const Order& order, const std::string& handshake) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<in_port_t>(order.port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (std::uint32_t i = 0; i < order.count; ++i) {
      const int fd = socket(AF_INET, SOCK_STREAM, 0);
      Check(fd >= 0 && connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0,
            "cannot connect");
      if (!handshake.empty()) ShakeHands(fd, handshake);
      sockets_.push_back(fd);
      epoll_event event{.events = EPOLLIN, .data = {.u32 = i}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }
  }

  void Read(std::size_t bytes) {
    std::vector<std::size_t> left(sockets_.size(), bytes);
    std::size_t waiting = sockets_.size();
    std::vector<epoll_event> events(1024);
    std::vector<char> buffer(64 * 1024);
    while (waiting > 0) {
      const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 60'000);
      Check(ready > 0, "bytes do not come");
      for (int i = 0; i < ready; ++i) {
        const std::uint32_t at = events[static_cast<std::size_t>(i)].data.u32;
        const ssize_t size = recv(sockets_[at], buffer.data(), buffer.size(), MSG_DONTWAIT);
        Check(size > 0 && static_cast<std::size_t>(size) <= left[at], "too many bytes, or an end");
        left[at] -= static_cast<std::size_t>(size);
        if (left[at] == 0) --waiting;
      }
    }
  }

 private:
  static void ShakeHands(int fd, const std::string& handshake) {
    Put(fd, handshake.data(), handshake.size());
    std::string answer;
    while (!answer.ends_with("\r\n\r\n")) {
      char byte;
      Check(recv(fd, &byte, 1, 0) == 1, "no answer to a handshake");
      answer += byte;
    }
    Check(answer.starts_with("HTTP/1.1 101"), "a handshake was refused");
  }

  const int epoll_ = epoll_create1(0);
  std::vector<int> sockets_;
};

int RunClients(int orders, int answers) {
  auto clients = std::make_unique<Clients>();
  while (true) {
    const auto order = Take<Order>(orders);
    if (order.kind == Order::kConnect) {
      std::string handshake(order.target, ' ');
      if (order.target > 0) {
        Check(read(orders, handshake.data(), handshake.size()) == order.target, "half an order");
      }
      clients = std::make_unique<Clients>();
      clients->Connect(order, handshake);
    } else if (order.kind == Order::kRead) {
      clients->Read(order.bytes);
    } else {
      return 0;
    }
    Put(answers, "x", 1);
  }
}

// ------------------------------------------------------------------------------------------------
// The parent: what is measured

struct Child {
  int orders = -1;
  int answers = -1;

  void Begin(const Order& order, const std::string& handshake = "") const {
    Put(orders, &order, sizeof order);
    if (!handshake.empty()) Put(orders, handshake.data(), handshake.size());
  }
  void Wait() const { Take<char>(answers); }
};

double CpuMs() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(use.ru_utime) + ms(use.ru_stime);
}

double SettledBytes() {
  malloc_trim(0);
  return static_cast<double>(ResidentBytes());
}

struct Figures {
  std::vector<double> ms;
  std::vector<double> cpu_ms;
  double bytes_each = 0;  ///< Of memory, idle.
};

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

template <class Tell>
void Rounds(const Child& child, std::uint32_t bytes, int rounds, const Tell& tell, Figures* out) {
  for (int round = 0; round < rounds; ++round) {
    child.Begin({.kind = Order::kRead, .bytes = bytes});
    const double cpu = CpuMs();
    const auto begin = Steady::now();
    tell(round);
    child.Wait();
    out->ms.push_back(std::chrono::duration<double, std::milli>(Steady::now() - begin).count());
    out->cpu_ms.push_back(CpuMs() - cpu);
  }
}

std::string Handshake(const std::string& service) {
  return "GET /v4/default/registry/microservices/" + service +
         "/watcher HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

// The bytes of one event on the wire: of every event, since all that changes keeps its length.
std::uint32_t FrameBytes(const std::string& address, const std::string& handshake,
                         const std::function<void(int)>& change) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<in_port_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  Check(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0, "cannot connect");
  Put(fd, handshake.data(), handshake.size());
  std::string bytes;
  char buffer[4096];
  const auto more = [&] {
    const ssize_t size = recv(fd, buffer, sizeof buffer, 0);
    Check(size > 0, "no event");
    bytes.append(buffer, static_cast<std::size_t>(size));
  };
  while (bytes.find("\r\n\r\n") == std::string::npos) more();
  bytes.erase(0, bytes.find("\r\n\r\n") + 4);
  change(0);
  while (bytes.size() < 4) more();
  Check(static_cast<unsigned char>(bytes[1]) == 126, "an event of another size");
  const std::uint32_t size =
      4 + static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[2]) * 256 +
                                     static_cast<unsigned char>(bytes[3]));
  close(fd);
  return size;
}

Figures Ours(const Child& child, std::uint32_t watchers, int rounds, std::uint32_t* frame_bytes) {
  auto engine = Engine::Open().value();
  Registry& registry = engine->registry();
  const ServiceId cart = registry.microservices().Register({.app_id = "b", .name = "cart"}).value();
  const InstanceId id = registry.instances().Register(cart, {.host = "h"}).value();
  registry.discovery().Find(cart, {.app_id = "b", .name = "cart"}).value();
  auto server = Server::Start(*engine, {.threads = 1, .register_self = false}).value();
  const std::string& address = server->addresses().front();
  const std::string handshake = Handshake(cart.str());
  const auto change = [&](int round) {
    const std::string filler(kFillerBytes, static_cast<char>('a' + round % 26));
    registry.instances().SetProperties(cart, id, {{"filler", filler}}).value();
  };
  *frame_bytes = FrameBytes(address, handshake, change);
  while (engine->metrics().watches > 0) sched_yield();

  Figures figures;
  const double before = SettledBytes();
  child.Begin(
      {.kind = Order::kConnect,
       .port = static_cast<std::uint32_t>(std::stoi(address.substr(address.rfind(':') + 1))),
       .count = watchers,
       .target = static_cast<std::uint32_t>(handshake.size())},
      handshake);
  child.Wait();
  Check(engine->metrics().watches == watchers, "not all are watching");
  figures.bytes_each = (SettledBytes() - before) / watchers;
  Rounds(child, *frame_bytes, rounds, change, &figures);
  return figures;
}

Figures Floor(const Child& child, std::uint32_t watchers, int rounds, std::uint32_t frame_bytes) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  Check(bind(listener, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 &&
            listen(listener, 4096) == 0 &&
            getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size) == 0,
        "cannot listen");
  child.Begin({.kind = Order::kConnect, .port = ntohs(at.sin_port), .count = watchers});
  std::vector<int> sockets;
  for (std::uint32_t i = 0; i < watchers; ++i) {
    const int fd = accept(listener, nullptr, nullptr);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockets.push_back(fd);
  }
  child.Wait();
  Figures figures;
  const std::string frame(frame_bytes, 'x');
  const auto tell = [&](int) {
    for (const int fd : sockets) {
      const ssize_t sent = send(fd, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      Check(sent == static_cast<ssize_t>(frame.size()), "a bare socket takes no more");
    }
  };
  Rounds(child, frame_bytes, rounds, tell, &figures);
  for (const int fd : sockets) close(fd);
  close(listener);
  return figures;
}

int Main(int argc, char** argv) {
  std::uint32_t watchers = 1'000;
  int rounds = 50;
  int turns = 3;
  bool json = false;
  CLI::App app("skep_fanout: one change told to many watchers, beside as many bare sockets");
  app.add_option("--watchers", watchers)->capture_default_str();
  app.add_option("--rounds", rounds, "Changes in each turn")->capture_default_str();
  app.add_option("--turns", turns, "Of ours and of the floor, by turns")->capture_default_str();
  app.add_flag("--json", json, "Print one line of JSON instead of a table");
  CLI11_PARSE(app, argc, argv);
  RaiseDescriptorLimit();
  const int cores = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));

  int orders[2];
  int answers[2];
  Check(pipe(orders) == 0 && pipe(answers) == 0, "no pipes");
  if (fork() == 0) {
    PinTo(cores - 1);
    close(orders[1]);
    return RunClients(orders[0], answers[1]);
  }
  PinTo(0);
  const Child child{orders[1], answers[0]};
  Figures ours;
  Figures floor;
  std::vector<double> ratios;  // Of each turn.
  std::uint32_t bytes = 0;
  for (int turn = 0; turn < turns; ++turn) {
    const Figures ours_now = Ours(child, watchers, rounds, &bytes);
    const Figures floor_now = Floor(child, watchers, rounds, bytes);
    ratios.push_back(Median(ours_now.ms) / Median(floor_now.ms));
    ours.ms.insert(ours.ms.end(), ours_now.ms.begin(), ours_now.ms.end());
    ours.cpu_ms.insert(ours.cpu_ms.end(), ours_now.cpu_ms.begin(), ours_now.cpu_ms.end());
    floor.ms.insert(floor.ms.end(), floor_now.ms.begin(), floor_now.ms.end());
    floor.cpu_ms.insert(floor.cpu_ms.end(), floor_now.cpu_ms.begin(), floor_now.cpu_ms.end());
    // The first turn's memory was nobody's before.
    if (turn == 0) ours.bytes_each = ours_now.bytes_each;
  }
  child.Begin({.kind = Order::kEnd});
  std::printf(json ? "{\"watchers\":%u,\"bytes\":%u,\"ours_ms\":%.3f,\"floor_ms\":%.3f,"
                     "\"ours_cpu_ms\":%.3f,\"floor_cpu_ms\":%.3f,\"memory\":%.0f,\"ratios\":["
                   : "%u watchers, %u bytes each: ours %.3f ms, floor %.3f ms; CPU %.3f ms, "
                     "floor %.3f ms; %.0f bytes of memory for each\n",
              watchers, bytes, Median(ours.ms), Median(floor.ms), Median(ours.cpu_ms),
              Median(floor.cpu_ms), ours.bytes_each);
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
