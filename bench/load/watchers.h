// Watchers: WebSockets at whose other end a server tells of changes. They read what comes, answer
// pings, and count events.
//
// Thread-safety: none.
#ifndef SKEP_BENCH_LOAD_WATCHERS_H_
#define SKEP_BENCH_LOAD_WATCHERS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace skep::bench {

/// Takes the first frame off the front of `bytes`, as a server sends it: whole and not masked.
struct ServerFrame {
  enum class Kind { kNone, kText, kPing, kPong, kClose };
  Kind kind = Kind::kNone;  ///< None: it is not complete yet.
  std::string_view payload{};

  static ServerFrame TakeFrom(std::string_view* bytes);
};

/// The frame by which a client answers a ping.
std::string PongFrame(std::string_view payload);

class Watchers {
 public:
  /// Connects `count` of them, each by an upgrade of GET `target`.
  Watchers(const std::string& address, const std::string& target, std::size_t count);
  ~Watchers();
  Watchers(const Watchers&) = delete;
  Watchers& operator=(const Watchers&) = delete;

  /// Readable when there is something to take.
  int fd() const { return epoll_; }

  /// Reads what is there. Ends the process where a watcher was closed or told no event.
  void Take();

  std::uint64_t events() const { return events_; }

 private:
  struct Watcher {
    int fd;
    std::string in;
  };

  void Read(Watcher* watcher);
  void OnFrame(const Watcher& watcher, const ServerFrame& frame);

  const int epoll_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  std::vector<char> buffer_;
  std::uint64_t events_ = 0;
};

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_WATCHERS_H_
