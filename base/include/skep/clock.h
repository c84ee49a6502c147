/// Clock: an engine's time. The system's, or one that moves only when told.
///
/// Leases run on monotonic time, so no jump of the wall clock ends one; wall time is for time
/// stamps alone. An engine that is given no clock makes a SystemClock of its own.
///
/// With a ManualClock time stands still until Advance() is called, and Advance() returns only when
/// all that was due has happened, in the order of its due times:
///
///   auto clock = skep::ManualClock::Create();
///   auto engine = skep::Engine::Open({.clock = clock}).value();
///   ...
///   clock->Advance(120s);   // every lease that ends within is gone now
///
/// Thread-safety: all members of all clocks may be called from any thread.
#ifndef SKEP_CLOCK_H_
#define SKEP_CLOCK_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace skep {

using Millis = std::chrono::milliseconds;

/// Milliseconds since some fixed moment of this clock's; compared, never shown.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, Millis>;

/// Milliseconds since 1970-01-01T00:00Z.
using WallTime = std::chrono::sys_time<Millis>;

class Clock {
 public:
  /// Names one scheduled call. Zero names none.
  enum class TimerId : std::uint64_t { kNone = 0 };

  virtual ~Clock() = default;
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  /// Monotonic time; may be up to 10 ms behind, and is cheap for that.
  virtual MonotonicTime Now() const = 0;

  virtual WallTime WallNow() const = 0;

  /// True for a clock whose time moves only when told.
  virtual bool is_manual() const = 0;

  /// Calls `fn` once when Now() has reached `due`; at once, but never from within Schedule, where
  /// it is past.
  /// Threading: on the clock's own thread (SystemClock) or on the one that calls Advance
  /// (ManualClock); one call at a time. Locking: none held. `fn` may schedule and cancel; it must
  /// not block and not throw.
  virtual TimerId Schedule(MonotonicTime due, std::function<void()> fn) = 0;

  /// After it returns, the timer's function is not running and never will. Called from within that
  /// function it returns at once. Unknown and past ids are fine.
  virtual void Cancel(TimerId id) = 0;
};

/// The machine's time. Has one thread, started with the first timer and joined by the destructor.
class SystemClock {
 public:
  static std::shared_ptr<Clock> Create();
};

/// Time under the caller's control. Has no thread. Starts at 2024-01-01T00:00Z.
class ManualClock : public Clock {
 public:
  static std::shared_ptr<ManualClock> Create();

  /// Moves time forward and runs, on the calling thread and in due order, everything that becomes
  /// due, timers added on the way included. Of two calls at once the second waits. Negative: 0.
  virtual void Advance(std::chrono::nanoseconds by) = 0;
};

}  // namespace skep

#endif  // SKEP_CLOCK_H_
