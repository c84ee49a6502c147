// EventLoop: one thread of a server: its io_context, its listening sockets, its connections.
//
// Nothing here is shared between loops but ServerCounts and the handler. The thread runs Run();
// from other threads come PostStop, PostCut and what Inbox does.
#ifndef SKEP_SERVER_TRANSPORT_EVENT_LOOP_H_
#define SKEP_SERVER_TRANSPORT_EVENT_LOOP_H_

#include <array>
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "server/transport/connection.h"
#include "server/transport/limits.h"
#include "server/transport/load_meter.h"
#include "server/transport/stream_session.h"
#include "skep/clock.h"
#include "skep/server/options.h"

namespace skep::server {

/// What all loops of a server count together.
struct ServerCounts {
  std::atomic<std::size_t> connections{0};
};

/// Written by one loop, read by anybody.
struct LoopCounts {
  static void Add(std::atomic<std::uint64_t>& count, std::uint64_t by) {
    count.store(count.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }

  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> bytes_in{0};
  std::atomic<std::uint64_t> bytes_out{0};
  std::atomic<std::uint64_t> waiting_bytes{0};  ///< Goes up and down, as that of LoadMeter.
};

class EventLoop {
 public:
  /// All arguments must outlive the loop.
  EventLoop(const ServerOptions& options, const Clock& engine_clock, HttpHandler& handler,
            ServerCounts& server_counts);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Takes over a socket that listens already. REQUIRES: Run was not called.
  void AddListener(int listening_socket, bool v6);

  /// Serves until a stop has ended the last connection.
  void Run();

  /// Threading: any thread, while Run has not returned or will never be called.
  void PostStop();  ///< Accepts no more; closes each connection as soon as it owes no answer.
  void PostCut();   ///< After PostStop: closes all that are left.

  /// True if PostCut closed a connection that owed an answer. REQUIRES: Run has returned.
  bool has_cut() const { return has_cut_; }

  const LoopCounts& counts() const { return counts_; }

  // For connections, on the loop's thread.

  boost::asio::io_context& io() { return io_; }
  HttpHandler& handler() { return handler_; }
  const ServerOptions& options() const { return options_; }
  LoopCounts& mutable_counts() { return counts_; }
  const std::shared_ptr<Inbox>& inbox() const { return inbox_; }
  MonotonicTime EngineNow() const { return engine_clock_.Now(); }
  std::string_view date_field() const { return date_field_; }
  bool stopping() const { return stopping_; }

  ConnectionList& list(Connection::Phase phase) { return lists_[static_cast<std::size_t>(phase)]; }
  std::unique_ptr<Batch> LendBatch();
  void TakeBack(std::unique_ptr<Batch> batch);

  LoadMeter& load() { return load_; }

  ConnectionList& streams(StreamSession::Phase phase) {
    return streams_[static_cast<std::size_t>(phase)];
  }
  const std::shared_ptr<WakeBox>& wakes() const { return wakes_; }
  /// A connection's socket, which counts as one on.
  void AddStream(Socket socket, StreamKind kind, std::unique_ptr<StreamHandler> handler,
                 RealTime now);

  void OnConnectionClosed(Connection::Admission admission);
  void OnConnectionDeleted();

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                      boost::asio::io_context::executor_type>;
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;
  struct Listener {
    explicit Listener(Acceptor from) : acceptor(std::move(from)) {}
    Acceptor acceptor;
    Endpoint peer;        ///< Of the connection being accepted.
    bool paused = false;  ///< Out of descriptors; goes on when one is free again.
  };

  void Accept(Listener& listener);
  void OnAccept(Listener& listener, const boost::system::error_code& ec, Socket socket);
  void Admit(Socket socket, const Endpoint& peer);
  void ResumeAccept();
  void ArmTick();
  void OnTick();
  void TimeOut(Connection::Phase phase, std::chrono::milliseconds limit, RealTime now);
  void TimeOutRefused(RealTime now);
  void TimeOut(StreamSession::Phase phase, std::chrono::milliseconds limit, RealTime now);
  void DrainWakes();
  void RefreshDate();
  void DrainInbox();
  void BeginStop();
  void Cut();
  void EndIfDone();

  const ServerOptions& options_;
  const Clock& engine_clock_;
  HttpHandler& handler_;
  ServerCounts& server_counts_;
  LoopCounts counts_;

  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  Timer tick_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::shared_ptr<Inbox> inbox_;
  std::shared_ptr<WakeBox> wakes_;

  std::array<ConnectionList, Connection::kPhases> lists_;
  std::array<ConnectionList, StreamSession::kPhases> streams_;
  std::vector<std::unique_ptr<Batch>> free_batches_;
  std::size_t connections_ = 0;  ///< Not deleted yet.
  std::size_t refused_open_ = 0;
  LoadMeter load_;
  bool ticking_ = false;
  bool stopping_ = false;
  bool has_cut_ = false;
  std::time_t date_second_ = 0;
  std::string date_field_;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_EVENT_LOOP_H_
