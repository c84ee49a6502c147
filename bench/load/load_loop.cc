#include "bench/load/load_loop.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <utility>

#include "bench/load/process_cpu.h"
#include "bench/support/die.h"

namespace skep::bench {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// Most of it is never touched: what is not compared is counted in the kernel.
constexpr std::size_t kBufferSize = 1024 * 1024;
constexpr std::chrono::seconds kSilenceMax{90};
// The kernel wakes a sleeper this much too late; what is due sooner is waited for awake.
constexpr std::chrono::microseconds kTooLateBy{80};

timespec ToTimespec(nanoseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {.tv_sec = seconds.count(), .tv_nsec = (time - seconds).count()};
}

}  // namespace

// The requests of one kind: connections with room for another one, and what is counted.
class LoadLoop::Stream {
 public:
  Stream(const std::string& address, const StreamOptions& options, std::size_t index)
      : options_(options), revisions_(options.workload->revisions) {
    for (std::size_t i = 0; i < options.connections; ++i) {
      connections_.push_back(
          std::make_unique<Connection>(address, options.workload, &revisions_, index));
    }
    for (std::size_t i = 0; i < options.pipeline; ++i) {
      for (const auto& connection : connections_) idle_.push_back(connection.get());
    }
    // Never the same again, not in a later run either.
    serial_ = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch() /
                                         nanoseconds(1));
  }

  const std::vector<std::unique_ptr<Connection>>& connections() const { return connections_; }
  std::uint64_t answers() const { return result_.latency_ns.count(); }
  bool on_the_way() const { return on_the_way_ > 0; }

  void Begin(Time begin, Time counted_from, Time end) {
    begin_ = begin;
    counted_from_ = counted_from;
    end_ = last_answer_ = end;
    result_ = {};
    if (options_.per_second > 0) {
      arrivals_.emplace(options_.per_second, options_.spacing, options_.seed);
    }
  }

  // When the next request begins: at once, if the loop is closed.
  Time next(Time now) const { return arrivals_.has_value() ? begin_ + arrivals_->next() : now; }

  // Whether a request will begin that does not wait for an answer.
  bool WaitsForTime(Time now) const { return !idle_.empty() && next(now) < end_; }

  bool Finished(Time now) const { return on_the_way_ == 0 && next(now) >= end_; }

  void SendDue(Time now) {
    Connection* filled = nullptr;
    while (!idle_.empty() && next(now) <= now && next(now) < end_) {
      Connection* connection = idle_.front();
      idle_.pop_front();
      if (filled != nullptr && filled != connection) filled->Flush();
      filled = connection;
      connection->Add(next_request_, serial_++, next(now));
      next_request_ = (next_request_ + 1) % options_.workload->size();
      ++on_the_way_;
      if (arrivals_.has_value()) arrivals_->Take();
    }
    if (filled != nullptr) filled->Flush();
  }

  // Requests that began then are answered.
  void OnAnswers(Connection* connection, const std::vector<Time>& begun, Time now) {
    on_the_way_ -= begun.size();
    for (const Time began : begun) {
      idle_.push_back(connection);
      if (began < counted_from_) continue;
      result_.latency_ns.Record(static_cast<std::uint64_t>((now - began).count()));
      last_answer_ = std::max(last_answer_, now);
    }
  }

  StreamResult TakeResult() {
    result_.elapsed = last_answer_ - counted_from_;
    return std::exchange(result_, {});
  }

 private:
  const StreamOptions options_;
  std::vector<std::string> revisions_;  ///< That the polls know.
  std::vector<std::unique_ptr<Connection>> connections_;
  std::deque<Connection*> idle_;  ///< Once for each request that it has room for.
  std::optional<Arrivals> arrivals_;
  Time begin_;
  Time counted_from_;
  Time end_;
  Time last_answer_;
  std::size_t next_request_ = 0;
  std::uint64_t serial_ = 0;
  std::size_t on_the_way_ = 0;
  StreamResult result_;
};

LoadLoop::LoadLoop(LoopOptions options)
    : options_(std::move(options)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      buffer_(kBufferSize),
      heard_at_(steady_clock::now()),
      told_at_(heard_at_) {
  prctl(PR_SET_TIMERSLACK, 1);
  for (std::size_t i = 0; i < options_.streams.size(); ++i) {
    streams_.push_back(std::make_unique<Stream>(options_.address, options_.streams[i], i));
    for (const auto& connection : streams_.back()->connections()) {
      // Edge-triggered: whoever is told reads and writes until nothing is left, and is told anew.
      Watch(connection->fd(), EPOLLIN | EPOLLOUT | EPOLLET, connection.get());
    }
  }
  if (options_.watchers != nullptr) Watch(options_.watchers->fd(), EPOLLIN, nullptr);
}

LoadLoop::~LoadLoop() { close(epoll_); }

void LoadLoop::Watch(int fd, std::uint32_t events, Connection* connection) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = connection;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) Die("cannot watch a socket");
}

LoopResult LoadLoop::Run(nanoseconds warm_up, nanoseconds measured) {
  const Time begin = steady_clock::now();
  const Time counted_from = begin + warm_up;
  const Time end = counted_from + measured;
  heard_at_ = begin;
  for (const auto& stream : streams_) stream->Begin(begin, counted_from, end);
  while (steady_clock::now() < counted_from) Turn();

  LoopResult result;
  const nanoseconds server_before = ServerCpu();
  const nanoseconds own_before = ProcessCpuTime(0);
  while (steady_clock::now() < end || !Finished()) Turn();
  result.own_cpu = ProcessCpuTime(0) - own_before;
  result.server_cpu = ServerCpu() - server_before;
  result.elapsed = steady_clock::now() - counted_from;
  for (const auto& stream : streams_) result.streams.push_back(stream->TakeResult());
  return result;
}

void LoadLoop::Turn() {
  const Time now = steady_clock::now();
  for (const auto& stream : streams_) stream->SendDue(now);
  const timespec wait = ToTimespec(WaitAt(now));
  std::array<epoll_event, 64> events;
  const int count =
      epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    OnEvents(event.events, static_cast<Connection*>(event.data.ptr));
  }
  const Time after = steady_clock::now();
  if (count > 0) heard_at_ = after;
  CheckSilence(after);
  TellProgress(after);
}

void LoadLoop::OnEvents(std::uint32_t events, Connection* connection) {
  if (connection == nullptr) return options_.watchers->Take();
  if (connection->has_unsent()) connection->Flush();
  if ((events & ~std::uint32_t{EPOLLOUT}) != 0) OnReadable(connection);
}

void LoadLoop::OnReadable(Connection* connection) {
  begun_.clear();
  connection->Read(&buffer_, &begun_);
  if (begun_.empty()) return;
  const Time now = steady_clock::now();
  Stream& stream = *streams_[connection->owner()];
  stream.OnAnswers(connection, begun_, now);
  stream.SendDue(now);
}

// How long nothing is to be sent, whatever is answered meanwhile.
nanoseconds LoadLoop::WaitAt(Time now) const {
  constexpr std::chrono::milliseconds kWaitMax{100};
  nanoseconds wait = kWaitMax;
  for (const auto& stream : streams_) {
    if (stream->WaitsForTime(now)) wait = std::min<nanoseconds>(wait, stream->next(now) - now);
  }
  return std::max<nanoseconds>(wait - kTooLateBy, nanoseconds(0));
}

bool LoadLoop::Finished() const {
  const Time now = steady_clock::now();
  return std::ranges::all_of(streams_, [now](const auto& stream) { return stream->Finished(now); });
}

void LoadLoop::CheckSilence(Time now) const {
  if (now - heard_at_ < kSilenceMax) return;
  if (std::ranges::any_of(streams_, [](const auto& stream) { return stream->on_the_way(); })) {
    Die("the server answers nothing for 90 s");
  }
}

void LoadLoop::TellProgress(Time now) {
  if (options_.progress == nullptr || now - told_at_ < std::chrono::seconds(1)) return;
  told_at_ = now;
  std::uint64_t answers = 0;
  for (const auto& stream : streams_) answers += stream->answers();
  options_.progress(answers);
}

nanoseconds LoadLoop::ServerCpu() const {
  return options_.pid != 0 ? ProcessCpuTime(options_.pid) : nanoseconds(0);
}

}  // namespace skep::bench
