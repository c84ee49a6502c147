// Acked: what a public verb returns, once it is as durable as its caller has asked for.
#ifndef SKEP_STORAGE_ACKED_H_
#define SKEP_STORAGE_ACKED_H_

#include <utility>

#include "skep/ack.h"
#include "skep/result.h"
#include "skep/revision.h"
#include "storage/journal.h"

namespace skep::storage {

/// Waits with Ack::kDurable until `revision` is durable, or returns the error that keeps it from
/// being so. A null watermark, or Revision{}, has nothing to wait for.
template <class T>
Result<T> Acked(Watermark* watermark, Ack ack, Result<T> result, Revision revision) {
  if (watermark == nullptr || ack == Ack::kPublished || !revision) return result;
  if (Status durable = watermark->WaitDurable(revision); !durable.ok()) return durable.error();
  return result;
}

inline Revision RevisionOf(Revision revision) { return revision; }

template <class T>
Revision RevisionOf(const T& written) {
  return written.revision;
}

/// The same, for the revision of the result, or the one that its error rests on.
template <class T>
Result<T> Acked(Watermark* watermark, Ack ack, Result<T> result) {
  const Revision revision = result.ok() ? RevisionOf(*result) : result.error().rests_on();
  return Acked(watermark, ack, std::move(result), revision);
}

}  // namespace skep::storage

#endif  // SKEP_STORAGE_ACKED_H_
