/// Ack: what a write waits for before it returns. Written: what a write that yields an id returns.
///
/// Thread-safety: values.
#ifndef SKEP_ACK_H_
#define SKEP_ACK_H_

#include <utility>

#include "skep/revision.h"

namespace skep {

enum class Ack {
  kDurable,    ///< Visible to every reader, and durable. Without storage the same as kPublished.
  kPublished,  ///< Visible to every reader; Engine::WaitDurable tells when it is durable.
};

/// What a write that yields an id returns: the id, and the revision at which it holds.
template <class Id>
struct Written : Id {
  Written(Id id, Revision at) : Id(std::move(id)), revision(at) {}
  Revision revision;
};

}  // namespace skep

#endif  // SKEP_ACK_H_
