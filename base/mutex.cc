#include "base/mutex.h"

namespace skep::base {
namespace {

// One or two microseconds. A sleep and a waking take longer.
constexpr int kSpins = 64;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");
#endif
}

}  // namespace

void Mutex::LockBusy() {
  for (int spin = 0; spin < kSpins; ++spin) {
    Pause();
    if (mu_.try_lock()) return;
  }
  mu_.lock();
}

}  // namespace skep::base
