#include "server/transport/event_loop.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <ctime>
#include <utility>

namespace skep::server {
namespace {

using Clock = std::chrono::steady_clock;
using boost::system::error_code;
using Phase = Connection::Phase;

// Batches kept for reuse; each holds a few KB.
constexpr std::size_t kFreeBatchesMax = 64;

// How long a client that stopped sending pings may be silent before it gets one: so late that one
// that sends them each minute gets none, and in time for its answer.
std::chrono::milliseconds QuietMax(const ServerOptions& options) {
  return std::max(options.stream_silence_max - options.stream_ping_interval,
                  options.stream_silence_max / 2);
}

bool OutOfResources(const error_code& ec) {
  return ec == boost::system::errc::too_many_files_open ||
         ec == boost::system::errc::too_many_files_open_in_system ||
         ec == boost::system::errc::no_buffer_space || ec == boost::system::errc::not_enough_memory;
}

}  // namespace

// Posting comes from any thread; sockets are this thread's alone, so their locks are left out.
EventLoop::EventLoop(const ServerOptions& options, const skep::Clock& engine_clock,
                     HttpHandler& handler, ServerCounts& server_counts)
    : options_(options),
      engine_clock_(engine_clock),
      handler_(handler),
      server_counts_(server_counts),
      io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      work_(io_.get_executor()),
      tick_(io_),
      inbox_(std::make_shared<Inbox>([this] { boost::asio::post(io_, [this] { DrainInbox(); }); })),
      wakes_(
          std::make_shared<WakeBox>([this] { boost::asio::post(io_, [this] { DrainWakes(); }); })),
      load_(options.thread_outstanding_bytes_max, options.thread_delay_max) {
  RefreshDate();
}

EventLoop::~EventLoop() {
  inbox_->Close();
  wakes_->Close();
}

void EventLoop::AddListener(int listening_socket, bool v6) {
  const auto protocol = v6 ? boost::asio::ip::tcp::v6() : boost::asio::ip::tcp::v4();
  listeners_.push_back(
      std::make_unique<Listener>(Acceptor(io_.get_executor(), protocol, listening_socket)));
}

void EventLoop::Run() {
  for (const auto& listener : listeners_) Accept(*listener);
  io_.run();
  inbox_->Close();
  wakes_->Close();
}

void EventLoop::PostStop() {
  boost::asio::post(io_, [this] { BeginStop(); });
}

void EventLoop::PostCut() {
  boost::asio::post(io_, [this] { Cut(); });
}

// ------------------------------------------------------------------------------------------------
// Accepting

void EventLoop::Accept(Listener& listener) {
  listener.acceptor.async_accept(listener.peer,
                                 [this, &listener](const error_code& ec, Socket socket) {
                                   OnAccept(listener, ec, std::move(socket));
                                 });
}

void EventLoop::OnAccept(Listener& listener, const error_code& ec, Socket socket) {
  if (stopping_) return;
  if (OutOfResources(ec)) {
    listener.paused = true;
    ArmTick();
    return;
  }
  if (!ec) Admit(std::move(socket), listener.peer);
  Accept(listener);
}

void EventLoop::Admit(Socket socket, const Endpoint& peer) {
  LoopCounts::Add(counts_.accepted, 1);
  auto admission = Connection::Admission::kServe;
  if (server_counts_.connections.fetch_add(1, std::memory_order_relaxed) >=
      options_.connections_max) {
    server_counts_.connections.fetch_sub(1, std::memory_order_relaxed);
    admission = Connection::Admission::kRefuse;
    if (refused_open_ == kRefusedConnectionsMax) {
      LoopCounts::Add(counts_.refused, 1);
      return;  // The socket closes itself.
    }
    ++refused_open_;
  }
  ++connections_;
  ArmTick();
  (new Connection(*this, std::move(socket), peer, admission))->Start(Clock::now());
}

void EventLoop::ResumeAccept() {
  for (const auto& listener : listeners_) {
    if (std::exchange(listener->paused, false)) Accept(*listener);
  }
}

void EventLoop::OnConnectionClosed(Connection::Admission admission) {
  if (admission == Connection::Admission::kServe) {
    server_counts_.connections.fetch_sub(1, std::memory_order_relaxed);
  } else {
    --refused_open_;
  }
  if (!stopping_) ResumeAccept();
}

void EventLoop::OnConnectionDeleted() {
  --connections_;
  EndIfDone();
}

// ------------------------------------------------------------------------------------------------
// The tick

// An idle server has no tick, so that it wakes no processor.
void EventLoop::ArmTick() {
  if (ticking_) return;
  RefreshDate();
  ticking_ = true;
  tick_.expires_after(kTick);
  tick_.async_wait([this](const error_code& ec) {
    ticking_ = false;
    if (!ec) OnTick();
  });
}

void EventLoop::OnTick() {
  const RealTime now = Clock::now();
  load_.NoteDelay(now - tick_.expiry());
  TimeOut(Phase::kIdle, options_.idle_time_max, now);
  TimeOut(Phase::kIdleWarm, kWarmTime, now);
  TimeOut(Phase::kReading, options_.request_time_max, now);
  TimeOut(Phase::kWriting, options_.write_time_max, now);
  TimeOut(Phase::kLingering, kLingerTimeMax, now);
  TimeOut(StreamSession::Phase::kPinged, options_.stream_ping_interval, now);
  TimeOut(StreamSession::Phase::kQuiet, QuietMax(options_), now);
  TimeOut(StreamSession::Phase::kBlocked, options_.write_time_max, now);
  TimeOut(StreamSession::Phase::kEnding, kLingerTimeMax, now);
  if (refused_open_ > 0) TimeOutRefused(now);
  ResumeAccept();
  if (connections_ > 0) {
    ArmTick();
  } else {
    load_.NoteDelay({});
  }
}

void EventLoop::TimeOut(Phase phase, std::chrono::milliseconds limit, RealTime now) {
  ConnectionList& connections = list(phase);
  while (!connections.empty()) {
    auto* const first = static_cast<Connection*>(connections.front());
    if (now - first->since() < limit) return;
    first->OnTimeout(now);
  }
}

void EventLoop::TimeOut(StreamSession::Phase phase, std::chrono::milliseconds limit, RealTime now) {
  ConnectionList& sessions = streams(phase);
  while (!sessions.empty()) {
    auto* const first = static_cast<StreamSession*>(sessions.front());
    if (now - first->since() < limit) return;
    first->OnTimeout(now);
  }
}

void EventLoop::TimeOutRefused(RealTime now) {
  ConnectionList& connections = list(Phase::kReading);
  for (ListHook* at = connections.front(); !connections.is_end(at);) {
    auto* const connection = static_cast<Connection*>(std::exchange(at, at->next));
    if (connection->admission() == Connection::Admission::kRefuse &&
        now - connection->since() >= kRefusedTimeMax) {
      connection->OnTimeout(now);
    }
  }
}

void EventLoop::RefreshDate() {
  const std::time_t second = std::time(nullptr);
  if (second == date_second_) return;
  date_second_ = second;
  std::tm utc{};
  ::gmtime_r(&second, &utc);
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[48];
  const int size = std::snprintf(text, sizeof text, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                                 kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon],
                                 utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  date_field_.assign(text, static_cast<std::size_t>(size));
}

// ------------------------------------------------------------------------------------------------
// What connections borrow

std::unique_ptr<Batch> EventLoop::LendBatch() {
  if (free_batches_.empty()) return std::make_unique<Batch>(handler_, options_.header_bytes_max);
  std::unique_ptr<Batch> batch = std::move(free_batches_.back());
  free_batches_.pop_back();
  return batch;
}

void EventLoop::TakeBack(std::unique_ptr<Batch> batch) {
  if (free_batches_.size() == kFreeBatchesMax) return;
  batch->Reset();
  free_batches_.push_back(std::move(batch));
}

void EventLoop::DrainInbox() {
  for (InboxItem& item : inbox_->Take()) {
    Connection* const connection = item.link->connection;
    if (connection == nullptr) continue;
    if (item.reply.has_value()) {
      connection->TakeDeferredReply(std::move(*item.reply));
    } else {
      connection->Close();
    }
  }
}

// ------------------------------------------------------------------------------------------------
// Streams

void EventLoop::AddStream(Socket socket, StreamKind kind, std::unique_ptr<StreamHandler> handler,
                          RealTime now) {
  ++connections_;
  auto* const session = new StreamSession(*this, std::move(socket), kind, std::move(handler));
  session->Start(now);
  if (stopping_) session->BeginStop();
}

void EventLoop::DrainWakes() {
  for (const std::shared_ptr<StreamLink>& link : wakes_->Take()) {
    if (link->session != nullptr) link->session->OnWake();
  }
}

// ------------------------------------------------------------------------------------------------
// The end

void EventLoop::BeginStop() {
  if (std::exchange(stopping_, true)) return;
  for (const auto& listener : listeners_) {
    // Clients that the kernel has let in already may have sent their request.
    error_code ec;
    listener->acceptor.non_blocking(true, ec);
    while (!ec) {
      Socket socket = listener->acceptor.accept(listener->peer, ec);
      if (!ec) Admit(std::move(socket), listener->peer);
    }
    listener->acceptor.close(ec);
  }
  for (ConnectionList& connections : lists_) {
    for (ListHook* at = connections.front(); !connections.is_end(at);) {
      static_cast<Connection*>(std::exchange(at, at->next))->BeginStop();
    }
  }
  std::vector<StreamSession*> sessions;
  for (ConnectionList& list : streams_) {
    for (ListHook* at = list.front(); !list.is_end(at); at = at->next) {
      sessions.push_back(static_cast<StreamSession*>(at));
    }
  }
  for (StreamSession* session : sessions) session->BeginStop();
  EndIfDone();
}

void EventLoop::Cut() {
  for (ConnectionList& connections : lists_) {
    while (!connections.empty()) {
      auto* const connection = static_cast<Connection*>(connections.front());
      has_cut_ = has_cut_ || connection->owes_answer();
      connection->Close();
    }
  }
  for (ConnectionList& sessions : streams_) {
    while (!sessions.empty()) static_cast<StreamSession*>(sessions.front())->Close();
  }
}

void EventLoop::EndIfDone() {
  if (!stopping_ || connections_ > 0) return;
  work_.reset();
  tick_.cancel();
}

}  // namespace skep::server
