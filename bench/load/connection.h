// Connection: one socket of a load loop, the requests on the way on it, and how far the current
// answer has come.
//
// It must cost less than what it measures, and must not believe what it is told: every answer's
// status and length are compared with what the workload expects, the first on each connection byte
// by byte. Later bodies are counted in the kernel and not copied out (MSG_TRUNC). A wrong answer
// ends the process.
#ifndef SKEP_BENCH_LOAD_CONNECTION_H_
#define SKEP_BENCH_LOAD_CONNECTION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/chunked_body.h"
#include "bench/load/http_client.h"
#include "bench/load/workload.h"

namespace skep::bench {

class Connection {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Connects. The workload must outlive it, and so must `revisions`, which are those of its polls
  /// that are known. `owner` is the caller's, handed back as it is.
  Connection(const std::string& address, const Workload* workload,
             std::vector<std::string>* revisions, std::size_t owner);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }
  std::size_t owner() const { return owner_; }
  bool has_unsent() const { return !out_.empty(); }

  /// Puts a request behind those that are to be sent; its answer's time counts from `began`.
  void Add(std::size_t index, std::uint64_t serial, Time began);

  /// Sends what the socket takes; what is left has to wait for room.
  void Flush();

  /// Reads until there is nothing, and appends to `done` when the requests began whose answers are
  /// complete now.
  void Read(std::vector<char>* buffer, std::vector<Time>* done);

 private:
  struct Pending {
    std::size_t index;
    Time began;
  };

  bool ReadOnce(std::vector<char>* buffer, std::vector<Time>* done);
  std::size_t Room(std::size_t all) const;
  void Consume(std::string_view bytes, std::vector<Time>* done);
  bool TakeHead(std::string_view* bytes);
  void Begin(const AnswerHead& head);
  void LearnRevision(std::string_view head);
  bool TakeBody(std::string_view* bytes);
  void Compare(std::string_view part) const;
  void CheckSize(std::size_t size) const;
  void Complete(std::vector<Time>* done);
  const ExpectedAnswer& Expected() const;
  void Expect(bool right, std::string_view what) const;
  [[noreturn]] void Wrong(std::string_view what) const;
  std::string Asked() const;

  const std::string address_;
  const int fd_;
  const Workload& workload_;
  std::vector<std::string>& revisions_;
  const std::size_t owner_;
  std::string out_;
  std::deque<Pending> pending_;
  std::string head_;      ///< Of a header that came in pieces.
  bool in_body_ = false;  ///< The header of the current answer is complete.
  bool chunked_ = false;  ///< Its body comes in chunks; else body_left_ bytes are missing.
  std::size_t body_left_ = 0;
  std::size_t body_taken_ = 0;
  ChunkedBody chunks_;
  bool compared_once_ = false;
  const std::string* compare_ = nullptr;  ///< What the body of the current answer must be.
};

}  // namespace skep::bench

#endif  // SKEP_BENCH_LOAD_CONNECTION_H_
