// LoadMeter: how much of what one event loop may owe is owed now.
//
// Two things are measured, neither of which costs a request anything: the bytes of answers that
// wait for clients to read them, and how late the loop came to its last tick. The tick stands in
// line behind everything else that waits for the thread, so its delay is what a request waits.
//
// Thread-safety: none; the loop's thread only.
#ifndef SKEP_SERVER_TRANSPORT_LOAD_METER_H_
#define SKEP_SERVER_TRANSPORT_LOAD_METER_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace skep::server {

class LoadMeter {
 public:
  /// REQUIRES: both limits are above zero.
  LoadMeter(std::size_t waiting_bytes_max, std::chrono::milliseconds delay_max)
      : waiting_bytes_max_(waiting_bytes_max), delay_max_(delay_max) {}

  /// A connection had `before` bytes waiting and has `after` now.
  void ChangeWaitingBytes(std::size_t before, std::size_t after) {
    waiting_bytes_ += after - before;
  }

  /// The tick came so late; zero where the loop has gone idle.
  void NoteDelay(std::chrono::nanoseconds delay) {
    const auto late = std::max<std::chrono::nanoseconds::rep>(delay.count(), 0);
    delay_percent_ =
        Percent(static_cast<std::uint64_t>(late),
                static_cast<std::uint64_t>(std::chrono::nanoseconds(delay_max_).count()));
  }

  /// 0 to 100, of the limit that is nearer.
  std::uint8_t percent() const {
    if (waiting_bytes_ == 0) return delay_percent_;
    return std::max(delay_percent_, Percent(waiting_bytes_, waiting_bytes_max_));
  }

 private:
  static std::uint8_t Percent(std::uint64_t part, std::uint64_t whole) {
    if (part >= whole) return 100;
    return static_cast<std::uint8_t>(static_cast<double>(part) * 100 / static_cast<double>(whole));
  }

  const std::size_t waiting_bytes_max_;
  const std::chrono::milliseconds delay_max_;
  std::size_t waiting_bytes_ = 0;
  std::uint8_t delay_percent_ = 0;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_LOAD_METER_H_
