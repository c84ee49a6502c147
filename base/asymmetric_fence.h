// A fence that costs one side nothing: whoever changes a structure seldom pays for all who use it
// often. A HeavyFence makes every thread of the process pass a full fence (membarrier(2)), so that
// the frequent side needs only to keep the compiler from reordering.
#ifndef SKEP_BASE_ASYMMETRIC_FENCE_H_
#define SKEP_BASE_ASYMMETRIC_FENCE_H_

namespace skep::base {

/// Whether the kernel offers it. False under ThreadSanitizer, which knows no fences. Where it is
/// false, both sides use sequentially consistent operations instead.
bool HasAsymmetricFence();

/// REQUIRES: HasAsymmetricFence().
void HeavyFence();

}  // namespace skep::base

#endif  // SKEP_BASE_ASYMMETRIC_FENCE_H_
